namespace BambooOrleans.Simulation.Scenarios;

/// <summary>The verbs of an operator.</summary>
internal enum VerbKind
{
    PausePipeline,
    ResumePipeline,
    ResumePipelineAt,
    CancelPipelineResume,
    RevokePipeline,
    UpdateContext,
    RetrySubProcess,
    RetryNode,
    RetryNodeRound,
    SkipNode,
    SkipNodeRound,
    SkipExclusiveGateway,
    SkipConditionalParallelGateway,
    ForceFail,
    Callback,
    PauseNode,
    ResumeNode,
    ResumeNodeAt,
    CancelNodeResume,
    UpdateOutputs,
    PipelineVerbOfNode,
}

/// <summary>One call of an operator.</summary>
/// <param name="At">The first step at which it may be made.</param>
/// <param name="Kind">The verb.</param>
/// <param name="Choice">What its target and arguments are drawn from, when it is made.</param>
/// <param name="IsTwice">Whether the operator presses twice.</param>
internal sealed record ScriptedVerb(int At, VerbKind Kind, ulong Choice, bool IsTwice);
