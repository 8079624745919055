using BambooOrleans.Core.Machines;

namespace BambooOrleans.Hosting;

/// <summary>Tries a verb on copies of a pipeline's machines.</summary>
public static class DryRuns
{
    /// <summary>What a verb would decide and want done.</summary>
    /// <param name="pipeline">The pipeline machine; it is not changed.</param>
    /// <param name="node">Gives a node machine; none is changed.</param>
    /// <param name="question">The question to a machine.</param>
    /// <param name="turn">A turn that has begun.</param>
    /// <exception cref="BambooException">Why it would be refused.</exception>
    public static VerbOutcome Try(PipelineMachine pipeline, Func<string, NodeMachine> node, Question question, Turn turn)
    {
        var dryRun = new DryRun(pipeline, node);
        if (question.Node is not null)
        {
            dryRun.Try(question.NodeId!, question.Node, turn);
        }
        else
        {
            dryRun.Try(question.Pipeline!, turn);
        }

        return dryRun.Refusal is { } refusal
            ? throw refusal
            : new VerbOutcome(
                true,
                [.. dryRun.Turns.Select((tried, index) => new JournalTurn(
                    index + 1, pipeline.Definition.RootId, tried.MachineId, MachineJson.ToValue(tried.Events)))],
                dryRun.Effects);
    }
}
