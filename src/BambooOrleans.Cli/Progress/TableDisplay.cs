using BambooOrleans.Cli.Reports;
using BambooOrleans.Pipelines;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace BambooOrleans.Cli.Progress;

/// <summary>A table that is drawn again and again, for terminals. It is never higher than the terminal: what does not fit is counted.</summary>
internal sealed class TableDisplay(IAnsiConsole console, TimeProvider time) : IProgressDisplay
{
    private const int LoggedLinesMax = 5;
    private const int RowsMin = 5;

    private readonly Lock _lock = new();
    private readonly Queue<string> _logged = new();

    public Task ShowAsync(Func<Action<PipelineView>, Task> follow) => console
        .Live(new Text(""))
        .Overflow(VerticalOverflow.Ellipsis)
        .StartAsync(live => follow(view => live.UpdateTarget(Render(view))));

    public void Log(string line)
    {
        lock (_lock)
        {
            _logged.Enqueue(line);
            if (_logged.Count > LoggedLinesMax)
            {
                _logged.Dequeue();
            }
        }
    }

    internal IRenderable Render(PipelineView view)
    {
        NodeView[] nodes = [.. view.Nodes.Where(node => node.Node.IsShown || node.State?.State == NodeStateName.Failed)];
        string[] logged;
        lock (_lock)
        {
            logged = [.. _logged];
        }

        // Borders, heading, counts and the line below take what is left of the height.
        int rowsMax = Math.Max(RowsMin, console.Profile.Height - logged.Length - 7);
        NodeView[] shown = Choose(nodes, rowsMax);
        Table table = new Table().Border(TableBorder.Rounded)
            .AddColumn("node").AddColumn("state").AddColumn(new TableColumn("time").RightAligned()).AddColumn("");
        DateTimeOffset now = time.GetUtcNow();
        foreach (NodeView node in shown)
        {
            table.AddRow(
                new Text(new string(' ', node.Node.Depth * 2) + node.Node.Label).Overflow(Overflow.Ellipsis),
                new Text(node.State?.State.ToApiName() ?? "-", StyleOf(node.State?.State)),
                new Text(node.Duration(now) is { } duration ? Reporter.Text(duration) : ""),
                new Text(node.Remarks));
        }

        string counts = string.Join(", ", nodes
            .GroupBy(node => node.State?.State.ToApiName() ?? "not reached")
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Count()} {group.Key}"));
        string left = shown.Length < nodes.Length ? $" ({nodes.Length - shown.Length} nodes are not shown)" : "";
        return new Rows(
        [
            new Text($"{view.Id} {view.Root.State.ToApiName()}", new Style(decoration: Decoration.Bold)),
            table,
            new Text(counts + left),
            .. logged.Select(line => new Text(line).Overflow(Overflow.Ellipsis)),
        ]);
    }

    /// <summary>Where not all fit: what failed, what runs, what is to come next, and what has just ended, in the order of the tree.</summary>
    private static NodeView[] Choose(NodeView[] nodes, int max)
    {
        if (nodes.Length <= max)
        {
            return nodes;
        }

        HashSet<string> chosen = new(
            nodes.OrderBy(node => Rank(node.State?.State))
                .ThenByDescending(node => node.State?.ArchivedTime)
                .Take(max)
                .Select(node => node.Id),
            StringComparer.Ordinal);
        return [.. nodes.Where(node => chosen.Contains(node.Id))];
    }

    private static int Rank(NodeStateName? state) => state switch
    {
        NodeStateName.Failed => 0,
        NodeStateName.Running or NodeStateName.Suspended or NodeStateName.Ready or NodeStateName.LoopReady => 1,
        NodeStateName.Finished or NodeStateName.Revoked => 2,
        _ => 3,
    };

    private static Style StyleOf(NodeStateName? state) => new(state switch
    {
        NodeStateName.Finished => Color.Green,
        NodeStateName.Failed or NodeStateName.Revoked => Color.Red,
        NodeStateName.Running => Color.Blue,
        NodeStateName.Suspended => Color.Yellow,
        _ => Color.Grey,
    });
}
