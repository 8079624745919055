using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines;

/// <summary>
/// Tries a verb on copies of a pipeline's machines, up to where user code, time or a caller would come in, and tells what it
/// would cause. The machines themselves are not touched.
/// </summary>
public sealed class DryRun : IEffectHandler
{
    private readonly PipelineMachine _pipeline;
    private readonly Func<string, NodeMachine> _original;
    private readonly Dictionary<string, NodeMachine> _copies = new(StringComparer.Ordinal);
    private readonly Queue<(string? NodeId, NodeInput? Node, PipelineInput? Pipeline)> _tells = new();
    private readonly List<(string MachineId, IReadOnlyList<MachineEvent> Events)> _turns = [];
    private readonly List<string> _effects = [];
    private BambooException? _refusal;

    /// <summary>Prepares a dry run.</summary>
    /// <param name="pipeline">The pipeline machine.</param>
    /// <param name="nodeOf">Gives the machine of a node.</param>
    public DryRun(PipelineMachine pipeline, Func<string, NodeMachine> nodeOf)
    {
        _pipeline = new PipelineMachine(pipeline.Definition, pipeline.State.Copy());
        _original = nodeOf;
    }

    /// <summary>The facts of each turn, in order, by the machine that decided them.</summary>
    public IReadOnlyList<(string MachineId, IReadOnlyList<MachineEvent> Events)> Turns => _turns;

    /// <summary>What would be done outside the machines, in order, in words.</summary>
    public IReadOnlyList<string> Effects => _effects;

    /// <summary>Why the verb would be refused; null where it would be carried out.</summary>
    public BambooException? Refusal => _refusal;

    /// <summary>Tries an input for a node.</summary>
    public void Try(string nodeId, NodeInput input, Turn turn)
    {
        _tells.Enqueue((nodeId, input, null));
        Drain(turn);
    }

    /// <summary>Tries an input for the pipeline.</summary>
    public void Try(PipelineInput input, Turn turn)
    {
        _tells.Enqueue((null, null, input));
        Drain(turn);
    }

    void IEffectHandler.Perform(TellNode effect) => _tells.Enqueue((effect.NodeId, effect.Input, null));

    void IEffectHandler.Perform(TellPipeline effect) => _tells.Enqueue((null, null, effect.Input));

    void IEffectHandler.Perform(Hydrate effect) => _effects.Add($"compute the lazy variables that {effect.Id} needs");

    void IEffectHandler.Perform(ExecuteComponent effect) =>
        _effects.Add($"run the component {effect.Call.Node.Code} of {effect.Call.Node.Id}");

    void IEffectHandler.Perform(PollComponent effect) => _effects.Add(
        effect.CallbackData is null ? $"poll {effect.Call.Node.Id}" : $"hand the callback to {effect.Call.Node.Id}");

    void IEffectHandler.Perform(RunEndEvent effect) => _effects.Add($"run the end event {effect.Node.Code} of {effect.Node.Id}");

    void IEffectHandler.Perform(SetTimer effect) => _effects.Add($"wake {effect.NodeId} at {ApiTime.Text(effect.Due)}");

    void IEffectHandler.Perform(SetScopeTimer effect) => _effects.Add($"wake {effect.ScopeId} at {ApiTime.Text(effect.Due)}");

    void IEffectHandler.Perform(RunVerbHooks effect) => _effects.Add($"run the hooks of {effect.Call.Node.Id} around the verb");

    void IEffectHandler.Perform(CancelUserCode effect) => _effects.Add($"cancel what runs for {effect.NodeId}");

    void IEffectHandler.Perform(Reply effect) => _refusal ??= effect.Error;

    private void Drain(Turn turn)
    {
        while (_tells.TryDequeue(out (string? NodeId, NodeInput? Node, PipelineInput? Pipeline) tell))
        {
            turn.Begin(turn.Now);
            string machineId = tell.NodeId ?? _pipeline.Definition.RootId;
            if (tell.Node is not null)
            {
                CopyOf(tell.NodeId!).Handle(tell.Node, turn);
            }
            else
            {
                _pipeline.Handle(tell.Pipeline!, turn);
            }

            if (turn.Events.Count > 0)
            {
                _turns.Add((machineId, [.. turn.Events]));
            }

            foreach (Effect effect in turn.Effects.ToList())
            {
                effect.Perform(this);
            }
        }
    }

    private NodeMachine CopyOf(string nodeId)
    {
        if (!_copies.TryGetValue(nodeId, out NodeMachine? copy))
        {
            _copies[nodeId] = copy = _original(nodeId).Copy();
        }

        return copy;
    }
}
