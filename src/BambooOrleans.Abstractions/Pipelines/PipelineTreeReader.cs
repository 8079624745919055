namespace BambooOrleans.Pipelines;

/// <summary>Reads pipeline trees from JSON.</summary>
public static class PipelineTreeReader
{
    /// <summary>Reads a tree.</summary>
    public static PipelineTree Read(Value tree) => throw new NotImplementedException();
}
