using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Progress;

/// <summary>Shows nothing: standard output belongs to the JSON document.</summary>
internal sealed class NoDisplay : IProgressDisplay
{
    public Task ShowAsync(Func<Action<PipelineView>, Task> follow) => follow(_ => { });

    public void Log(string line)
    {
    }
}
