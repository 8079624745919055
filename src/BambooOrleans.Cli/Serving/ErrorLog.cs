using Microsoft.Extensions.Logging;

namespace BambooOrleans.Cli.Serving;

/// <summary>Writes warnings and errors, a line for each, to where a command's errors go.</summary>
internal sealed class ErrorLog(TextWriter error, TimeProvider time) : ILoggerProvider
{
    private readonly Lock _lock = new();

    public ILogger CreateLogger(string categoryName) => new CategoryLog(this, categoryName);

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string text, Exception? failure)
    {
        string line = $"{ApiTime.Text(time.GetUtcNow())} {(level >= LogLevel.Error ? "error" : "warning")} {category}: {text}";
        lock (_lock)
        {
            error.WriteLine(failure is null ? line : $"{line} {failure}");
        }
    }

    private sealed class CategoryLog(ErrorLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and not LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Write(logLevel, category, formatter(state, exception), exception);
            }
        }
    }
}
