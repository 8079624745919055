namespace BambooOrleans.Hosting;

/// <summary>The attributes of spans and measurements; docs/telemetry.md says what each means.</summary>
internal static class SpanNames
{
    public const string PipelineId = "bamboo.pipeline.id";
    public const string PipelineState = "bamboo.pipeline.state";
    public const string ScopeId = "bamboo.subprocess.id";
    public const string NodeId = "bamboo.node.id";
    public const string NodeType = "bamboo.node.type";
    public const string NodeState = "bamboo.node.state";
    public const string NodeVersion = "bamboo.node.version";
    public const string NodeLoop = "bamboo.node.loop";
    public const string NodeRetry = "bamboo.node.retry";
    public const string ComponentCode = "bamboo.component.code";
    public const string ComponentVersion = "bamboo.component.version";
    public const string CodeKind = "bamboo.user_code.kind";
    public const string Verb = "bamboo.verb";
    public const string ErrorType = "error.type";
}
