using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Effects;

/// <summary>
/// Something a machine wants done. A closed set: each case hands itself to a method of <see cref="IEffectHandler"/>, so that
/// a host that forgets one does not compile.
/// </summary>
public abstract record Effect
{
    private protected Effect()
    {
    }

    /// <summary>Hands the effect to the handler's method for its case.</summary>
    public abstract void Perform(IEffectHandler handler);
}

/// <summary>What a host must be able to do.</summary>
public interface IEffectHandler
{
    /// <summary>Delivers an input to a node machine of the same root pipeline.</summary>
    void Perform(TellNode effect);

    /// <summary>Delivers an input to the pipeline machine of the same root pipeline.</summary>
    void Perform(TellPipeline effect);

    /// <summary>Computes the lazy variables of a slice, and answers <see cref="Hydrated"/> or <see cref="ScopeHydrated"/>.</summary>
    void Perform(Hydrate effect);

    /// <summary>Runs a component's execution with its hooks, and answers <see cref="Executed"/>.</summary>
    void Perform(ExecuteComponent effect);

    /// <summary>Runs a component's poll or callback with its hooks, and answers <see cref="Polled"/>.</summary>
    void Perform(PollComponent effect);

    /// <summary>Runs an executable end event, and answers <see cref="EndEventRan"/>.</summary>
    void Perform(RunEndEvent effect);

    /// <summary>Sees to it that the node is told <see cref="TimerFired"/> at or after a time; replaces the node's timer.</summary>
    void Perform(SetTimer effect);

    /// <summary>Sees to it that the pipeline is told <see cref="ScopeTimerFired"/> at or after a time.</summary>
    void Perform(SetScopeTimer effect);

    /// <summary>Runs a component's hooks around a verb. What they do to the data is not kept.</summary>
    void Perform(RunVerbHooks effect);

    /// <summary>Cancels user code whose answer is no longer wanted.</summary>
    void Perform(CancelUserCode effect);

    /// <summary>Answers a caller.</summary>
    void Perform(Reply effect);
}

/// <summary>Deliver an input to a node machine.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Input">The input.</param>
public sealed record TellNode(string NodeId, NodeInput Input) : Effect
{
    /// <inheritdoc/>
    public override void Perform(IEffectHandler handler) => handler.Perform(this);
}

/// <summary>Deliver an input to the pipeline machine.</summary>
/// <param name="Input">The input.</param>
public sealed record TellPipeline(PipelineInput Input) : Effect
{
    /// <inheritdoc/>
    public override void Perform(IEffectHandler handler) => handler.Perform(this);
}

/// <summary>Compute the lazy variables of a slice of context.</summary>
/// <param name="Id">The node or sub-process that needs it.</param>
/// <param name="IsScope">Whether it is a sub-process.</param>
/// <param name="Version">The version of the attempt.</param>
/// <param name="Slice">The slice.</param>
public sealed record Hydrate(
    string Id, bool IsScope, string Version, IReadOnlyDictionary<string, ContextEntry> Slice) : Effect
{
    /// <inheritdoc/>
    public override void Perform(IEffectHandler handler) => handler.Perform(this);
}

/// <summary>What a component call needs to know.</summary>
/// <param name="Node">The node.</param>
/// <param name="Version">The version of the attempt.</param>
/// <param name="Loop">The node's loop.</param>
/// <param name="InnerLoop">The node's inner loop.</param>
/// <param name="PassesFailureOver">Whether a failure will be passed over, so that the fail hook is left out.</param>
/// <param name="LeavesOnSuccess">Whether success leaves the node, so that the finish hook runs after an execution.</param>
/// <param name="LeavesOnFailure">Whether a failure that is passed over leaves the node.</param>
public sealed record ComponentCall(
    NodeDefinition Node, string Version, int Loop, int InnerLoop, bool PassesFailureOver, bool LeavesOnSuccess, bool LeavesOnFailure);

/// <summary>Run a component's execution.</summary>
/// <param name="Call">The call.</param>
/// <param name="Inputs">The rendered inputs.</param>
/// <param name="IsRecovery">Whether the same attempt ran before in a process that died.</param>
public sealed record ExecuteComponent(ComponentCall Call, MapValue Inputs, bool IsRecovery) : Effect
{
    /// <inheritdoc/>
    public override void Perform(IEffectHandler handler) => handler.Perform(this);
}

/// <summary>Run a component's poll or callback.</summary>
/// <param name="Call">The call.</param>
/// <param name="Kind">How the node is scheduled.</param>
/// <param name="Times">How many polls and callbacks were handled before.</param>
/// <param name="Inputs">The inputs as they were left.</param>
/// <param name="Outputs">The outputs as they were left.</param>
/// <param name="CallbackData">The callback's data; null for a poll.</param>
public sealed record PollComponent(
    ComponentCall Call, ScheduleKind Kind, int Times, MapValue Inputs, MapValue Outputs, Value? CallbackData) : Effect
{
    /// <inheritdoc/>
    public override void Perform(IEffectHandler handler) => handler.Perform(this);
}

/// <summary>Run an executable end event.</summary>
/// <param name="Node">The node.</param>
/// <param name="Version">The version of the attempt.</param>
public sealed record RunEndEvent(NodeDefinition Node, string Version) : Effect
{
    /// <inheritdoc/>
    public override void Perform(IEffectHandler handler) => handler.Perform(this);
}

/// <summary>Tell the node that its time has come, at or after a time.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Version">The version of the attempt that waits.</param>
/// <param name="Due">When.</param>
public sealed record SetTimer(string NodeId, string Version, DateTimeOffset Due) : Effect
{
    /// <inheritdoc/>
    public override void Perform(IEffectHandler handler) => handler.Perform(this);
}

/// <summary>Answer a caller.</summary>
/// <param name="Request">The caller's request.</param>
/// <param name="Error">Why it was refused; null where it was carried out.</param>
public sealed record Reply(long Request, BambooException? Error) : Effect
{
    /// <inheritdoc/>
    public override void Perform(IEffectHandler handler) => handler.Perform(this);
}

/// <summary>Cancel the user code of a node's attempt: its answer is no longer wanted.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Version">The version of the attempt.</param>
public sealed record CancelUserCode(string NodeId, string Version) : Effect
{
    /// <inheritdoc/>
    public override void Perform(IEffectHandler handler) => handler.Perform(this);
}

/// <summary>Tell the pipeline that the time of a scope has come, at or after a time.</summary>
/// <param name="ScopeId">The root pipeline or sub-process.</param>
/// <param name="Due">When.</param>
public sealed record SetScopeTimer(string ScopeId, DateTimeOffset Due) : Effect
{
    /// <inheritdoc/>
    public override void Perform(IEffectHandler handler) => handler.Perform(this);
}

/// <summary>The verbs that components have hooks around.</summary>
public enum VerbHook
{
    /// <summary><c>retry_node</c>.</summary>
    Retry,

    /// <summary><c>skip_node</c>.</summary>
    Skip,

    /// <summary><c>pause_node_appoint</c>.</summary>
    Pause,

    /// <summary><c>forced_fail_activity</c>.</summary>
    ForcedFail,

    /// <summary><c>callback</c>.</summary>
    Callback,
}

/// <summary>Run a component's hooks before and after a verb, one after the other, on a copy of the data.</summary>
/// <param name="Hook">The verb.</param>
/// <param name="Call">The node and its attempt.</param>
/// <param name="Inputs">The recorded inputs.</param>
/// <param name="Outputs">The recorded outputs.</param>
/// <param name="CallbackData">Of a callback: its data.</param>
public sealed record RunVerbHooks(VerbHook Hook, ComponentCall Call, MapValue Inputs, MapValue Outputs, Value? CallbackData) : Effect
{
    /// <inheritdoc/>
    public override void Perform(IEffectHandler handler) => handler.Perform(this);
}
