using System.Globalization;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Progress;

/// <summary>One line for each change, for files and pipes.</summary>
internal sealed class LineDisplay(CliTerminal terminal) : IProgressDisplay
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Version, NodeStateName State, int Loop)> _shown = new(StringComparer.Ordinal);

    public Task ShowAsync(Func<Action<PipelineView>, Task> follow) => follow(Show);

    public void Log(string line)
    {
        lock (_lock)
        {
            Write(terminal.Time.GetUtcNow(), line);
        }
    }

    // Between two views a node can pass through several states; the last one is what counts.
    private void Show(PipelineView view)
    {
        lock (_lock)
        {
            foreach ((NodeView node, DateTimeOffset time) in view.Nodes
                .Where(node => node.State is not null && (node.Node.IsShown || node.State.State == NodeStateName.Failed))
                .Where(IsNew)
                .Select(node => (node, TimeOf(node)))
                .OrderBy(change => change.Item2)
                .ToList())
            {
                NodeStateInfo state = node.State!;
                string duration = state.ArchivedTime is null ? "" : $" {Reporter.Text(node.Duration(time) ?? TimeSpan.Zero)}";
                string remarks = node.Remarks.Length == 0 ? "" : $" {node.Remarks}";
                Write(time, $"{node.Node.Label} {state.State.ToApiName()}{duration}{remarks}");
            }
        }
    }

    private bool IsNew(NodeView node)
    {
        (string Version, NodeStateName State, int Loop) now = (node.State!.Version, node.State.State, node.State.Loop);
        if (_shown.TryGetValue(node.Id, out (string, NodeStateName, int) before) && before == now)
        {
            return false;
        }

        _shown[node.Id] = now;
        return true;
    }

    private DateTimeOffset TimeOf(NodeView node) =>
        node.State!.ArchivedTime ?? node.State.StartedTime ?? terminal.Time.GetUtcNow();

    private void Write(DateTimeOffset time, string line) => terminal.Out.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{TimeZoneInfo.ConvertTime(time, terminal.Time.LocalTimeZone):HH:mm:ss} {line}"));
}
