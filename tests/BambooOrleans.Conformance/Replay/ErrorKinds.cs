namespace BambooOrleans.Conformance.Replay;

/// <summary>The kinds of error that the corpus names, and which of our typed errors each is.</summary>
internal static class ErrorKinds
{
    /// <summary>The kind of an untyped error of the reference: only that the call failed has a meaning.</summary>
    public const string Crash = nameof(Crash);

    /// <summary>The kind, in our own records, of a tree that names code which is not registered.</summary>
    public const string UnknownName = nameof(UnknownName);

    // By the type's name, so that errors of rooms that this program does not reference can be named too.
    private static readonly Dictionary<string, string> ByType = new(StringComparer.Ordinal)
    {
        [nameof(NotFoundException)] = "NotFound",
        [nameof(InvalidOperationVerbException)] = "InvalidOperation",
        [nameof(IllegalTransitionException)] = "IllegalTransition",
        [nameof(StateVersionMismatchException)] = "StateVersionNotMatch",
        [nameof(AlreadyExistsException)] = "AlreadyExists",
        [nameof(InvalidArgumentException)] = "InvalidArgument",
        ["ConnectionValidateException"] = "ConnectionValidate",
        ["ConvergeMatchException"] = "ConvergeMatch",
        ["StreamValidateException"] = "StreamValidate",
        ["IsolateNodeException"] = "IsolateNode",
        ["TreeInvalidException"] = "TreeInvalid",
        ["StartPositionInvalidException"] = "StartPositionInvalid",
    };

    /// <summary>The kind of <paramref name="error"/>; the name of its type where it has none.</summary>
    public static string Of(Exception? error) => error switch
    {
        null => "(none)",
        BambooException typed when typed.Code.EndsWith(".unknown", StringComparison.Ordinal) => UnknownName,
        _ => ByType.GetValueOrDefault(error.GetType().Name) ?? error.GetType().Name,
    };

    /// <summary>What a validation error names: its <c>gateway_id</c>, <c>node_id</c> or <c>failed_nodes</c>; null where it names none.</summary>
    public static Value? Detail(Exception? error, string name)
    {
        string property = name switch
        {
            "gateway_id" => "GatewayId",
            "node_id" => "NodeId",
            "failed_nodes" => "FailedNodes",
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
        return error?.GetType().GetProperty(property)?.GetValue(error) switch
        {
            string id => id,
            IEnumerable<string> ids => Value.List(ids.Order(StringComparer.Ordinal).Select(id => (Value)id)),
            _ => null,
        };
    }
}
