using System.Text.Json.Serialization;
using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Core.Machines.Inputs;

/// <summary>Something a pipeline machine is told. A closed set: each case hands itself to the machine's method for it.</summary>
/// <remarks>The names below travel between processes of different versions: a case may be added, but none renamed.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "input")]
[JsonDerivedType(typeof(Start), "start")]
[JsonDerivedType(typeof(Drive), "drive")]
[JsonDerivedType(typeof(NodeReported), "node-reported")]
[JsonDerivedType(typeof(ScopeHydrated), "scope-hydrated")]
[JsonDerivedType(typeof(NodeReady), "node-ready")]
[JsonDerivedType(typeof(NodeResumed), "node-resumed")]
[JsonDerivedType(typeof(PausePipeline), "pause-pipeline")]
[JsonDerivedType(typeof(ResumePipeline), "resume-pipeline")]
[JsonDerivedType(typeof(RevokePipeline), "revoke-pipeline")]
[JsonDerivedType(typeof(RetrySubProcess), "retry-sub-process")]
[JsonDerivedType(typeof(UpdateContext), "update-context")]
[JsonDerivedType(typeof(ScopeTimerFired), "scope-timer-fired")]
[JsonDerivedType(typeof(CancelPipelineResume), "cancel-pipeline-resume")]
public abstract record PipelineInput
{
    private protected PipelineInput()
    {
    }

    internal abstract void Accept(PipelineMachine machine, Turn turn);
}

/// <summary>Start the pipeline. Told once, when it is submitted.</summary>
/// <param name="Request">The caller's request.</param>
public sealed record Start(long Request) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>Say again whatever is owed: told after a restart.</summary>
public sealed record Drive : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>What a node's attempt came to.</summary>
public enum NodeOutcome
{
    /// <summary>The node is finished; the token goes on.</summary>
    Finished,

    /// <summary>The node failed; the token sleeps there until an operator acts.</summary>
    Failed,

    /// <summary>The node could not be entered in the state it is in; the token sleeps there (observed).</summary>
    NotEntered,

    /// <summary>The node is paused by appointment; the token is held before it.</summary>
    Held,
}

/// <summary>A node tells what an attempt came to. Told again to a pipeline that may not have heard.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Token">The token that stands there.</param>
/// <param name="Step">The token's step.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Report">What it came to.</param>
public sealed record NodeReported(string NodeId, string Token, long Step, int Attempt, NodeReport Report) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The slice that a sub-process's params need is hydrated.</summary>
/// <param name="ScopeId">The sub-process.</param>
/// <param name="Version">The version of the attempt it was for.</param>
/// <param name="Values">The values by bare name; null where hydration failed.</param>
/// <param name="Error">Why it failed.</param>
public sealed record ScopeHydrated(
    string ScopeId, string Version, IReadOnlyDictionary<string, Value>? Values, string? Error) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>A node is ready to be entered again, after a retry or the end of an appointed pause.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Token">The token that stands there.</param>
/// <param name="Step">The token's step.</param>
/// <param name="Attempt">The attempt that is to come.</param>
/// <param name="Inputs">Raw inputs that replace the node's; null where they stay.</param>
/// <param name="Retry">What kind of retry it is; null for the end of a pause.</param>
/// <param name="Failure">Of a retry: how the attempt before it failed; taken where that was lost.</param>
public sealed record NodeReady(
    string NodeId, string Token, long Step, int Attempt, RawInputs? Inputs, RetryKind? Retry, NodeReport? Failure = null) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>How much of a node's own loop a retry runs again.</summary>
public enum RetryKind
{
    /// <summary>All of it: the collected rounds are cleared.</summary>
    Whole,

    /// <summary>The failed round: the last of the collected rounds is dropped.</summary>
    Round,
}

/// <summary>A node that goes on after a pause, or after it was loaded, wants to be told again that the token is there.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Token">The token that stands there.</param>
/// <param name="Step">The token's step.</param>
public sealed record NodeResumed(string NodeId, string Token, long Step) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>pause_pipeline</c>.</summary>
/// <param name="Call">The call.</param>
/// <param name="ScopeId">The root pipeline or sub-process.</param>
public sealed record PausePipeline(VerbCall Call, string ScopeId) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>resume_pipeline</c>.</summary>
/// <param name="Call">The call.</param>
/// <param name="ScopeId">The root pipeline or sub-process.</param>
/// <param name="At">When to carry it out; null for now.</param>
public sealed record ResumePipeline(VerbCall Call, string ScopeId, DateTimeOffset? At = null) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>revoke_pipeline</c>.</summary>
/// <param name="Call">The call.</param>
/// <param name="ScopeId">The root pipeline.</param>
public sealed record RevokePipeline(VerbCall Call, string ScopeId) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verbs <c>retry_subprocess</c> and <c>retry_node</c>, of a sub-process.</summary>
/// <param name="Call">The call.</param>
/// <param name="ScopeId">The sub-process.</param>
/// <param name="Inputs">The params that replace all others; null where they stay.</param>
public sealed record RetrySubProcess(VerbCall Call, string ScopeId, RawInputs? Inputs) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The verb <c>update_context_values</c>.</summary>
/// <param name="Call">The call.</param>
/// <param name="ScopeId">The root pipeline or sub-process.</param>
/// <param name="Values">The values; those of keys that the context does not have are passed over (observed).</param>
public sealed record UpdateContext(VerbCall Call, string ScopeId, IReadOnlyList<ContextValue> Values) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>The time of a resume that was appointed has come.</summary>
/// <param name="ScopeId">The root pipeline or sub-process.</param>
public sealed record ScopeTimerFired(string ScopeId) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}

/// <summary>Takes back a resume of a pipeline that was appointed for a time.</summary>
/// <param name="Call">The call.</param>
/// <param name="ScopeId">The root pipeline or sub-process.</param>
public sealed record CancelPipelineResume(VerbCall Call, string ScopeId) : PipelineInput
{
    internal override void Accept(PipelineMachine machine, Turn turn) => machine.On(this, turn);
}
