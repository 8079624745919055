namespace BambooOrleans.Pipelines;

/// <summary>The codes of <see cref="PipelineTreeException"/>, one for each way in which JSON can fail to be a pipeline tree.</summary>
public static class PipelineTreeErrors
{
    /// <summary>The text is not JSON.</summary>
    public const string NotJson = "tree.not-json";

    /// <summary>The tree has more levels than <see cref="PipelineTreeReader.MaxSubProcessDepth"/> or <see cref="PipelineTreeReader.MaxJsonDepth"/>.</summary>
    public const string TooDeep = "tree.too-deep";

    /// <summary>The tree has more nodes than <see cref="PipelineTreeReader.MaxNodes"/>.</summary>
    public const string TooManyNodes = "tree.too-many-nodes";

    /// <summary>A member that must be there is not there, or is null.</summary>
    public const string MissingMember = "tree.missing-member";

    /// <summary>A member is of another JSON type than it must be.</summary>
    public const string WrongType = "tree.wrong-type";

    /// <summary>An id is empty text.</summary>
    public const string EmptyId = "tree.empty-id";

    /// <summary>An id has more characters than <see cref="PipelineTreeReader.MaxIdLength"/>.</summary>
    public const string IdTooLong = "tree.id-too-long";

    /// <summary>The member <c>id</c> says something else than the key under which the node stands.</summary>
    public const string IdMismatch = "tree.id-mismatch";

    /// <summary>Two nodes of the tree, on whatever levels, have one id.</summary>
    public const string DuplicateId = "tree.duplicate-id";

    /// <summary>The type of an activity, gateway or event is none that can stand there.</summary>
    public const string UnknownNodeType = "tree.unknown-node-type";

    /// <summary>The type of a variable is neither <c>plain</c>, <c>splice</c> nor <c>lazy</c>.</summary>
    public const string UnknownVariableType = "tree.unknown-variable-type";

    /// <summary>A flow leaves or enters a node that is not in its pipeline.</summary>
    public const string UnknownNode = "tree.unknown-node";

    /// <summary>A node names a flow that is not in its pipeline, or a gateway's condition names none of its outgoing flows.</summary>
    public const string UnknownFlow = "tree.unknown-flow";

    /// <summary>A node lists a flow that, by its own source or target, belongs to another node.</summary>
    public const string FlowMismatch = "tree.flow-mismatch";

    /// <summary>A context key has more characters than <see cref="PipelineTreeReader.MaxContextKeyLength"/>.</summary>
    public const string KeyTooLong = "tree.key-too-long";
}
