using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting.Validation;

/// <summary>One thing that validation has to say.</summary>
/// <param name="IsError">Whether the engine refuses the tree for it; otherwise it is likely a mistake.</param>
/// <param name="Code">The stable code.</param>
/// <param name="Path">Where in the JSON it is, from <c>pipeline</c> down.</param>
/// <param name="Message">What is wrong there.</param>
/// <param name="Cause">The refusal that it was made of; null for none.</param>
public sealed record Finding(bool IsError, string Code, string Path, string Message, BambooException? Cause = null)
{
    /// <summary>A tree that cannot be read.</summary>
    public static Finding Of(PipelineTreeException refusal) =>
        new(true, refusal.Code, refusal.Path, refusal.Message[(refusal.Path.Length + 2)..], refusal);

    /// <summary>What the engine would refuse.</summary>
    public static Finding Of(BambooException refusal, string path) => new(true, refusal.Code, path, refusal.Message, refusal);

    /// <summary>What is likely a mistake.</summary>
    public static Finding Warning(string code, string path, string message) => new(false, code, path, message);

    /// <summary>The same for a caller of the Engine API.</summary>
    public ValidationProblem ToProblem() => new(Code, Path, Message, IsError);

    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Message} [{Code}]";
}
