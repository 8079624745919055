namespace BambooOrleans.Pipelines;

/// <summary>
/// One pipeline as its author wrote it: events, activities, gateways, flows and data. Read from JSON by
/// <see cref="PipelineTreeReader"/> or made by <c>BambooOrleans.Building</c>.
/// </summary>
/// <remarks>
/// The typed members are a view; <see cref="Source"/> is the JSON itself, so that what goes in comes out unchanged,
/// members this engine does not know included. All dictionaries keep the order of the JSON.
/// </remarks>
public sealed record PipelineTree
{
    /// <summary>The pipeline's id; of a sub-process, the id of its activity.</summary>
    public required string Id { get; init; }

    /// <summary>Where the pipeline starts.</summary>
    public required TreeEvent StartEvent { get; init; }

    /// <summary>Where the pipeline ends.</summary>
    public required TreeEvent EndEvent { get; init; }

    /// <summary>The service activities and sub-processes by id.</summary>
    public required IReadOnlyDictionary<string, TreeActivity> Activities { get; init; }

    /// <summary>The gateways by id.</summary>
    public required IReadOnlyDictionary<string, TreeGateway> Gateways { get; init; }

    /// <summary>The flows by id.</summary>
    public required IReadOnlyDictionary<string, TreeFlow> Flows { get; init; }

    /// <summary>The pipeline's variables and outputs.</summary>
    public required TreeData Data { get; init; }

    /// <summary>The JSON that this tree was read from.</summary>
    public required MapValue Source { get; init; }

    /// <summary>The pipeline's name; null where it has none.</summary>
    public string? Name => Source.TryGetValue("name", out Value? name) && name is TextValue text ? text.Value : null;

    /// <summary>The start event, activities, gateways and end event, in this order.</summary>
    public IEnumerable<TreeNode> Nodes =>
        [StartEvent, .. Activities.Values, .. Gateways.Values, EndEvent];

    /// <summary>The tree as JSON text, as it was read.</summary>
    public string ToJson(bool indented = false) => ValueJson.ToText(Source, indented);
}

/// <summary>What every node of a tree has.</summary>
public abstract record TreeNode
{
    /// <summary>The node's id, unique in the whole engine.</summary>
    public required string Id { get; init; }

    /// <summary>The node's type, one of <see cref="NodeTypes"/>, or the code of an executable end event.</summary>
    public required string Type { get; init; }

    /// <summary>The node's name, empty where it has none.</summary>
    public required string Name { get; init; }

    /// <summary>The ids of the flows that lead here.</summary>
    public required IReadOnlyList<string> Incoming { get; init; }

    /// <summary>The ids of the flows that lead away, in order.</summary>
    public required IReadOnlyList<string> Outgoing { get; init; }
}

/// <summary>A start or an end event.</summary>
public sealed record TreeEvent : TreeNode;

/// <summary>A service activity or a sub-process.</summary>
public abstract record TreeActivity : TreeNode;

/// <summary>An activity that runs a component.</summary>
public sealed record TreeServiceActivity : TreeActivity
{
    /// <summary>Whether a failure of the component is passed over and the pipeline goes on.</summary>
    public required bool ErrorIgnorable { get; init; }

    /// <summary>Whether an operator may skip the node when it has failed.</summary>
    public required bool Skippable { get; init; }

    /// <summary>Whether an operator may retry the node when it has failed.</summary>
    public required bool Retryable { get; init; }

    /// <summary>The code of the component.</summary>
    public required string ComponentCode { get; init; }

    /// <summary>The version of the component; <c>legacy</c> where the tree names none.</summary>
    public required string ComponentVersion { get; init; }

    /// <summary>The component's inputs by name.</summary>
    public required IReadOnlyDictionary<string, TreeVariable> Inputs { get; init; }

    /// <summary>How the node loops by itself; null where it does not.</summary>
    public required TreeLoopConfig? LoopConfig { get; init; }
}

/// <summary>An activity that runs a nested pipeline.</summary>
public sealed record TreeSubProcess : TreeActivity
{
    /// <summary>What is put into the sub-process's context when it is entered, by context key.</summary>
    public required IReadOnlyDictionary<string, TreeVariable> Params { get; init; }

    /// <summary>The nested pipeline.</summary>
    public required PipelineTree Pipeline { get; init; }
}

/// <summary>A gateway of any type.</summary>
public sealed record TreeGateway : TreeNode
{
    /// <summary>Of exclusive and conditional parallel gateways: the condition of each outgoing flow, by flow id, in order.</summary>
    public required IReadOnlyDictionary<string, string> Conditions { get; init; }

    /// <summary>The flow that is taken when no condition is met; null where there is none.</summary>
    public required string? DefaultFlow { get; init; }

    /// <summary>The member <c>extra_info</c>; empty where there is none.</summary>
    public required MapValue ExtraInfo { get; init; }

    /// <summary>Of parallel gateways: the member <c>converge_gateway_id</c>, where the tree has it. Validation finds it anew.</summary>
    public required string? ConvergeGatewayId { get; init; }
}

/// <summary>A connection from one node to another.</summary>
/// <param name="Id">The flow's id.</param>
/// <param name="Source">The id of the node it leaves.</param>
/// <param name="Target">The id of the node it enters.</param>
/// <param name="IsDefault">The member <c>is_default</c>, which has no meaning for the engine.</param>
public sealed record TreeFlow(string Id, string Source, string Target, bool IsDefault);

/// <summary>The variables, outputs and pre-rendered keys of a pipeline.</summary>
public sealed record TreeData
{
    /// <summary>The variables by context key (<c>${name}</c>), in order.</summary>
    public required IReadOnlyDictionary<string, TreeVariable> Inputs { get; init; }

    /// <summary>The context keys that are the pipeline's outputs.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>The context keys that the start event renders once.</summary>
    public required IReadOnlyList<string> PreRenderKeys { get; init; }
}

/// <summary>How a variable's value is to be taken.</summary>
public enum TreeVariableType
{
    /// <summary>As it is.</summary>
    Plain,

    /// <summary>Its templates are rendered.</summary>
    Splice,

    /// <summary>Its templates are rendered, and registered code computes the value from it.</summary>
    Lazy,
}

/// <summary>One variable of a pipeline, input of a component, or parameter of a sub-process.</summary>
public sealed record TreeVariable
{
    /// <summary>How the value is to be taken.</summary>
    public required TreeVariableType Type { get; init; }

    /// <summary>The value as it is written.</summary>
    public required Value Value { get; init; }

    /// <summary>Of a lazy variable: the code of what computes it.</summary>
    public string? CustomType { get; init; }

    /// <summary>The node outputs that fill this variable; empty where none does.</summary>
    public IReadOnlyList<NodeOutputSource> Sources { get; init; } = [];

    /// <summary>Whether a variable that node outputs fill has its value before they do (<c>need_initialization</c>).</summary>
    public bool NeedInitialization { get; init; }

    /// <summary>Whether templates are rendered at all; false only where the tree says so (<c>need_render</c>).</summary>
    public bool NeedRender { get; init; } = true;

    /// <summary>Whether the value is masked wherever it is shown (<c>secret</c>).</summary>
    public bool IsSecret { get; init; }
}

/// <summary>An output of a node that fills a variable.</summary>
/// <param name="NodeId">The id of the node.</param>
/// <param name="OutputKey">The name of its output.</param>
public sealed record NodeOutputSource(string NodeId, string OutputKey);

/// <summary>How a service activity loops by itself (<c>loop_config</c> with <c>enable</c>).</summary>
public sealed record TreeLoopConfig
{
    /// <summary>How many times the node runs; null where the tree does not say.</summary>
    public required int? LoopTimes { get; init; }

    /// <summary>Whether a failed round is passed over.</summary>
    public required bool FailSkip { get; init; }

    /// <summary>Whether an operator may retry the failed round.</summary>
    public required bool Retryable { get; init; }

    /// <summary>Whether an operator may skip the failed round.</summary>
    public required bool Skippable { get; init; }

    /// <summary>The context key that collects the outputs of all rounds.</summary>
    public required string OutputsKey { get; init; }
}
