using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Hosting;

/// <summary>A verb of nodes that are no sub-processes.</summary>
/// <param name="Id">The node.</param>
/// <param name="Options">What the caller gave besides.</param>
public abstract record NodeVerbRequest(string Id, VerbOptions? Options) : VerbRequest(Id, Options)
{
    /// <inheritdoc/>
    public sealed override BambooException? Nowhere() => Refusals.NoNode(Id);

    internal sealed override Question QuestionOf(IVerbFacts facts, VerbCall call)
    {
        if (Refusals.NodeOf(facts.Definition, Id).Kind == NodeKind.SubProcess)
        {
            throw OfSubProcess();
        }

        CheckArguments();
        return Question.Of(Id, InputOf(call));
    }

    private protected virtual InvalidOperationVerbException OfSubProcess() => WrongKind("verb.wrong-type");

    private protected InvalidOperationVerbException WrongKind(string code) => new(code, $"can not use {Verb} for {Id}, a sub-process");

    private protected abstract NodeInput InputOf(VerbCall call);
}

/// <summary>The verb <c>pause_node_appoint</c>.</summary>
/// <param name="Id">The node.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record PauseNodeAppointRequest(string Id, VerbOptions? Options) : NodeVerbRequest(Id, Options)
{
    internal const string Name = "pause_node_appoint";

    private protected override string VerbName => Name;

    private protected override NodeInput InputOf(VerbCall call) => new PauseNode(call);
}

/// <summary>The verb <c>resume_node_appoint</c>, now or at the time of the options.</summary>
/// <param name="Id">The node.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record ResumeNodeAppointRequest(string Id, VerbOptions? Options) : NodeVerbRequest(Id, Options)
{
    internal const string Name = "resume_node_appoint";

    private protected override string VerbName => Name;

    private protected override NodeInput InputOf(VerbCall call) => new ResumeNode(call, Options?.At);
}

/// <summary>The verb <c>retry_node</c>, of a sub-process too.</summary>
/// <param name="Id">The node.</param>
/// <param name="Data">The inputs that replace all others; null where they stay.</param>
/// <param name="LoopRetry">Whether only the failed round of the node's own loop is to run again.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record RetryNodeRequest(string Id, MapValue? Data, bool LoopRetry, VerbOptions? Options) : VerbRequest(Id, Options)
{
    internal const string Name = "retry_node";

    private protected override string VerbName => Name;

    /// <inheritdoc/>
    public override BambooException? Nowhere() => Refusals.NoNode(Id);

    /// <inheritdoc/>
    public override void CheckArguments()
    {
        if (Data is not null)
        {
            Arguments.Keepable(Data, "data");
        }
    }

    internal override Question QuestionOf(IVerbFacts facts, VerbCall call)
    {
        CheckArguments();
        RawInputs? inputs = Data is null ? null : RetryInputs.Parse(Data, facts.Definition.Settings.Expressions);
        return Refusals.NodeOf(facts.Definition, Id).Kind != NodeKind.SubProcess ? Question.Of(Id, new RetryNode(call, inputs, LoopRetry))
            : LoopRetry ? throw new InvalidOperationVerbException("retry.not-loop-retryable", $"node({Id}) is not loop retryable")
            : Question.Of(new RetrySubProcess(call, Id, inputs));
    }
}

/// <summary>The verb <c>skip_node</c>.</summary>
/// <param name="Id">The node.</param>
/// <param name="LoopSkip">Whether only the failed round of the node's own loop is to be passed over.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record SkipNodeRequest(string Id, bool LoopSkip, VerbOptions? Options) : NodeVerbRequest(Id, Options)
{
    internal const string Name = "skip_node";

    private protected override string VerbName => Name;

    private protected override InvalidOperationVerbException OfSubProcess() =>
        new("skip.not-skippable", $"can not skip {Id}, a sub-process");

    private protected override NodeInput InputOf(VerbCall call) => new SkipNode(call, LoopSkip);
}

/// <summary>The verb <c>skip_exclusive_gateway</c>.</summary>
/// <param name="Id">The gateway.</param>
/// <param name="FlowId">The flow to go on along.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record SkipExclusiveGatewayRequest(string Id, string FlowId, VerbOptions? Options) : NodeVerbRequest(Id, Options)
{
    internal const string Name = "skip_exclusive_gateway";

    private protected override string VerbName => Name;

    /// <inheritdoc/>
    public override void CheckArguments() => Arguments.Given(FlowId, "flow_id");

    private protected override InvalidOperationVerbException OfSubProcess() => WrongKind("skip.wrong-type");

    private protected override NodeInput InputOf(VerbCall call) => new SkipExclusiveGateway(call, FlowId);
}

/// <summary>The verb <c>skip_conditional_parallel_gateway</c>.</summary>
/// <param name="Id">The gateway.</param>
/// <param name="FlowIds">The flows to go on along.</param>
/// <param name="ConvergeGatewayId">Where their branches meet.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record SkipConditionalParallelGatewayRequest(
    string Id, IReadOnlyList<string> FlowIds, string ConvergeGatewayId, VerbOptions? Options) : NodeVerbRequest(Id, Options)
{
    internal const string Name = "skip_conditional_parallel_gateway";

    private protected override string VerbName => Name;

    /// <inheritdoc/>
    public override void CheckArguments()
    {
        foreach (string flow in Arguments.Given(FlowIds, "flow_ids"))
        {
            Arguments.Given(flow, "a flow of flow_ids");
        }

        Arguments.Given(ConvergeGatewayId, "converge_gateway_id");
    }

    private protected override InvalidOperationVerbException OfSubProcess() => WrongKind("skip.wrong-type");

    private protected override NodeInput InputOf(VerbCall call) =>
        new SkipConditionalParallelGateway(call, [.. FlowIds], ConvergeGatewayId);
}

/// <summary>The verb <c>forced_fail_activity</c>.</summary>
/// <param name="Id">The activity.</param>
/// <param name="ExData">What is recorded as the error.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record ForcedFailActivityRequest(string Id, string ExData, VerbOptions? Options) : NodeVerbRequest(Id, Options)
{
    internal const string Name = "forced_fail_activity";

    private protected override string VerbName => Name;

    /// <inheritdoc/>
    public override void CheckArguments() => Arguments.Given(ExData, "ex_data");

    private protected override InvalidOperationVerbException OfSubProcess() => WrongKind("verb.not-an-activity");

    private protected override NodeInput InputOf(VerbCall call) => new ForceFail(call, ExData);
}

/// <summary>The verb <c>update_node_outputs</c>.</summary>
/// <param name="Id">The node.</param>
/// <param name="Outputs">The outputs that are set.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record UpdateNodeOutputsRequest(string Id, MapValue Outputs, VerbOptions? Options) : NodeVerbRequest(Id, Options)
{
    internal const string Name = "update_node_outputs";

    private protected override string VerbName => Name;

    /// <inheritdoc/>
    public override void CheckArguments() => Arguments.Keepable(Outputs, "outputs");

    private protected override NodeInput InputOf(VerbCall call) => new UpdateOutputs(call, Outputs);
}

/// <summary>The verb <c>callback</c>.</summary>
/// <param name="Id">The node.</param>
/// <param name="Version">The version that the caller names.</param>
/// <param name="Data">The data.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record CallbackRequest(string Id, string Version, Value Data, VerbOptions? Options) : VerbRequest(Id, Options)
{
    internal const string Name = "callback";

    private protected override string VerbName => Name;

    /// <inheritdoc/>
    public override BambooException? Nowhere() => Refusals.NotWaiting(Id);

    /// <inheritdoc/>
    public override void CheckArguments()
    {
        Arguments.Given(Version, "version");
        Arguments.Keepable(Data, "data");
    }

    internal override Question QuestionOf(IVerbFacts facts, VerbCall call)
    {
        if (!facts.Definition.Nodes.TryGetValue(Id, out NodeDefinition? node) || node.Kind == NodeKind.SubProcess)
        {
            throw Refusals.NoCallback(facts, Id, Version);
        }

        CheckArguments();
        return Question.Of(Id, new Callback(call, Version, Data, facts.IsJoiningAt(Id)));
    }
}
