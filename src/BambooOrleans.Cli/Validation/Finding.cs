using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Validation;

/// <summary>One thing that validation has to say.</summary>
internal sealed record Finding(bool IsError, string Code, string Path, string Message, BambooException? Cause = null)
{
    public static Finding Of(PipelineTreeException refusal) =>
        new(true, refusal.Code, refusal.Path, refusal.Message[(refusal.Path.Length + 2)..], refusal);

    public static Finding Of(BambooException refusal, string path) => new(true, refusal.Code, path, refusal.Message, refusal);

    public static Finding Warning(string code, string path, string message) => new(false, code, path, message);

    public MapValue ToValue() => Value.Map(("code", Code), ("path", Path), ("message", Message));

    public override string ToString() => $"{Path}: {Message} [{Code}]";
}
