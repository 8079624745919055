namespace BambooOrleans.Cli.Reports;

/// <summary>A pipeline at one moment.</summary>
internal sealed record PipelineView(PipelineOutline Outline, NodeStateInfo Root)
{
    public string Id => Outline.Tree.Id;

    public IEnumerable<NodeView> Nodes => Outline.Nodes.Select(node => new NodeView(node, Root.Children.GetValueOrDefault(node.Node.Id)));

    public IEnumerable<NodeView> Failed => Nodes.Where(node => node.State?.State == NodeStateName.Failed);

    /// <summary>Once the pipeline has settled: what became of it.</summary>
    public Outcome Outcome => Root.State switch
    {
        NodeStateName.Finished => Outcome.Finished,
        NodeStateName.Revoked => Outcome.Revoked,
        _ when Failed.Any() => Outcome.Failed,
        _ => Outcome.Waiting,
    };

    /// <exception cref="BambooException">It cannot be read.</exception>
    public static async Task<PipelineView> ReadAsync(
        IBambooEngine engine, PipelineOutline outline, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, NodeStateInfo> states = (await engine
            .GetPipelineStatesAsync(outline.Tree.Id, cancellationToken: cancellationToken).ConfigureAwait(false)).OrThrow();
        return states.TryGetValue(outline.Tree.Id, out NodeStateInfo? root)
            ? new PipelineView(outline, root)
            : throw new NotFoundException($"there is no pipeline {outline.Tree.Id}");
    }
}

/// <summary>A node at one moment; its state is null where it has not been reached.</summary>
internal sealed record NodeView(OutlineNode Node, NodeStateInfo? State)
{
    public string Id => Node.Node.Id;

    /// <summary>How long the attempt took, or has taken; null where it has not started.</summary>
    public TimeSpan? Duration(DateTimeOffset now) =>
        State?.StartedTime is { } started ? (State.ArchivedTime ?? now) - started : null;

    /// <summary>What is not as usual: a second loop, a retry, a skip.</summary>
    public string Remarks => State is null ? "" : string.Join(" ", new[]
    {
        State.Loop > 1 ? $"loop {State.Loop}" : "",
        State.Retry > 0 ? $"retry {State.Retry}" : "",
        State.Skip ? "skipped" : "",
        State.ErrorIgnored ? "error ignored" : "",
    }.Where(remark => remark.Length > 0));
}
