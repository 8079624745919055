using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Reports;

/// <summary>What the tokens of a pipeline wait for, each with the commands that would move it.</summary>
internal sealed class WaitReport
{
    private readonly IReadOnlyList<(WaitInfo Wait, IReadOnlyList<string> Commands)> _waits;

    private WaitReport(IReadOnlyList<(WaitInfo Wait, IReadOnlyList<string> Commands)> waits) => _waits = waits;

    public int Count => _waits.Count;

    public static async Task<WaitReport> ReadAsync(
        IBambooEngine engine, PipelineTree tree, string database, CancellationToken cancellationToken)
    {
        var moves = new Moves(tree, database);
        return new WaitReport(
        [
            .. (await engine.GetWaitsAsync(tree.Id, cancellationToken).ConfigureAwait(false)).OrThrow()
                .Select(wait => (wait, moves.Of(wait))),
        ]);
    }

    /// <summary>Only those at a node, directly in a sub-process, or held by either.</summary>
    public WaitReport At(string id) =>
        new([.. _waits.Where(waiting => waiting.Wait.NodeId == id || waiting.Wait.ScopeId == id || waiting.Wait.PausedBy == id)]);

    public ListValue ToValue() => Value.List(_waits.Select(waiting => (Value)waiting.Wait.ToValue()
        .With("commands", Value.List(waiting.Commands.Select(command => (Value)command)))));

    public void Write(Reporter report)
    {
        foreach ((WaitInfo wait, IReadOnlyList<string> commands) in _waits)
        {
            string since = wait.Since is { } time && !wait.Text.Contains(ApiTime.Text(time)!, StringComparison.Ordinal) ? $" (since {ApiTime.Text(time)})" : "";
            string until = wait.Due is { } due && !wait.Text.Contains(ApiTime.Text(due)!, StringComparison.Ordinal)
                ? $" (until {ApiTime.Text(due)})"
                : "";
            report.Line($"token {wait.TokenId}: {wait.Text}{since}{until}");
            foreach (string command in commands)
            {
                report.Line($"  {command}");
            }
        }
    }
}
