using System.Text.Json;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Replay;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>What came of replaying a pipeline's journal beside its stored state.</summary>
/// <param name="RootId">The root pipeline.</param>
/// <param name="Turns">How many turns its journal has.</param>
/// <param name="Machines">Its machines, the root pipeline's first; empty where there is a fault.</param>
/// <param name="Fault">Why the journal cannot be replayed; null where it can.</param>
public sealed record AuditReport(string RootId, int Turns, IReadOnlyList<MachineComparison> Machines, string? Fault)
{
    /// <summary>Whether the journal gives exactly what is stored.</summary>
    public bool IsEqual => Fault is null && Machines.All(machine => machine.Difference is null);
}

/// <summary>The auditor: makes the states of a pipeline's machines from its journal, and compares them with those that are stored.</summary>
public static class PipelineAudit
{
    /// <summary>Audits a pipeline.</summary>
    /// <param name="export">Everything kept of it, in one committed state.</param>
    /// <param name="definition">The pipeline; <see cref="SubmissionCheck"/> makes it.</param>
    /// <exception cref="JsonException">A stored record cannot be read.</exception>
    public static AuditReport Run(PipelineExport export, PipelineDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(export);
        ArgumentNullException.ThrowIfNull(definition);
        var replayer = new Replayer(definition);
        int turns = 0;
        foreach (JournalRow row in export.Journal)
        {
            long position = row.Position;
            try
            {
                using JsonDocument document = JsonDocument.Parse(row.Payload, new JsonDocumentOptions { MaxDepth = ValueJson.MaxDepth + 16 });
                foreach (JsonElement turn in document.RootElement.EnumerateArray())
                {
                    replayer.Apply(turn.GetProperty("machine").GetString()!, MachineJson.ReadEvents(turn.GetProperty("events")));
                    position++;
                    turns++;
                }
            }
            catch (ReplayException fault)
            {
                return Faulty($"the turn of {fault.Machine} at position {position}: {fault.Message}");
            }
            catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or NotSupportedException)
            {
                return Faulty($"the turn at position {position} cannot be read: {fault.Message}");
            }
        }

        LoadedPipeline stored = LoadedPipeline.Load(export.Stored, definition);
        return new AuditReport(
            export.Stored.RootId,
            turns,
            StateComparison.Compare(
                replayer,
                stored.State,
                stored.Nodes.ToDictionary(node => node.Key, node => node.Value.State, StringComparer.Ordinal),
                export.Histories.Select(history => MachineJson.ReadHistory(history.Entry.Payload.Span))),
            null);

        AuditReport Faulty(string fault) => new(export.Stored.RootId, turns, [], fault);
    }
}
