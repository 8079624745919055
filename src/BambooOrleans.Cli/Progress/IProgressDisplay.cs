using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Progress;

/// <summary>Shows a pipeline while it runs.</summary>
internal interface IProgressDisplay
{
    /// <summary>Runs <paramref name="follow"/>, which hands over each new view.</summary>
    Task ShowAsync(Func<Action<PipelineView>, Task> follow);

    /// <summary>Shows a line that a component logged.</summary>
    void Log(string line);
}
