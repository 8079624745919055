using BambooOrleans.Components.BuiltIn;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Cli.Progress;

/// <summary>Hands what the component <c>log</c> writes to the display.</summary>
internal sealed class DisplayLog(IProgressDisplay display) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger(display, categoryName == LogComponent.Category);

    public void Dispose()
    {
    }

    private sealed class Logger(IProgressDisplay display, bool isShown) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => isShown && logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                string text = formatter(state, exception);
                try
                {
                    display.Log(logLevel == LogLevel.Information ? text : $"{logLevel.ToString().ToLowerInvariant()}: {text}");
                }
                catch (IOException)
                {
                    // The node that logs it does not fail for it; the command ends when it has something to say itself.
                }
            }
        }
    }
}
