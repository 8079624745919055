using Spectre.Console;

namespace BambooOrleans.Cli.Progress;

/// <summary>Chooses how progress is shown.</summary>
internal static class Displays
{
    public static IProgressDisplay For(CliTerminal terminal, bool isJson)
    {
        if (isJson)
        {
            return new NoDisplay();
        }

        return terminal.IsInteractive
            ? new TableDisplay(
                AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Out) }), terminal.Time)
            : new LineDisplay(terminal);
    }
}
