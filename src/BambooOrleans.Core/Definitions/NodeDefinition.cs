using BambooOrleans.Core.Expressions;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Definitions;

/// <summary>The kinds of nodes that machines tell apart.</summary>
public enum NodeKind
{
    /// <summary>Runs a component.</summary>
    ServiceActivity,

    /// <summary>Runs a nested pipeline.</summary>
    SubProcess,

    /// <summary>Takes one branch.</summary>
    ExclusiveGateway,

    /// <summary>Takes every branch at once.</summary>
    ParallelGateway,

    /// <summary>Takes, at once, every branch whose condition is met.</summary>
    ConditionalParallelGateway,

    /// <summary>Where the branches of a parallel gateway meet.</summary>
    ConvergeGateway,

    /// <summary>Where a pipeline starts.</summary>
    EmptyStartEvent,

    /// <summary>Where a pipeline ends.</summary>
    EmptyEndEvent,

    /// <summary>Where a pipeline ends after running user code.</summary>
    ExecutableEndEvent,
}

/// <summary>One node of a pipeline as the machines need it: checked, connected and with its templates parsed.</summary>
public sealed record NodeDefinition
{
    /// <summary>The node's id.</summary>
    public required string Id { get; init; }

    /// <summary>What kind of node it is.</summary>
    public required NodeKind Kind { get; init; }

    /// <summary>Its name, empty where it has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>The id of the root pipeline or sub-process it stands in.</summary>
    public required string ScopeId { get; init; }

    /// <summary>The ids of the root pipeline and of the sub-processes around the node, root first.</summary>
    public required IReadOnlyList<string> ScopeStack { get; init; }

    /// <summary>Target nodes by outgoing flow, in order; empty for end events.</summary>
    public required IReadOnlyDictionary<string, string> Targets { get; init; }

    /// <summary>The target of the first flow; empty for end events.</summary>
    public required string FirstTarget { get; init; }

    /// <summary>Whether an operator may skip it.</summary>
    public required bool CanSkip { get; init; }

    /// <summary>Whether an operator may retry it.</summary>
    public required bool CanRetry { get; init; }

    /// <summary>Of an activity: the code of its component. Of an executable end event: its code.</summary>
    public string Code { get; init; } = "";

    /// <summary>Of an activity: the version of its component.</summary>
    public string ComponentVersion { get; init; } = "";

    /// <summary>Of an activity: whether a failure is passed over.</summary>
    public bool ErrorIgnorable { get; init; }

    /// <summary>Of an activity: how it loops by itself; null where it does not.</summary>
    public TreeLoopConfig? Loop { get; init; }

    /// <summary>Of an activity or sub-process: its inputs or params as the tree has them.</summary>
    public RawInputs Inputs { get; init; } = RawInputs.Empty;

    /// <summary>Of an activity or sub-process: the inputs or params that are secret by what the tree marks.</summary>
    public IReadOnlyCollection<string> SecretInputs { get; init; } = [];

    /// <summary>Of an activity or sub-process: which of its outputs fill which context keys.</summary>
    public IReadOnlyDictionary<string, string> OutputKeys { get; init; } = EmptyKeys;

    /// <summary>Of exclusive and conditional parallel gateways: the conditions in order.</summary>
    public IReadOnlyList<ConditionDefinition> Conditions { get; init; } = [];

    /// <summary>Of exclusive and conditional parallel gateways: where the default flow leads; null where there is none.</summary>
    public string? DefaultTarget { get; init; }

    /// <summary>Of an exclusive gateway: its own strategy; null where the engine's holds.</summary>
    public ExclusiveGatewayStrategy? Strategy { get; init; }

    /// <summary>Of parallel gateways: the gateway where the branches meet.</summary>
    public string ConvergeGatewayId { get; init; } = "";

    /// <summary>Of a start event: the context keys that it renders once; null where it renders none.</summary>
    public IReadOnlyList<string>? PreRenderKeys { get; init; }

    /// <summary>Of an end event: the context keys that are the outputs of the pipeline it ends, each once, in order.</summary>
    public IReadOnlyList<string> PipelineOutputs { get; init; } = [];

    /// <summary>The context keys that the node's own templates refer to, without what those refer to in turn.</summary>
    public required IReadOnlyCollection<string> References { get; init; }

    /// <summary>Whether the node goes round again after round number <paramref name="innerLoop"/> (from 1).</summary>
    public bool ContinuesLoop(int innerLoop) => Loop?.LoopTimes is int times && innerLoop < times;

    /// <summary>Where a finished round leads: the node itself while its own loop goes on, or the first target.</summary>
    public string NextInLoop(int innerLoop) => ContinuesLoop(innerLoop) ? Id : FirstTarget;

    private static readonly Dictionary<string, string> EmptyKeys = [];
}

/// <summary>The condition of one outgoing flow.</summary>
/// <param name="FlowId">The flow.</param>
/// <param name="Evaluate">The condition as it is written.</param>
/// <param name="Target">Where the flow leads.</param>
/// <param name="Template">The condition, parsed for rendering.</param>
public sealed record ConditionDefinition(string FlowId, string Evaluate, string Target, Template Template);
