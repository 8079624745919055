namespace BambooOrleans.Core.Machines.Inputs;

/// <summary>Something a pipeline machine is told. A closed set: each case hands itself to the machine's method for it.</summary>
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
