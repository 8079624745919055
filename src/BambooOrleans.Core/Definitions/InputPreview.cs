using BambooOrleans.Core.Expressions;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Definitions;

/// <summary>
/// <c>preview_node_inputs</c>: what a node's inputs would be if it were entered with the pipeline's variables as they are
/// written. Every input is rendered, a plain one too, and a lazy one by its text alone (observed).
/// </summary>
/// <param name="tree">The pipeline or sub-process that the node, or the next sub-process on the way to it, stands in.</param>
/// <param name="parentParams">Params that the sub-process was entered with; empty for the root.</param>
/// <param name="expressions">How templates are rendered.</param>
public sealed class InputPreview(PipelineTree tree, MapValue parentParams, ExpressionOptions expressions)
{
    /// <summary>The pipeline's variables, to be hydrated; params of the same key win.</summary>
    public IReadOnlyDictionary<string, ContextEntry> Slice()
    {
        var slice = new Dictionary<string, ContextEntry>(StringComparer.Ordinal);
        foreach ((string key, TreeVariable variable) in tree.Data.Inputs)
        {
            slice[key] = ScopeCompiler.EntryOf(key, variable);
        }

        foreach ((string key, Value value) in parentParams)
        {
            slice[key] = new ContextEntry(key, ContextValueType.Plain, value);
        }

        return slice;
    }

    /// <summary>The preview of the sub-process's own pipeline, entered with its params rendered.</summary>
    /// <exception cref="NotFoundException">There is no such sub-process.</exception>
    public InputPreview Enter(string subProcessId, IReadOnlyDictionary<string, Value> values) =>
        tree.Activities.GetValueOrDefault(subProcessId) is TreeSubProcess subProcess
            ? new InputPreview(subProcess.Pipeline, Render(subProcess.Params, values), expressions)
            : throw new NotFoundException($"there is no sub-process {subProcessId} in {tree.Id}");

    /// <summary>The rendered inputs of an activity, or params of a sub-process.</summary>
    /// <exception cref="NotFoundException">There is no such activity.</exception>
    public MapValue InputsOf(string nodeId, IReadOnlyDictionary<string, Value> values) => tree.Activities.GetValueOrDefault(nodeId) switch
    {
        TreeServiceActivity activity => Render(activity.Inputs, values),
        TreeSubProcess subProcess => Render(subProcess.Params, values),
        _ => throw new NotFoundException($"there is no activity {nodeId} in {tree.Id}"),
    };

    private MapValue Render(IReadOnlyDictionary<string, TreeVariable> inputs, IReadOnlyDictionary<string, Value> values) =>
        (MapValue)Template.Parse(Value.Map(inputs.Select(input => (input.Key, input.Value.Value))), expressions).Render(values);
}
