using BambooOrleans.Conformance.Replay;

namespace BambooOrleans.Conformance.Functions;

/// <summary>Calls the engine's validator.</summary>
internal static class ValidatorAdapter
{
    /// <summary>
    /// Reads and validates a tree. The data has <c>converge_gateways</c> of all levels and, where cycles are refused,
    /// <c>allowed_start_nodes</c> in order.
    /// </summary>
    public static Outcome Validate(MapValue pipeline, bool cycleTolerate) =>
        throw new FunctionNotBuiltInException("PipelineValidator");
}
