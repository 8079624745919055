using System.Text.Json.Serialization;
using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Core.Machines.Inputs;

/// <summary>Something a node machine is told. A closed set: each case hands itself to the machine's method for it.</summary>
/// <remarks>The names below travel between processes of different versions: a case may be added, but none renamed.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "input")]
[JsonDerivedType(typeof(Enter), "enter")]
[JsonDerivedType(typeof(AskedAgain), "asked-again")]
[JsonDerivedType(typeof(Hydrated), "hydrated")]
[JsonDerivedType(typeof(Executed), "executed")]
[JsonDerivedType(typeof(Polled), "polled")]
[JsonDerivedType(typeof(EndEventRan), "end-event-ran")]
[JsonDerivedType(typeof(TimerFired), "timer-fired")]
[JsonDerivedType(typeof(Callback), "callback")]
[JsonDerivedType(typeof(RetryNode), "retry-node")]
[JsonDerivedType(typeof(SkipNode), "skip-node")]
[JsonDerivedType(typeof(SkipExclusiveGateway), "skip-exclusive-gateway")]
[JsonDerivedType(typeof(SkipConditionalParallelGateway), "skip-conditional-parallel-gateway")]
[JsonDerivedType(typeof(ForceFail), "force-fail")]
[JsonDerivedType(typeof(PauseNode), "pause-node")]
[JsonDerivedType(typeof(ResumeNode), "resume-node")]
[JsonDerivedType(typeof(AskedAsPipeline), "asked-as-pipeline")]
[JsonDerivedType(typeof(SetTimersAgain), "set-timers-again")]
[JsonDerivedType(typeof(UpdateOutputs), "update-outputs")]
[JsonDerivedType(typeof(CancelNodeResume), "cancel-node-resume")]
public abstract record NodeInput
{
    private protected NodeInput()
    {
    }

    internal abstract void Accept(NodeMachine machine, Turn turn);
}

/// <summary>A token has come to the node. Told again by a pipeline that does not know how far the node is.</summary>
/// <param name="Token">The token.</param>
/// <param name="Step">The token's step.</param>
/// <param name="Attempt">The attempt within the step, from 1.</param>
/// <param name="Run">The run of the scope that the node stands in.</param>
/// <param name="Inputs">The node's raw inputs.</param>
/// <param name="Slice">The part of the context that the node refers to, directly or not.</param>
public sealed record Enter(
    string Token, long Step, int Attempt, int Run, RawInputs Inputs, IReadOnlyDictionary<string, ContextEntry> Slice) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>
/// A token sleeps or is held at the node, and its pipeline asks whether a verb has moved the node on since: what it then
/// told may have been lost.
/// </summary>
/// <param name="Token">The token.</param>
/// <param name="Step">The token's step.</param>
public sealed record AskedAgain(string Token, long Step) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The slice that the node needs is hydrated.</summary>
/// <param name="Version">The version of the attempt it was for.</param>
/// <param name="Values">The values by bare name; null where hydration failed.</param>
/// <param name="Error">Why it failed.</param>
public sealed record Hydrated(string Version, IReadOnlyDictionary<string, Value>? Values, string? Error) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>What a component's call came to. Outputs hold <c>_result</c>, <c>_loop</c> and <c>_inner_loop</c> already.</summary>
/// <param name="IsSuccess">Whether it succeeded.</param>
/// <param name="ContextOutputs">The outputs as they go to the context.</param>
/// <param name="Inputs">The inputs as they are recorded.</param>
/// <param name="Outputs">The outputs as they are recorded: the same object where they are those that go to the context.</param>
[JsonConverter(typeof(CallOutcomeJson))]
public sealed record CallOutcome(bool IsSuccess, MapValue ContextOutputs, MapValue Inputs, MapValue Outputs);

/// <summary>A component's execution has ended.</summary>
/// <param name="Version">The version of the attempt it was for.</param>
/// <param name="Outcome">What it came to.</param>
/// <param name="Schedule">How the node goes on after success.</param>
/// <param name="CallbackWithin">How long it waits for callbacks; null for no limit.</param>
public sealed record Executed(string Version, CallOutcome Outcome, ScheduleKind Schedule, TimeSpan? CallbackWithin = null) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>A component's poll or callback has ended.</summary>
/// <param name="Version">The version of the attempt it was for.</param>
/// <param name="Outcome">What it came to.</param>
/// <param name="IsDone">Whether the component said that its schedule is done.</param>
/// <param name="NextAfter">Of a poll that is not done: how long to wait before the next.</param>
/// <param name="Times">How many polls and callbacks had been handled before it, so that it is taken once; null where that is not said.</param>
public sealed record Polled(string Version, CallOutcome Outcome, bool IsDone, TimeSpan NextAfter, int? Times = null) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>An executable end event has ended.</summary>
/// <param name="Version">The version of the attempt it was for.</param>
/// <param name="Error">Why it failed; null where it succeeded.</param>
public sealed record EndEventRan(string Version, string? Error) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The node's timer has come due.</summary>
/// <param name="Version">The version of the attempt that set it.</param>
public sealed record TimerFired(string Version) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>callback</c>.</summary>
/// <param name="Call">The call.</param>
/// <param name="Version">The version that the caller names.</param>
/// <param name="Data">The data.</param>
/// <param name="IsJoining">Whether a token sleeps at the node because it waits for those that it forked.</param>
public sealed record Callback(VerbCall Call, string Version, Value Data, bool IsJoining = false) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>retry_node</c>, of a node that is no sub-process.</summary>
/// <param name="Call">The call.</param>
/// <param name="Inputs">The inputs that replace all others; null where they stay.</param>
/// <param name="IsLoopRetry">Whether only the failed round of the node's own loop is to run again.</param>
public sealed record RetryNode(VerbCall Call, RawInputs? Inputs, bool IsLoopRetry) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>skip_node</c>.</summary>
/// <param name="Call">The call.</param>
/// <param name="IsLoopSkip">Whether only the failed round of the node's own loop is to be passed over.</param>
public sealed record SkipNode(VerbCall Call, bool IsLoopSkip) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>skip_exclusive_gateway</c>.</summary>
/// <param name="Call">The call.</param>
/// <param name="FlowId">The flow to go on along.</param>
public sealed record SkipExclusiveGateway(VerbCall Call, string FlowId) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>skip_conditional_parallel_gateway</c>.</summary>
/// <param name="Call">The call.</param>
/// <param name="FlowIds">The flows to go on along.</param>
/// <param name="ConvergeGatewayId">Where their branches meet; the gateway's own.</param>
public sealed record SkipConditionalParallelGateway(VerbCall Call, IReadOnlyList<string> FlowIds, string ConvergeGatewayId) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>forced_fail_activity</c>.</summary>
/// <param name="Call">The call.</param>
/// <param name="ExData">What is recorded as the error.</param>
public sealed record ForceFail(VerbCall Call, string ExData) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>pause_node_appoint</c>.</summary>
/// <param name="Call">The call.</param>
public sealed record PauseNode(VerbCall Call) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>resume_node_appoint</c>.</summary>
/// <param name="Call">The call.</param>
/// <param name="At">When to carry it out; null for now.</param>
public sealed record ResumeNode(VerbCall Call, DateTimeOffset? At = null) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>A verb of pipelines was asked of a node that is none: it is refused.</summary>
/// <param name="Call">The call.</param>
public sealed record AskedAsPipeline(VerbCall Call) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>Set again whatever timers the node needs: told after a restart to nodes at which no token has to be told that it is there.</summary>
public sealed record SetTimersAgain : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>update_node_outputs</c>.</summary>
/// <param name="Call">The call.</param>
/// <param name="Outputs">The outputs that are set.</param>
public sealed record UpdateOutputs(VerbCall Call, MapValue Outputs) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>Takes back a resume of the node that was appointed for a time.</summary>
/// <param name="Call">The call.</param>
public sealed record CancelNodeResume(VerbCall Call) : NodeInput
{
    internal override void Accept(NodeMachine machine, Turn turn) => machine.On(this, turn);
}
