using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Cli.Serving;

/// <summary>Writes what is logged, a line for each message, to where a command's errors go: as text, or as JSON with every field.</summary>
internal sealed class ErrorLog(TextWriter error, TimeProvider time, LogLevel least = LogLevel.Warning, bool isJson = false)
    : ILoggerProvider, ISupportExternalScope
{
    private readonly Lock _lock = new();
    private IExternalScopeProvider? _scopes;

    /// <summary>The least that is written.</summary>
    public LogLevel Least => least;

    public ILogger CreateLogger(string categoryName) => new CategoryLog(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private static string NameOf(LogLevel level) => level.ToString().ToLowerInvariant();

    private void Write<TState>(LogLevel level, EventId id, string category, TState state, string text, Exception? failure)
    {
        string line = isJson
            ? Json(level, id, category, state, text, failure)
            : $"{ApiTime.Text(time.GetUtcNow())} {NameOf(level)} {category}: {text}{(failure is null ? "" : $" {failure}")}";
        lock (_lock)
        {
            try
            {
                error.WriteLine(line);
            }
            catch (IOException)
            {
                // What cannot be told, as on a full disk, is no failure of the component or engine that logs it.
            }
        }
    }

    private string Json<TState>(LogLevel level, EventId id, string category, TState state, string text, Exception? failure)
    {
        var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
        _scopes?.ForEachScope(static (scope, fields) => Add(fields, scope), fields);
        Add(fields, state);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("time", ApiTime.Text(time.GetUtcNow()));
            writer.WriteString("level", NameOf(level));
            writer.WriteString("category", category);
            writer.WriteString("event", id.Name);
            writer.WriteString("message", text);
            if (failure is not null)
            {
                writer.WriteString("exception", failure.ToString());
            }

            writer.WriteStartObject("fields");
            foreach ((string name, object? value) in fields)
            {
                writer.WriteString(name, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Add(Dictionary<string, object?> fields, object? state)
    {
        foreach ((string name, object? value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
        {
            if (name != "{OriginalFormat}")
            {
                fields[name] = value;
            }
        }
    }

    private sealed class CategoryLog(ErrorLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log.Least && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Write(logLevel, eventId, category, state, formatter(state, exception), exception);
            }
        }
    }
}
