using BambooOrleans.Building;
using BambooOrleans.Cli.Progress;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Pipelines;
using Spectre.Console;

namespace BambooOrleans.Cli.Tests;

public sealed class TableDisplayTests
{
    [Fact]
    public void Names_with_markup_are_shown_as_they_are()
    {
        string table = Render(View(Tree(new ServiceActivity("log", "a", "[red]x[/]")), _ => NodeStateName.Running));

        Assert.Contains("a ([red]x[/])", table, StringComparison.Ordinal);
        Assert.Contains("RUNNING", table, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_counted_and_what_failed_is_never_left_out()
    {
        PipelineTree tree = Tree([.. Enumerable.Range(0, 1000).Select(i => new ServiceActivity("log", $"n{i}"))]);

        string table = Render(View(tree, id => id == "n777" ? NodeStateName.Failed : NodeStateName.Finished));

        Assert.True(table.Split('\n').Length <= 30, table);
        Assert.Contains("n777", table, StringComparison.Ordinal);
        Assert.Contains("1 FAILED, 999 FINISHED", table, StringComparison.Ordinal);
        Assert.Contains("nodes are not shown", table, StringComparison.Ordinal);
    }

    private static string Render(PipelineView view)
    {
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = 100;
        console.Profile.Height = 30;
        console.Write(new TableDisplay(console, TimeProvider.System).Render(view));
        return text.ToString();
    }

    private static PipelineTree Tree(params ServiceActivity[] activities) =>
        PipelineTreeReader.Read(RunCommandTests.Tree(activities));

    private static PipelineView View(PipelineTree tree, Func<string, NodeStateName> state) => new(
        PipelineOutline.Of(tree),
        State("p", NodeStateName.Running) with
        {
            Children = tree.Nodes.ToDictionary(node => node.Id, node => State(node.Id, state(node.Id))),
        });

    private static NodeStateInfo State(string id, NodeStateName state) => new()
    {
        Id = id,
        State = state,
        RootId = "p",
        ParentId = "p",
        Version = "v",
        Loop = 1,
        InnerLoop = 1,
        Retry = 0,
        Skip = false,
        ErrorIgnored = false,
        CreatedTime = DateTimeOffset.UnixEpoch,
        StartedTime = DateTimeOffset.UnixEpoch,
        ArchivedTime = null,
    };
}
