using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Embedded.Tests.Support;

/// <summary>Tests that listen to the whole process, so that no other test may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Listening
{
    public const string Name = "listening";
}

/// <summary>Every span of the engine that ended, and every measurement, as long as it is not disposed.</summary>
internal sealed class Observed : IDisposable
{
    private readonly ActivityListener? _spans;
    private readonly MeterListener? _meters;
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new();

    public Observed(bool spans = true, bool metrics = true)
    {
        if (spans)
        {
            _spans = new ActivityListener
            {
                ShouldListenTo = source => source.Name is "BambooOrleans" or "Test",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span =>
                {
                    if (span.Source.Name == "BambooOrleans")
                    {
                        Spans.Enqueue(span);
                    }
                },
            };
            ActivitySource.AddActivityListener(_spans);
        }

        if (metrics)
        {
            bool isStarted = false;
            _meters = new MeterListener
            {
                InstrumentPublished = (instrument, listener) =>
                {
                    // Those of engines that were there before belong to tests that left them lying.
                    if (isStarted && instrument.Meter.Name.StartsWith("BambooOrleans", StringComparison.Ordinal))
                    {
                        _instruments[instrument.Name] = instrument;
                        listener.EnableMeasurementEvents(instrument);
                    }
                },
            };
            _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
            _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            _meters.Start();
            isStarted = true;
        }
    }

    public ConcurrentQueue<Activity> Spans { get; } = new();

    public ConcurrentQueue<Measured> Measurements { get; } = new();

    public IReadOnlyDictionary<string, Instrument> Instruments => _instruments;

    public Activity Span(string name) => Assert.Single(Spans, span => span.DisplayName == name);

    public IEnumerable<Activity> Attempts(string node) =>
        Spans.Where(span => span.GetTagItem("bamboo.node.state") is not null && (string?)span.GetTagItem("bamboo.node.id") == node);

    public IEnumerable<Measured> Of(string instrument) => Measurements.Where(measured => measured.Instrument == instrument);

    /// <summary>What the gauges say now.</summary>
    public double Gauge(string instrument)
    {
        Measurements.Clear();
        _meters!.RecordObservableInstruments();
        return Of(instrument).Sum(measured => measured.Value);
    }

    public void Dispose()
    {
        _spans?.Dispose();
        _meters?.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        Measurements.Enqueue(new Measured(instrument.Name, value, tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value)));
}

internal sealed record Measured(string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags);

/// <summary>Everything that was logged, with its fields and those of the scopes around it.</summary>
internal sealed class KeptLog(IServiceProvider inner) : IServiceProvider, ILoggerFactory, ILogger
{
    private readonly AsyncLocal<object?> _scope = new();

    public ConcurrentQueue<Logged> Lines { get; } = new();

    public object? GetService(Type serviceType) => serviceType == typeof(ILoggerFactory) ? this : inner.GetService(serviceType);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        _scope.Value = state;
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue(new Logged(logLevel, eventId.Name!, FieldsOf(state), FieldsOf(_scope.Value), exception));

    public void Dispose()
    {
    }

    private static Dictionary<string, object?> FieldsOf(object? state) =>
        (state as IReadOnlyList<KeyValuePair<string, object?>>)?.ToDictionary(field => field.Key, field => field.Value) ?? [];
}

internal sealed record Logged(
    LogLevel Level, string Event, IReadOnlyDictionary<string, object?> Fields, IReadOnlyDictionary<string, object?> Scope, Exception? Failure);
