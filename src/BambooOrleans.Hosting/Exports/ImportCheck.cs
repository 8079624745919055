using System.Text.Json;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>Everything that is checked of an exported pipeline before anything of it is stored.</summary>
/// <param name="check">What makes definitions.</param>
/// <param name="registry">The user code that there is.</param>
public sealed class ImportCheck(SubmissionCheck check, ComponentRegistry registry)
{
    /// <summary>Checks an exported pipeline.</summary>
    /// <param name="export">The pipeline.</param>
    /// <param name="goesOn">Whether it is to go on here where it is unfinished, which needs the user code that it names.</param>
    /// <returns>Every id in it, to be claimed.</returns>
    /// <exception cref="PipelineFileException">It is not what an engine kept (code <c>export.damaged</c>).</exception>
    /// <exception cref="UnknownCodeException">It is unfinished, and names user code that is not registered here.</exception>
    public IReadOnlyCollection<string> Check(PipelineExport export, bool goesOn)
    {
        ArgumentNullException.ThrowIfNull(export);
        PipelineDefinition definition;
        LoadedPipeline loaded;
        try
        {
            definition = check.Compile(export.Stored);
            CheckKeys(export, definition);
            loaded = LoadedPipeline.Load(export.Stored, definition);
            foreach (StoredHistory history in export.Histories)
            {
                MachineJson.ReadHistory(history.Entry.Payload.Span);
            }

            foreach (JournalRow row in export.Journal)
            {
                if (row.Turns < 1 || JournalRows.Turns(row).Count() != row.Turns)
                {
                    throw PipelineFile.Damaged($"the journal row at position {row.Position} has not {row.Turns} turns");
                }
            }
        }
        catch (Exception failure) when (failure is not PipelineFileException)
        {
            // The checksum was right, so it was not written by an engine; whatever the readers of records stumble over then.
            throw PipelineFile.Damaged($"it holds what no engine keeps: {failure.Message}", failure);
        }

        // One that is revoked and keeps tokens may be over, or have user code running that its states do not show.
        bool isOver = Quiescence.IsOver(loaded.State, definition.RootId, id => loaded.Nodes.GetValueOrDefault(id)?.State);
        bool fits = export.ArchivedTime is null ? loaded.State.Tokens.Count > 0 : isOver;
        if (!fits || !loaded.State.Scopes.ContainsKey(definition.RootId))
        {
            throw PipelineFile.Damaged("its tokens do not fit whether it is finished");
        }

        if (goesOn && !isOver)
        {
            UnknownCode.Check(definition, registry);
        }

        return new HashSet<string>([definition.RootId, .. definition.Nodes.Keys], StringComparer.Ordinal);
    }

    // What a store would refuse would fail a batch that others share.
    private static void CheckKeys(PipelineExport export, PipelineDefinition definition)
    {
        if (definition.RootId != export.Stored.RootId)
        {
            throw PipelineFile.Damaged($"its tree is of {definition.RootId}, not of {export.Stored.RootId}");
        }

        NodeStateNames.Parse(export.State);
        HashSet<(RecordKind, string)> records = [];
        foreach (StoredRecord record in export.Stored.Records)
        {
            Arguments.CheckText(record.Key, "the key");
            bool isKnown = record.Kind switch
            {
                RecordKind.Scope => definition.Scopes.ContainsKey(record.Key),
                RecordKind.Node or RecordKind.Data or RecordKind.RawInputs => definition.Nodes.ContainsKey(record.Key),
                _ => true,
            };
            if (!isKnown || !records.Add((record.Kind, record.Key)))
            {
                throw PipelineFile.Damaged($"the {record.Kind} record {record.Key} is twice there, or of nothing in the tree");
            }
        }

        HashSet<(string, long)> histories = [];
        foreach (StoredHistory history in export.Histories)
        {
            if (!definition.Nodes.ContainsKey(history.NodeId) || !histories.Add((history.NodeId, history.Entry.Sequence)))
            {
                throw PipelineFile.Damaged($"history entry {history.Entry.Sequence} of {history.NodeId} is twice there, or of nothing in the tree");
            }
        }

        foreach (string id in definition.Nodes.Keys.Append(definition.RootId))
        {
            Arguments.CheckText(id, "the id");
        }
    }
}
