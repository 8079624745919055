using BambooOrleans.Pipelines;

namespace BambooOrleans.Building;

/// <summary>An activity that runs a pipeline of its own.</summary>
/// <param name="start">The start event of that pipeline.</param>
/// <param name="id">The id, of the activity and of the pipeline; null makes one.</param>
/// <param name="name">A name for people.</param>
public sealed class SubProcess(EmptyStartEvent start, string? id = null, string? name = null) : Element(id, name)
{
    /// <inheritdoc/>
    public override string Type => NodeTypes.SubProcess;

    /// <summary>The start event of the nested pipeline.</summary>
    public EmptyStartEvent Start { get; } = start;

    /// <summary>The variables and outputs of the nested pipeline; null for none.</summary>
    public Data? Data { get; init; }

    /// <summary>What is put into the nested pipeline's context when it is entered, by context key.</summary>
    public Params Params { get; init; } = [];
}
