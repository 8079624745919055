namespace BambooOrleans.Pipelines;

/// <summary>
/// The JSON is not a whole pipeline tree. Nothing of it was taken. <see cref="BambooException.Code"/> is one of
/// <see cref="PipelineTreeErrors"/>.
/// </summary>
/// <param name="code">What is wrong, one of <see cref="PipelineTreeErrors"/>.</param>
/// <param name="path">Where it is, such as <c>pipeline.activities.a.component.code</c>.</param>
/// <param name="problem">What is wrong, for a person, without the path.</param>
/// <param name="innerException">What caused it.</param>
public sealed class PipelineTreeException(string code, string path, string problem, Exception? innerException = null)
    : BambooException(code, $"{path}: {problem}", innerException)
{
    /// <summary>Where the tree is wrong, as member names from <c>pipeline</c> down.</summary>
    public string Path { get; } = path;
}
