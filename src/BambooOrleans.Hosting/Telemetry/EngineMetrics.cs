using System.Diagnostics;
using System.Diagnostics.Metrics;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>
/// What an engine measures. docs/telemetry.md says what each means; names without a dot are those of bamboo-engine, under which its
/// users' dashboards look for them. Nothing is measured, and nothing allocated, where nobody listens.
/// </summary>
internal sealed class EngineMetrics : IDisposable
{
    // Bounds in seconds, from what a gateway takes to what people do.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200],
    };

    // bamboo-engine's own bounds, so that quantiles of both can be compared.
    private static readonly InstrumentAdvice<double> ReferenceSeconds = new()
    {
        HistogramBucketBoundaries =
            [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 25, 50, 75, 100],
    };

    private static readonly KeyValuePair<string, object?> HostName = new("hostname", Environment.MachineName);

    private readonly Meter _meter = new(EngineTelemetry.Name, EngineTelemetry.Version);
    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _attemptDuration;
    private readonly Counter<long> _submitted;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _pipelineDuration;
    private readonly Histogram<double> _codeDuration;
    private readonly Histogram<double> _codeWait;
    private readonly Histogram<double> _verbDuration;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<long> _commitRows;
    private readonly Histogram<long> _commitBytes;
    private readonly Counter<long> _restarts;
    private readonly Histogram<double> _processTime;
    private readonly Histogram<double> _scheduleTime;
    private readonly Histogram<double> _nodeExecuteTime;
    private readonly Histogram<double> _nodeScheduleTime;
    private readonly Histogram<double> _executeDelay;
    private readonly Histogram<double> _scheduleDelay;
    private readonly Counter<long> _executeFailed;
    private readonly Counter<long> _scheduleFailed;
    private readonly Counter<long> _executeThrew;
    private readonly Counter<long> _scheduleThrew;
    private readonly EngineGauges _gauges;

    public EngineMetrics(EngineGauges gauges)
    {
        _gauges = gauges;
        _attempts = _meter.CreateCounter<long>("bamboo.node.attempts", "{attempt}", "Attempts of nodes that ended.");
        _attemptDuration = Histogram("bamboo.node.attempt.duration", "From the start of an attempt of a node to its end, waiting included.");
        _submitted = _meter.CreateCounter<long>("bamboo.pipelines.submitted", "{pipeline}", "Pipelines that were taken in.");
        _ended = _meter.CreateCounter<long>("bamboo.pipelines.ended", "{pipeline}", "Pipelines that finished or were revoked.");
        _pipelineDuration = Histogram("bamboo.pipeline.duration", "From the start of a pipeline to its end.");
        _codeDuration = Histogram("bamboo.user_code.duration", "Calls of user code, without the wait for a slot.");
        _codeWait = Histogram("bamboo.user_code.wait", "The wait of calls of user code for a slot.");
        _verbDuration = Histogram("bamboo.verb.duration", "Calls of control verbs, from the call to the answer.");
        _refused = _meter.CreateCounter<long>("bamboo.verbs.refused", "{call}", "Calls of control verbs that were refused or failed.");
        _commitDuration = Histogram("bamboo.commit.duration", "Commits to the store.");
        _commitRows = _meter.CreateHistogram<long>("bamboo.commit.rows", "{row}", "Rows of a commit.");
        _commitBytes = _meter.CreateHistogram<long>("bamboo.commit.size", "By", "Payload bytes of a commit.");
        _restarts = _meter.CreateCounter<long>(
            "bamboo.engine.restarts", "{restart}", "How often the engine dropped what it had in memory and started again from its store.");

        _processTime = Reference("engine_process_running_time", "time spent running process");
        _scheduleTime = Reference("engine_schedule_running_time", "time spent running schedule");
        _nodeExecuteTime = Reference("engine_node_execute_time", "time spent executing node");
        _nodeScheduleTime = Reference("engine_node_schedule_time", "time spent scheduling node");
        _executeDelay = Reference("engine_runtime_execute_task_claim_delay", "delay between execute task send and task claim");
        _scheduleDelay = Reference("engine_runtime_schedule_task_claim_delay", "delay between schedule task send and task claim");
        _executeFailed = _meter.CreateCounter<long>("engine_execute_failed_count", null, "count execute failed");
        _scheduleFailed = _meter.CreateCounter<long>("engine_schedule_failed_count", null, "count schedule failed");
        _executeThrew = _meter.CreateCounter<long>("engine_execute_exception_count", null, "count execute exceptions");
        _scheduleThrew = _meter.CreateCounter<long>("engine_schedule_exception_count", null, "count schedule exceptions");

        _meter.CreateObservableGauge(
            "engine_running_processes", () => new Measurement<long>(_gauges.Executing, HostName), null, "count running state processes");
        _meter.CreateObservableGauge(
            "engine_running_schedules", () => new Measurement<long>(_gauges.Scheduling, HostName), null, "count running state schedules");
        _meter.CreateObservableUpDownCounter("bamboo.user_code.running", () => _gauges.Running, "{call}", "Calls of user code that run.");
        _meter.CreateObservableUpDownCounter("bamboo.user_code.queued", () => _gauges.Queued, "{call}", "Calls of user code that wait for a slot.");
        _meter.CreateObservableUpDownCounter("bamboo.pipelines.active", () => _gauges.ActivePipelines(), "{pipeline}", "Root pipelines in memory.");
        _meter.CreateObservableUpDownCounter(
            "bamboo.mailbox.length", () => _gauges.QueuedMessages(), "{message}", "What waits to be taken by the engine's loop, or by the writer of a silo.");
        _meter.CreateObservableUpDownCounter(
            "bamboo.callbacks.waiting",
            () => _gauges.WaitingCallbacks() is { } waiting ? [new Measurement<long>(waiting)] : Array.Empty<Measurement<long>>(),
            "{node}", "Nodes that wait for a callback.");
    }

    /// <summary>Whether anybody wants to know what machines decide.</summary>
    public bool WantsFacts => _attempts.Enabled || _attemptDuration.Enabled || _submitted.Enabled || _ended.Enabled || _pipelineDuration.Enabled;

    /// <summary>Whether anybody wants to know of calls of user code.</summary>
    public bool WantsCalls => _codeDuration.Enabled || _codeWait.Enabled || _processTime.Enabled || _scheduleTime.Enabled
        || _nodeExecuteTime.Enabled || _nodeScheduleTime.Enabled || _executeDelay.Enabled || _scheduleDelay.Enabled
        || _executeFailed.Enabled || _scheduleFailed.Enabled || _executeThrew.Enabled || _scheduleThrew.Enabled;

    /// <summary>Whether anybody wants to know of verbs.</summary>
    public bool WantsVerbs => _verbDuration.Enabled || _refused.Enabled;

    /// <summary>Whether anybody wants to know of commits.</summary>
    public bool WantsCommits => _commitDuration.Enabled || _commitRows.Enabled || _commitBytes.Enabled;

    public void AttemptEnded(in EndedAttempt attempt)
    {
        TagList tags = [new(SpanNames.NodeType, attempt.NodeType), new(SpanNames.NodeState, attempt.State)];
        if (attempt.Code.Length > 0)
        {
            tags.Add(SpanNames.ComponentCode, attempt.Code);
            tags.Add(SpanNames.ComponentVersion, attempt.CodeVersion);
        }

        _attempts.Add(1, tags);
        _attemptDuration.Record(attempt.Duration.TotalSeconds, tags);
    }

    public void Submitted(int count) => _submitted.Add(count);

    public void PipelineEnded(string state, TimeSpan? duration)
    {
        var tag = new KeyValuePair<string, object?>(SpanNames.PipelineState, state);
        _ended.Add(1, tag);
        if (duration is { } taken)
        {
            _pipelineDuration.Record(taken.TotalSeconds, tag);
        }
    }

    public void CallEnded(CodeCall call, bool isSuccess, TimeSpan waited, TimeSpan inCode, TimeSpan inSlot)
    {
        TagList tags = [new(SpanNames.CodeKind, call.KindName)];
        if (call.Code.Length > 0)
        {
            tags.Add(SpanNames.ComponentCode, call.Code);
            tags.Add(SpanNames.ComponentVersion, call.CodeVersion);
        }

        _codeWait.Record(waited.TotalSeconds, tags);
        if (call.ErrorType(isSuccess) is { } error)
        {
            tags.Add(SpanNames.ErrorType, error);
        }

        _codeDuration.Record(inCode.TotalSeconds, tags);
        var type = new KeyValuePair<string, object?>("type", call.NodeType);
        switch (call.Kind)
        {
            case CodeKind.Execute or CodeKind.EndEvent:
                _executeDelay.Record(waited.TotalSeconds, HostName);
                _nodeExecuteTime.Record(inCode.TotalSeconds, type, HostName);
                _processTime.Record(inSlot.TotalSeconds, HostName);
                Count(call.Failure is null ? _executeFailed : _executeThrew);
                break;
            case CodeKind.Poll or CodeKind.Callback:
                _scheduleDelay.Record(waited.TotalSeconds, HostName);
                _nodeScheduleTime.Record(inCode.TotalSeconds, type, HostName);
                _scheduleTime.Record(inSlot.TotalSeconds, HostName);
                Count(call.Failure is null ? _scheduleFailed : _scheduleThrew);
                break;
        }

        void Count(Counter<long> counter)
        {
            if (!isSuccess)
            {
                counter.Add(1, type, HostName);
            }
        }
    }

    public void VerbEnded(string verb, TimeSpan taken, string? code)
    {
        TagList tags = [new(SpanNames.Verb, verb)];
        if (code is not null)
        {
            tags.Add(SpanNames.ErrorType, code);
            _refused.Add(1, tags);
        }

        _verbDuration.Record(taken.TotalSeconds, tags);
    }

    public void Committed(TimeSpan taken, long rows, long bytes, Exception? failure)
    {
        if (failure is null)
        {
            _commitDuration.Record(taken.TotalSeconds);
            _commitRows.Record(rows);
            _commitBytes.Record(bytes);
        }
        else
        {
            _commitDuration.Record(taken.TotalSeconds, new KeyValuePair<string, object?>(SpanNames.ErrorType, EngineTelemetry.TypeOf(failure)));
        }
    }

    public void Restarted() => _restarts.Add(1);

    public void Dispose() => _meter.Dispose();

    private Histogram<double> Histogram(string name, string description) =>
        _meter.CreateHistogram(name, "s", description, null, Seconds);

    // Without a unit: with one, exporters for Prometheus would add it to the name.
    private Histogram<double> Reference(string name, string description) =>
        _meter.CreateHistogram(name, null, description, null, ReferenceSeconds);
}

/// <summary>What is asked for rather than told: how much there is now.</summary>
internal sealed class EngineGauges
{
    private int _executing;
    private int _scheduling;
    private int _other;
    private int _queued;

    public Func<int> ActivePipelines { get; set; } = static () => 0;

    public Func<int> QueuedMessages { get; set; } = static () => 0;

    /// <summary>Null where this process cannot know.</summary>
    public required Func<int?> WaitingCallbacks { get; init; }

    public int Executing => Volatile.Read(ref _executing);

    public int Scheduling => Volatile.Read(ref _scheduling);

    public int Queued => Volatile.Read(ref _queued);

    public int Running => Executing + Scheduling + Volatile.Read(ref _other);

    public void Queue(int change) => Interlocked.Add(ref _queued, change);

    public void Run(CodeKind kind, int change) => Interlocked.Add(
        ref kind is CodeKind.Execute or CodeKind.EndEvent ? ref _executing : ref kind is CodeKind.Poll or CodeKind.Callback ? ref _scheduling : ref _other,
        change);
}
