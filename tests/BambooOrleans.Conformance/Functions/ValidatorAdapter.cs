using BambooOrleans.Conformance.Replay;
using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Conformance.Functions;

/// <summary>Calls the engine's validator.</summary>
internal static class ValidatorAdapter
{
    /// <summary>
    /// Reads and validates a tree. The data has <c>converge_gateways</c> of all levels and, where cycles are refused,
    /// <c>allowed_start_nodes</c> in order.
    /// </summary>
    public static Outcome Validate(MapValue pipeline, bool cycleTolerate)
    {
        try
        {
            PipelineTree tree = PipelineTreeReader.Read(pipeline);
            ValidationResult found = PipelineValidator.Validate(tree, cycleTolerate);
            MapValue data = Value.Map(("converge_gateways", Value.Map(
                found.ConvergeGateways.Select(gateway => (gateway.Key, (Value)gateway.Value)))));
            return new Outcome(true, null, cycleTolerate ? data : data.With("allowed_start_nodes", AllowedStartNodes(tree)));
        }
        catch (BambooException refused)
        {
            return new Outcome(false, refused);
        }
    }

    private static ListValue AllowedStartNodes(PipelineTree tree) => Value.List(
        PipelineValidator.AllowedStartNodes(tree).Order(StringComparer.Ordinal).Select(id => (Value)id));
}
