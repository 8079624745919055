using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Hosting;

/// <summary>A verb of root pipelines and sub-processes; a node answers that it is none.</summary>
/// <param name="Id">The root pipeline or sub-process.</param>
/// <param name="Options">What the caller gave besides.</param>
public abstract record PipelineVerbRequest(string Id, VerbOptions? Options) : VerbRequest(Id, Options)
{
    /// <inheritdoc/>
    public sealed override BambooException? Nowhere() => new NotFoundException($"node({Id}) does not exist");

    internal sealed override Question QuestionOf(IVerbFacts facts, VerbCall call) => facts.Definition.Scopes.ContainsKey(Id)
        ? Question.Of(InputOf(call))
        : Question.Of(Id, new AskedAsPipeline(call));

    private protected abstract PipelineInput InputOf(VerbCall call);
}

/// <summary>The verb <c>pause_pipeline</c>.</summary>
/// <param name="Id">The root pipeline or sub-process.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record PausePipelineRequest(string Id, VerbOptions? Options) : PipelineVerbRequest(Id, Options)
{
    internal const string Name = "pause_pipeline";

    private protected override string VerbName => Name;

    private protected override PipelineInput InputOf(VerbCall call) => new PausePipeline(call, Id);
}

/// <summary>The verb <c>revoke_pipeline</c>.</summary>
/// <param name="Id">The root pipeline.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record RevokePipelineRequest(string Id, VerbOptions? Options) : PipelineVerbRequest(Id, Options)
{
    internal const string Name = "revoke_pipeline";

    private protected override string VerbName => Name;

    private protected override PipelineInput InputOf(VerbCall call) => new RevokePipeline(call, Id);
}

/// <summary>The verb <c>resume_pipeline</c>, now or at the time of the options.</summary>
/// <param name="Id">The root pipeline or sub-process.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record ResumePipelineRequest(string Id, VerbOptions? Options) : PipelineVerbRequest(Id, Options)
{
    internal const string Name = "resume_pipeline";

    private protected override string VerbName => Name;

    private protected override PipelineInput InputOf(VerbCall call) => new ResumePipeline(call, Id, Options?.At);
}

/// <summary>The verb <c>cancel_scheduled_resume</c>, of a root pipeline, sub-process or node.</summary>
/// <param name="Id">The root pipeline, sub-process or node.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record CancelScheduledResumeRequest(string Id, VerbOptions? Options) : VerbRequest(Id, Options)
{
    internal const string Name = "cancel_scheduled_resume";

    private protected override string VerbName => Name;

    /// <inheritdoc/>
    public override BambooException? Nowhere() => Refusals.NoNode(Id);

    internal override Question QuestionOf(IVerbFacts facts, VerbCall call) => facts.Definition.Scopes.ContainsKey(Id)
        ? Question.Of(new CancelPipelineResume(call, Id))
        : Question.Of(Id, new CancelNodeResume(call));
}

/// <summary>The verb <c>retry_subprocess</c>.</summary>
/// <param name="Id">The sub-process.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record RetrySubprocessRequest(string Id, VerbOptions? Options) : VerbRequest(Id, Options)
{
    internal const string Name = "retry_subprocess";

    private protected override string VerbName => Name;

    /// <inheritdoc/>
    public override BambooException? Nowhere() => Refusals.NoNode(Id);

    internal override Question QuestionOf(IVerbFacts facts, VerbCall call) =>
        Refusals.NodeOf(facts.Definition, Id).Kind == NodeKind.SubProcess
            ? Question.Of(new RetrySubProcess(call, Id, null))
            : throw new InvalidOperationVerbException("retry.not-a-sub-process", $"node({Id}) type is not SubProcess");
}

/// <summary>The verb <c>update_context_values</c>. Of an id that no pipeline has it does nothing (observed).</summary>
/// <param name="Id">The root pipeline or sub-process.</param>
/// <param name="Values">The values.</param>
/// <param name="Options">What the caller gave besides.</param>
public sealed record UpdateContextValuesRequest(string Id, IReadOnlyList<ContextValue> Values, VerbOptions? Options)
    : VerbRequest(Id, Options)
{
    internal const string Name = "update_context_values";

    private protected override string VerbName => Name;

    /// <inheritdoc/>
    public override BambooException? Nowhere() => null;

    /// <inheritdoc/>
    public override void CheckArguments()
    {
        foreach (ContextValue value in Arguments.Given(Values, "values"))
        {
            Arguments.Given(value?.Key, "the key of a context value");
            Arguments.Keepable(value!.Value, value.Key);
        }
    }

    internal override Question QuestionOf(IVerbFacts facts, VerbCall call)
    {
        CheckArguments();
        return Question.Of(new UpdateContext(call, Id, Values));
    }
}
