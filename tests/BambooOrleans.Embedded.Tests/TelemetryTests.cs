using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.Tests;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Embedded.Tests;

[Collection(Listening.Name)]
public class TelemetryTests
{
    private static readonly ActivitySource Callers = new("Test");

    private readonly Workbench _bench = new();
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task Each_attempt_of_a_node_is_a_span_in_the_trace_of_whoever_submitted_the_pipeline()
    {
        using var observed = new Observed();
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        ActivityTraceId trace;
        using (Activity caller = Callers.StartActivity("caller")!)
        {
            trace = caller.TraceId;
            await engine.RunAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", "ok", ("x", 1)));
        }

        await Engines.Until(() => observed.Spans.Count == 6);
        Activity submission = observed.Span("run_pipeline");
        Activity attempt = observed.Span("ServiceActivity ok");
        Activity call = observed.Span("execute ok");
        Assert.All(observed.Spans, span => Assert.Equal(trace, span.TraceId));
        Assert.Equal(submission.SpanId, attempt.ParentSpanId);
        Assert.Equal(attempt.SpanId, call.ParentSpanId);
        Assert.Equal(submission.SpanId, observed.Span("EmptyStartEvent").ParentSpanId);
        Assert.Equal(submission.SpanId, observed.Span("EmptyEndEvent").ParentSpanId);
        Assert.Equal("FINISHED", observed.Span("pipeline").GetTagItem("bamboo.pipeline.state"));
        Assert.Equal(
            [
                ("bamboo.component.code", "ok"),
                ("bamboo.component.version", "legacy"),
                ("bamboo.node.id", "a"),
                ("bamboo.node.loop", 1),
                ("bamboo.node.retry", 0),
                ("bamboo.node.state", "FINISHED"),
                ("bamboo.node.type", "ServiceActivity"),
                ("bamboo.node.version", await engine.VersionOf("a")),
                ("bamboo.pipeline.id", "p"),
            ],
            attempt.TagObjects.Select(tag => (tag.Key, tag.Value)).OrderBy(tag => tag.Key, StringComparer.Ordinal));
        NodeStateInfo state = (await engine.GetChildrenStatesAsync("a").Get())["a"];
        Assert.Equal(state.StartedTime!.Value.UtcDateTime, attempt.StartTimeUtc);
        Assert.Equal(state.ArchivedTime!.Value.UtcDateTime, attempt.StartTimeUtc + attempt.Duration);
    }

    [Fact]
    public async Task User_code_runs_inside_its_span_and_nothing_else_does()
    {
        using var observed = new Observed(metrics: false);
        Activity? inside = null;
        _bench.Executions["a"] = (_, _) =>
        {
            inside = Activity.Current;
            return Task.FromResult(ComponentResult.Ok);
        };
        using Activity opener = Callers.StartActivity("opener")!;
        var currents = new System.Collections.Concurrent.ConcurrentBag<Activity?>();
        _store.BeforeCommit = _ =>
        {
            currents.Add(Activity.Current);
            return ValueTask.FromResult(CommitFault.None);
        };
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));

        Assert.Equal("execute ok", inside?.DisplayName);
        Assert.All(currents, Assert.Null);
        Assert.Same(opener, Activity.Current);
    }

    [Fact]
    public async Task After_a_restart_spans_still_belong_to_the_trace_of_the_caller_and_none_is_told_twice()
    {
        EmbeddedEngine first = await Engines.OpenAsync(_store, _bench, Engines.Hasty);
        string caller;
        using (var observed = new Observed())
        {
            using Activity span = Callers.StartActivity("caller")!;
            caller = span.Id!;
            await first.RunAsync(new TreeSketch().Flow("start", "a", "w", "b", "end").Activity("w", "wait"));
            await Engines.Until(() => observed.Attempts("a").Any());
            Assert.Empty(observed.Attempts("w"));
        }

        string version = await first.VersionOf("w");
        DateTimeOffset started = (await first.GetChildrenStatesAsync("w").Get())["w"].StartedTime!.Value;
        await first.DisposeAsync();

        using var later = new Observed();
        await using EmbeddedEngine second = await Engines.OpenAsync(_store, _bench);
        await second.WaitUntilSettledAsync("p").Done();
        using (Callers.StartActivity("callback")!)
        {
            await second.CallbackAsync("w", version, 1).Done();
        }

        await second.WaitUntilSettledAsync("p").Done();
        await Engines.Until(() => later.Spans.Any(span => span.DisplayName == "pipeline"));

        Activity attempt = Assert.Single(later.Attempts("w"));
        Assert.Equal(ActivityContext.Parse(caller, null).TraceId, attempt.TraceId);
        Assert.Equal(started.UtcDateTime, attempt.StartTimeUtc);
        Assert.Equal(later.Span("callback").SpanId, Assert.Single(attempt.Links).Context.SpanId);
        Assert.Equal(attempt.SpanId, later.Span("callback wait").ParentSpanId);
        Assert.Single(later.Attempts("b"));
        Assert.Empty(later.Attempts("a"));
        Assert.Single(later.Of("bamboo.node.attempts"), measured => measured.Tags.GetValueOrDefault("bamboo.component.code") as string == "wait");
        Assert.Empty(later.Of("bamboo.pipelines.submitted"));
    }

    [Fact]
    public async Task The_attempt_after_a_retry_is_linked_to_whoever_asked_for_it_after_a_restart_too()
    {
        _bench.Executions["a"] = (_, _) => Task.FromResult(ComponentResult.Failed);
        EmbeddedEngine first = await Engines.OpenAsync(_store, _bench, Engines.Hasty);
        await first.RunAsync(new TreeSketch().Flow("start", "a", "end"));
        var hang = new TaskCompletionSource<ComponentResult>();
        var entered = new TaskCompletionSource();
        _bench.Executions["a"] = (_, _) =>
        {
            entered.TrySetResult();
            return hang.Task;
        };
        string retry = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await first.RetryNodeAsync("a", options: new VerbOptions { TraceParent = retry }).Done();
        await entered.Task.WaitAsync(Engines.Patience);
        await first.DisposeAsync();
        _bench.Executions.Clear();

        using var observed = new Observed();
        await using EmbeddedEngine second = await Engines.OpenAsync(_store, _bench);
        await second.WaitUntilSettledAsync("p").Done();
        await Engines.Until(() => observed.Attempts("a").Any());

        Activity attempt = Assert.Single(observed.Attempts("a"));
        Assert.Equal("b7ad6b7169203331", Assert.Single(attempt.Links).Context.SpanId.ToHexString());
        Assert.Equal(1, attempt.GetTagItem("bamboo.node.retry"));
    }

    [Fact]
    public async Task What_a_failed_commit_held_is_told_once_when_it_is_decided_again()
    {
        using var observed = new Observed();
        int commits = 0;
        _store.BeforeCommit = _ => ValueTask.FromResult(++commits == 2 ? CommitFault.Refused : CommitFault.None);
        var log = new KeptLog(_bench);
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench, options => options with { Services = log });
        await engine.SubmitAsync(new TreeSketch().Flow("start", "a", "b", "end"));
        await Engines.Until(() => observed.Spans.Any(span => span.DisplayName == "pipeline"));

        Assert.All(new[] { "start", "a", "b", "end" }, node => Assert.Single(observed.Attempts(node)));
        Assert.Equal(4, observed.Of("bamboo.node.attempts").Sum(measured => measured.Value));
        Assert.Equal(1, observed.Of("bamboo.pipelines.ended").Sum(measured => measured.Value));
        Assert.Equal(1, observed.Of("bamboo.engine.restarts").Sum(measured => measured.Value));
        Assert.Single(observed.Of("bamboo.commit.duration"), measured => measured.Tags.GetValueOrDefault("error.type") as string == "store.refused");
        Assert.Single(log.Lines, line => line is { Event: "CommitFailed", Level: LogLevel.Error });
        Assert.Single(log.Lines, line => line is { Event: "Recovered", Level: LogLevel.Warning });
    }

    [Fact]
    public async Task A_failure_is_a_failed_span_a_count_and_a_line_of_the_log_with_pipeline_node_and_version()
    {
        using var observed = new Observed();
        _bench.Executions["a"] = (_, _) => throw new InvalidOperationException("the disk is full\nsecond line");
        var log = new KeptLog(_bench);
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench, options => options with { Services = log });
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));
        await Engines.Until(() => observed.Attempts("a").Any());

        Activity attempt = Assert.Single(observed.Attempts("a"));
        Assert.Equal((ActivityStatusCode.Error, "System.InvalidOperationException: the disk is full"), (attempt.Status, attempt.StatusDescription));
        Assert.Equal("FAILED", attempt.GetTagItem("bamboo.node.state"));
        Assert.Equal("System.InvalidOperationException", observed.Span("execute ok").GetTagItem("error.type"));
        Measured threw = Assert.Single(observed.Of("engine_execute_exception_count"));
        Assert.Equal(("ServiceActivity", Environment.MachineName), (threw.Tags["type"], threw.Tags["hostname"]));
        Assert.Empty(observed.Of("engine_execute_failed_count"));
        Logged line = Assert.Single(log.Lines, line => line.Event == "NodeFailed");
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Equal(
            ("p", "a", await engine.VersionOf("a"), "ok", "System.InvalidOperationException: the disk is full"),
            (line.Fields["Pipeline"], line.Fields["Node"], line.Fields["Version"], line.Fields["Component"], line.Fields["Error"]));
    }

    [Fact]
    public async Task A_node_that_is_forced_to_fail_ends_its_span_with_what_was_said()
    {
        using var observed = new Observed();
        var hang = new TaskCompletionSource<ComponentResult>();
        _bench.Executions["a"] = (_, _) => hang.Task;
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench, Engines.Hasty);
        await engine.SubmitAsync(new TreeSketch().Flow("start", "a", "end"));
        await _bench.Entered("a");
        await engine.ForcedFailActivityAsync("a", "enough").Done();
        await Engines.Until(() => observed.Attempts("a").Any());
        hang.SetResult(ComponentResult.Ok);

        Activity attempt = Assert.Single(observed.Attempts("a"));
        Assert.Equal("enough", attempt.StatusDescription);
        Assert.Single(observed.Of("bamboo.node.attempts"), measured => measured.Tags["bamboo.node.state"] as string == "FAILED");
    }

    [Fact]
    public async Task A_sub_process_is_a_span_of_its_own()
    {
        using var observed = new Observed();
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        await engine.RunAsync(new TreeSketch().Flow("start", "sp", "end").Sub("sp", new TreeSketch("sp", "s2", "e2").Flow("s2", "inner", "e2")));
        await Engines.Until(() => observed.Attempts("sp").Any() && observed.Attempts("inner").Any());

        Assert.Equal("SubProcess", Assert.Single(observed.Attempts("sp")).DisplayName);
        Assert.Equal("sp", Assert.Single(observed.Attempts("inner")).GetTagItem("bamboo.subprocess.id"));
    }

    [Fact]
    public async Task What_waits_for_a_callback_is_counted_also_by_the_engine_that_finds_it_waiting()
    {
        using var observed = new Observed();
        EmbeddedEngine first = await Engines.OpenAsync(_store, _bench);
        await first.RunAsync(new TreeSketch().Flow("start", "pg", "v", "cg", "end").Flow("pg", "w", "cg").Activity("v", "wait").Activity("w", "multi"));
        Assert.Equal(2, observed.Gauge("bamboo.callbacks.waiting"));
        Assert.Equal(1, observed.Gauge("bamboo.pipelines.active"));
        await first.DisposeAsync();
        Assert.Equal(0, observed.Gauge("bamboo.callbacks.waiting"));

        await using EmbeddedEngine second = await Engines.OpenAsync(_store, _bench);
        await second.WaitUntilSettledAsync("p").Done();
        Assert.Equal(2, observed.Gauge("bamboo.callbacks.waiting"));
        await second.CallbackAsync("v", await second.VersionOf("v"), 1).Done();
        await second.WaitUntilSettledAsync("p").Done();
        Assert.Equal(1, observed.Gauge("bamboo.callbacks.waiting"));
        await second.RevokePipelineAsync("p").Done();
        Assert.Equal(0, observed.Gauge("bamboo.callbacks.waiting"));
    }

    [Fact]
    public async Task Running_code_and_code_that_waits_for_a_slot_are_counted()
    {
        using var observed = new Observed();
        var hang = new TaskCompletionSource<ComponentResult>();
        _bench.Executions["a"] = _bench.Executions["b"] = (_, _) => hang.Task;
        await using EmbeddedEngine engine = await Engines.OpenAsync(
            _store, _bench, options => options with { UserCode = new UserCodeOptions { ConcurrencyMax = 1 } });
        await engine.SubmitAsync(new TreeSketch().Flow("start", "pg", "a", "cg", "end").Flow("pg", "b", "cg"));
        await Engines.Until(() => observed.Gauge("engine_running_processes") == 1 && observed.Gauge("bamboo.user_code.queued") == 1);
        hang.SetResult(ComponentResult.Ok);
        await engine.WaitUntilSettledAsync("p").Done();

        await Engines.Until(() => observed.Gauge("bamboo.user_code.running") == 0);
        Assert.Equal(0, observed.Gauge("bamboo.user_code.queued"));
    }

    [Fact]
    public async Task A_verb_that_is_refused_is_counted_by_its_code()
    {
        using var observed = new Observed();
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));
        Assert.False((await engine.RetryNodeAsync("a")).Result);

        Measured refused = Assert.Single(observed.Of("bamboo.verbs.refused"));
        Assert.Equal(("retry_node", "verb.not-failed"), (refused.Tags["bamboo.verb"], refused.Tags["error.type"]));
        Assert.Equal(["run_pipeline", "retry_node"], observed.Of("bamboo.verb.duration").Select(measured => measured.Tags["bamboo.verb"]));
        Assert.Equal(ActivityStatusCode.Error, observed.Span("retry_node").Status);
    }

    [Fact]
    public async Task What_user_code_logs_carries_its_attempt_and_a_time_limit_and_a_hook_that_throws_are_said()
    {
        var log = new KeptLog(_bench);
        _bench.Executions["a"] = (_, _) =>
        {
            log.Log(LogLevel.Information, new EventId(0, "FromCode"), "", null, (_, _) => "");
            return new TaskCompletionSource<ComponentResult>().Task;
        };
        await using EmbeddedEngine engine = await Engines.OpenAsync(
            _store, _bench, options => options with { Services = log, UserCode = new UserCodeOptions { TimeLimit = TimeSpan.FromMilliseconds(1) } });
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));

        Logged inside = Assert.Single(log.Lines, line => line.Event == "FromCode");
        string version = await engine.VersionOf("a");
        Assert.Equal(("p", "a", version), (inside.Scope["Pipeline"], inside.Scope["Node"], inside.Scope["Version"]));
        Logged late = Assert.Single(log.Lines, line => line.Event == "TimeLimitExceeded");
        Assert.Equal(("p", "a", version), (late.Fields["Pipeline"], late.Fields["Node"], late.Fields["Version"]));
    }

    [Fact]
    public async Task A_listener_that_throws_does_not_hold_up_the_engine()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "BambooOrleans",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Name == "run_pipeline" ? ActivitySamplingResult.None : throw new InvalidOperationException("planted"),
        };
        ActivitySource.AddActivityListener(listener);
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));

        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
    }

    [Fact]
    public async Task Where_nobody_listens_a_pipeline_keeps_no_trace_and_its_records_none()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));

        PipelineExport export = await engine.ExportAsync("p");
        Assert.DoesNotContain("traceParent", System.Text.Encoding.UTF8.GetString(export.Stored.Options.Span), StringComparison.Ordinal);
        Assert.All(export.Stored.Records, record => Assert.DoesNotContain(
            "traceParent", System.Text.Encoding.UTF8.GetString(record.Payload.Span), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_documentation_has_every_metric_with_its_kind_and_unit_and_no_other()
    {
        var instruments = new System.Collections.Concurrent.ConcurrentDictionary<string, Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith("BambooOrleans", StringComparison.Ordinal))
                {
                    instruments[instrument.Name] = instrument;
                }
            },
        };
        listener.Start();
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench, options => options with { Audit = new AuditOptions { Fraction = 1 } });
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));
        await Engines.Until(() => instruments.ContainsKey("bamboo_audit_equal"));

        Assert.Equal(
            instruments.Values.Select(instrument => $"{instrument.Name} | {KindOf(instrument)} | {instrument.Unit}".TrimEnd()).Order(StringComparer.Ordinal),
            Rows("Measurements").Select(cells => $"{cells[0]} | {cells[1]} | {cells[2]}".TrimEnd()).Order(StringComparer.Ordinal));

        static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
        {
            "Counter" => "counter",
            "Histogram" => "histogram",
            "ObservableUpDownCounter" => "up-down counter",
            "ObservableGauge" => "gauge",
            string other => other,
        };
    }

    [Fact]
    public async Task The_documentation_has_every_attribute_and_every_event_of_the_log()
    {
        using var observed = new Observed();
        _bench.Executions["b"] = (_, _) => Task.FromResult(ComponentResult.Failed);
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        await engine.RunAsync(new TreeSketch().Flow("start", "sp", "end").EndsWith("notify")
            .Sub("sp", new TreeSketch("sp", "s2", "e2").Flow("s2", "w", "b", "e2").Activity("w", "wait")));
        await engine.CallbackAsync("w", await engine.VersionOf("w"), 1).Done();
        await engine.WaitUntilSettledAsync("p").Done();
        await engine.SkipNodeAsync("b").Done();
        await engine.RetryNodeAsync("b");
        await engine.WaitUntilSettledAsync("p").Done();
        await Engines.Until(() => observed.Spans.Any(span => span.DisplayName == "pipeline"));

        string page = Repository.Read("docs", "telemetry.md");
        string[] attributes =
        [
            .. observed.Spans.SelectMany(span => span.TagObjects.Select(tag => tag.Key))
                .Concat(observed.Measurements.SelectMany(measured => measured.Tags.Keys)).Distinct(),
        ];
        Assert.Contains("bamboo.subprocess.id", attributes);
        Assert.Contains("error.type", attributes);
        Assert.All(attributes, attribute => Assert.Contains($"`{attribute}`", page, StringComparison.Ordinal));
        string[] events =
        [
            .. typeof(EngineLog).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(method => method.IsDefined(typeof(LoggerMessageAttribute))).Select(method => method.Name),
        ];
        Assert.True(events.Length > 8);
        Assert.Equal(events.Order(StringComparer.Ordinal), Rows("Logs").Select(cells => cells[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_caller_is_the_nearest_span_that_somebody_will_see()
    {
        Assert.Null(TraceParents.Current);
        string remote = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using (TraceParents.Enter(remote))
        {
            Assert.Equal(remote, TraceParents.Current);
        }

        Assert.Null(TraceParents.Current);
        Assert.Null(TraceParents.Enter("no traceparent"));
        using var observed = new Observed(metrics: false);
        using (Activity seen = Callers.StartActivity("seen")!)
        using (new Activity("unseen").Start())
        {
            Assert.Equal(seen.Id, TraceParents.Current);
            Assert.Null(TraceParents.Enter(remote));
        }
    }

    // The rows of the tables of a section that begin with a name in code.
    private static List<string[]> Rows(string section)
    {
        string page = Repository.Read("docs", "telemetry.md");
        string text = page[page.IndexOf($"\n## {section}\n", StringComparison.Ordinal)..];
        int end = text.IndexOf("\n## ", 1, StringComparison.Ordinal);
        return
        [
            .. (end < 0 ? text : text[..end]).Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
                .Select(line => line.Trim('|', ' ').Split('|').Select(cell => cell.Trim(' ', '`')).ToArray()),
        ];
    }
}
