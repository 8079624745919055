using Microsoft.Extensions.Logging;

namespace BambooOrleans.Hosting;

/// <summary>Services whose loggers mask secrets.</summary>
/// <param name="services">The services.</param>
/// <param name="secrets">The secrets.</param>
internal sealed class MaskedLogging(IServiceProvider services, SecretValues secrets) : IServiceProvider
{
    public object? GetService(Type serviceType)
    {
        object? service = services.GetService(serviceType);
        return service switch
        {
            ILoggerFactory factory when serviceType == typeof(ILoggerFactory) => new Factory(factory, secrets),
            ILogger when serviceType.IsGenericType && serviceType.GetGenericTypeDefinition() == typeof(ILogger<>)
                && services.GetService(typeof(ILoggerFactory)) is ILoggerFactory factory => Activator.CreateInstance(
                    typeof(Logger<>).MakeGenericType(serviceType.GetGenericArguments()), new Factory(factory, secrets)),
            _ => service,
        };
    }

    private sealed class Factory(ILoggerFactory inner, SecretValues secrets) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => new Masked(inner.CreateLogger(categoryName), secrets);

        public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

        // The services own it.
        public void Dispose()
        {
        }
    }

    private sealed class Masked(ILogger inner, SecretValues secrets) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(InState(state));

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string text = secrets.In(formatter(state, exception));
            inner.Log(logLevel, eventId, InState(state), InException(exception), (_, _) => text);
        }

        private object InState<TState>(TState state) => state switch
        {
            IEnumerable<KeyValuePair<string, object?>> members =>
                members.Select(member => KeyValuePair.Create(member.Key, InMember(member.Value))).ToArray(),
            null => "",
            _ => secrets.In(state.ToString() ?? ""),
        };

        private object? InMember(object? member) =>
            member?.ToString() is { } text && secrets.In(text) is var masked && !ReferenceEquals(masked, text) ? masked : member;

        private Exception? InException(Exception? exception) =>
            exception?.ToString() is { } text && secrets.In(text) is var masked && !ReferenceEquals(masked, text)
                ? new MaskedException(masked)
                : exception;
    }

    private sealed class MaskedException(string text) : Exception(text)
    {
        public override string ToString() => Message;
    }
}
