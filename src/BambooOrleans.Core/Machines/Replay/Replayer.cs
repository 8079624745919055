using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Events;

namespace BambooOrleans.Core.Machines.Replay;

/// <summary>
/// Makes the states of a pipeline's machines again from their facts alone: nothing is decided, each fact is applied to what the
/// facts before it made. What comes out has to equal what is stored; see <see cref="StateComparison"/>.
/// </summary>
/// <param name="definition">The pipeline.</param>
public sealed class Replayer(PipelineDefinition definition)
{
    private readonly Dictionary<string, NodeState> _nodes = new(StringComparer.Ordinal);
    private readonly List<NodeHistory> _histories = [];

    /// <summary>The pipeline.</summary>
    public PipelineDefinition Definition { get; } = definition;

    /// <summary>The state of the pipeline machine so far.</summary>
    public PipelineState Pipeline { get; } = PipelineMachine.InitialState(definition);

    /// <summary>The states of the node machines so far, by node; those that have one.</summary>
    public IReadOnlyDictionary<string, NodeState> Nodes => _nodes;

    /// <summary>The history entries so far, of nodes and of sub-processes, in the order in which they were added.</summary>
    public IReadOnlyList<NodeHistory> Histories => _histories;

    /// <summary>Applies the facts of one turn.</summary>
    /// <param name="machine">The node whose machine it was, or the root pipeline.</param>
    /// <param name="events">The facts, in order.</param>
    /// <exception cref="ReplayException">A fact does not fit what came before it, or the machine: no run leaves such a journal.</exception>
    public void Apply(string machine, IReadOnlyList<MachineEvent> events)
    {
        foreach (MachineEvent change in events)
        {
            try
            {
                Apply(machine, change);
            }
            catch (Exception failure) when (failure is not ReplayException)
            {
                // Facts take for granted what came before them: where it is not there, anything can be thrown.
                throw new ReplayException(
                    machine, $"the fact {change.GetType().Name} does not fit what came before it: {failure.Message}", failure);
            }
        }
    }

    private void Apply(string machine, MachineEvent change)
    {
        switch (change)
        {
            case PipelineEvent fact when machine == Definition.RootId:
                fact.Apply(Pipeline);
                if (fact is ScopeHistoryAdded ended)
                {
                    _histories.Add(ended.Entry);
                }

                break;
            case NodeEvent fact when Definition.Nodes.ContainsKey(machine):
                if (fact.ChangesState)
                {
                    if (!_nodes.TryGetValue(machine, out NodeState? state))
                    {
                        _nodes[machine] = state = new NodeState();
                    }

                    Check(machine, fact, state);
                    fact.Apply(state);
                }

                if (fact is NodeHistoryAdded added)
                {
                    _histories.Add(added.Entry);
                }

                break;
            default:
                throw new ReplayException(machine, $"the fact {change.GetType().Name} is none of this machine");
        }
    }

    // The end of a poll says all that its beginning did, so that a beginning that is missing would not show in the state.
    private static void Check(string machine, NodeEvent fact, NodeState state)
    {
        if (fact is NodePolled or NodeEnded { EndsPoll: true } && state.Phase != NodePhase.Polling && state.HeldOutcome is null)
        {
            throw new ReplayException(machine, $"the fact {fact.GetType().Name} ends a poll or callback that did not begin");
        }
    }
}

/// <summary>A journal cannot be applied: it is not what a run left.</summary>
/// <param name="machine">The machine whose turn it is.</param>
/// <param name="message">What is wrong.</param>
/// <param name="innerException">What was thrown.</param>
public sealed class ReplayException(string machine, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The machine whose turn it is.</summary>
    public string Machine { get; } = machine;
}
