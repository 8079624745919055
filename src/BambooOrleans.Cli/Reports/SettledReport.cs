using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Reports;

/// <summary>What a command says of a pipeline that has settled: its outputs, what failed, what it waits for, and what to do.</summary>
internal sealed class SettledReport
{
    private readonly PipelineView _view;
    private readonly MapValue _outputs;
    private readonly IReadOnlyList<(NodeView Node, string Reason)> _failed;
    private readonly IReadOnlyList<WaitInfo> _waits;

    private SettledReport(
        PipelineView view, MapValue outputs, IReadOnlyList<(NodeView Node, string Reason)> failed, IReadOnlyList<WaitInfo> waits)
    {
        _view = view;
        _outputs = outputs;
        _failed = failed;
        _waits = waits;
    }

    public Outcome Outcome => _view.Outcome;

    /// <summary>The waits for a callback.</summary>
    public IEnumerable<WaitInfo> Callbacks => _waits.Where(wait => wait.Kind == WaitKind.Callback);

    // Only a pipeline that nobody drives shows these: the others have settled.
    private bool IsUnfinished => _waits.Any(wait => wait.Kind
        is WaitKind.RunningComponent or WaitKind.ComputingVariables or WaitKind.RunningEndEvent or WaitKind.Timer);

    public static async Task<SettledReport> ReadAsync(IBambooEngine engine, PipelineView view, CancellationToken cancellationToken)
    {
        MapValue outputs = (await engine.GetExecutionDataOutputsAsync(view.Id, cancellationToken).ConfigureAwait(false)).OrThrow();
        var failed = new List<(NodeView, string)>();
        foreach (NodeView node in view.Failed)
        {
            MapValue given = (await engine.GetExecutionDataOutputsAsync(node.Id, cancellationToken).ConfigureAwait(false)).OrThrow();
            failed.Add((node, given.TryGetValue("ex_data", out Value? reason) ? AsText(reason) : "it gave no reason"));
        }

        IReadOnlyList<WaitInfo> waits = (await engine.GetWaitsAsync(view.Id, cancellationToken).ConfigureAwait(false)).OrThrow();
        return new SettledReport(view, outputs, failed, waits);
    }

    public MapValue ToValue() => Value.Map(
        ("result", true),
        ("id", _view.Id),
        ("outcome", IsUnfinished ? "unfinished" : Outcome.Name()),
        ("state", _view.Root.State.ToApiName()),
        ("outputs", _outputs),
        ("failed", Value.List(_failed.Select(failed => (Value)Value.Map(
            ("node_id", failed.Node.Id), ("version", failed.Node.State!.Version), ("ex_data", failed.Reason))))),
        ("waiting", Value.List(Callbacks.Select(wait => (Value)Value.Map(
            ("node_id", wait.NodeId), ("version", wait.Version))))),
        ("waits", Value.List(_waits.Select(wait => (Value)wait.ToValue()))),
        ("states", Value.Map((_view.Id, _view.Root.ToValue()))));

    public void Write(Reporter report, string database, DateTimeOffset now)
    {
        string duration = _view.Root.StartedTime is { } started ? $" {Reporter.Text((_view.Root.ArchivedTime ?? now) - started)}" : "";
        report.Line($"{_view.Id} {_view.Root.State.ToApiName()}{duration}");
        foreach ((string key, Value value) in _outputs.Where(output => output.Key is not ("_result" or "_loop" or "_inner_loop")))
        {
            report.Line($"  {key} = {value.ToJson()}");
        }

        foreach ((NodeView node, string reason) in _failed)
        {
            report.Line($"{node.Node.Label} FAILED: {FirstLine(reason)}");
            report.Line($"  mend what made it fail, then: {ShellCommand.Of("bamboo retry", database, [node.Id])}");
            if (node.Node.Node is not TreeSubProcess)
            {
                report.Line($"  or go on without it:          {ShellCommand.Of("bamboo skip", database, [node.Id], FlowOption(node.Node.Node))}");
            }
        }

        if (Outcome is Outcome.Finished or Outcome.Revoked)
        {
            return;
        }

        if (_view.Root.State == NodeStateName.Suspended)
        {
            report.Line($"{_view.Id} is paused: {ShellCommand.Of("bamboo resume", database, [_view.Id])}");
        }

        foreach (WaitInfo wait in _waits.Where(wait => wait.Kind is not (WaitKind.Operator or WaitKind.Children)))
        {
            if (wait.Kind == WaitKind.Callback)
            {
                report.Line($"{Label(wait)} waits for a callback:");
                report.Line("  " + ShellCommand.Of("bamboo callback", database, [wait.NodeId, wait.Version!, "{\"result\": true}"]));
            }
            else
            {
                report.Line($"{Label(wait)}: {wait.Text}");
            }
        }

        if (IsUnfinished)
        {
            report.Line($"go on with it: {ShellCommand.Resume(_view.Id, database)}");
        }
    }

    public static string FirstLine(string text)
    {
        int end = text.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? text : text[..end];
    }

    // Where a gateway chooses, whoever skips it has to.
    private static string[] FlowOption(TreeNode node) => node is TreeGateway { Conditions.Count: > 0 }
        ? [ShellCommand.Option("--flow", node.Outgoing[0])]
        : [];

    private static string AsText(Value value) => value is TextValue text ? text.Value : value.ToJson();

    private static string Label(WaitInfo wait) =>
        wait.NodeName.Length == 0 || wait.NodeName == wait.NodeId ? wait.NodeId : $"{wait.NodeId} ({wait.NodeName})";
}
