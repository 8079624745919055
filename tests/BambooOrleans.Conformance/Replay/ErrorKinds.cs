using BambooOrleans.Pipelines;

namespace BambooOrleans.Conformance.Replay;

/// <summary>The kinds of error that the corpus names, and which of our typed errors each is.</summary>
internal static class ErrorKinds
{
    /// <summary>The kind of an untyped error of the reference: only that the call failed has a meaning.</summary>
    public const string Crash = nameof(Crash);

    /// <summary>The kind, in our own records, of a tree that names code which is not registered.</summary>
    public const string UnknownName = nameof(UnknownName);

    private static readonly Dictionary<Type, string> ByType = new()
    {
        [typeof(NotFoundException)] = "NotFound",
        [typeof(InvalidOperationVerbException)] = "InvalidOperation",
        [typeof(IllegalTransitionException)] = "IllegalTransition",
        [typeof(StateVersionMismatchException)] = "StateVersionNotMatch",
        [typeof(AlreadyExistsException)] = "AlreadyExists",
        [typeof(InvalidArgumentException)] = "InvalidArgument",
        [typeof(ConnectionValidateException)] = "ConnectionValidate",
        [typeof(ConvergeMatchException)] = "ConvergeMatch",
        [typeof(StreamValidateException)] = "StreamValidate",
        [typeof(IsolateNodeException)] = "IsolateNode",
        [typeof(TreeInvalidException)] = "TreeInvalid",
        [typeof(StartPositionInvalidException)] = "StartPositionInvalid",
    };

    /// <summary>The kind of <paramref name="error"/>; the name of its type where it has none.</summary>
    public static string Of(Exception? error) => error switch
    {
        null => "(none)",
        BambooException typed when typed.Code.EndsWith(".unknown", StringComparison.Ordinal) => UnknownName,
        _ => ByType.GetValueOrDefault(error.GetType()) ?? error.GetType().Name,
    };

    /// <summary>What a validation error names: its <c>gateway_id</c>, <c>node_id</c> or <c>failed_nodes</c> in order; null where it names none.</summary>
    public static Value? Detail(Exception? error, string name) => (error, name) switch
    {
        (ConvergeMatchException converge, "gateway_id") => converge.GatewayId,
        (StreamValidateException stream, "node_id") => stream.NodeId,
        (IsolateNodeException isolated, "node_id") => isolated.NodeId,
        (ConnectionValidateException connection, "failed_nodes") =>
            Value.List(connection.FailedNodes.Keys.Order(StringComparer.Ordinal).Select(id => (Value)id)),
        _ => null,
    };
}
