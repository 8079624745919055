using System.Collections.Concurrent;
using System.Diagnostics;
using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Storage;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Hosting;

/// <summary>
/// Traces, measurements and logs of one engine. Machines know nothing of it: a host shows it the facts of each turn
/// (<see cref="Note(TurnNotes?, PipelineDefinition, NodeDefinition, NodeState?, Turn)"/>), and says when they are durable.
/// </summary>
/// <remarks>
/// The span of an attempt begins with the fact that the node started, and is told once the fact that it ended is durable. One that
/// began before this process did is told whole at its end, from the times in the node's state; only what user code did before the
/// death hangs on a span that was lost with the process. All of it costs a few comparisons a turn where nobody listens.
/// </remarks>
public sealed class EngineTelemetry : IDisposable
{
    /// <summary>The name of the source of spans and of the meter.</summary>
    public const string Name = "BambooOrleans";

    private const int AttemptsMax = 100_000;
    private const int ErrorCharsMax = 500;
    private static readonly TimeSpan OverloadPeriod = TimeSpan.FromSeconds(10);

    private static readonly ActivitySource Source = new(Name, Version);

    private readonly ConcurrentDictionary<string, (string Version, Activity Span)> _attempts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _waiting = new(StringComparer.Ordinal);
    private bool _countsWaiting;

    // Whether anything was ever put into the two above: to ask an empty dictionary whether it is takes all of its locks.
    private volatile bool _isTracking;
    private long _overloads;
    private long _overloadTold;

    /// <param name="services">Where the logger comes from; null for none.</param>
    /// <param name="secrets">Which pipelines have secrets: what their nodes and components say of a failure may repeat one, and goes nowhere.</param>
    internal EngineTelemetry(IServiceProvider? services, PipelineSecretsCache secrets)
    {
        Secrets = secrets;
        Log = EngineLog.Create(services);
        Gauges = new EngineGauges { WaitingCallbacks = () => _countsWaiting ? _waiting.Count : null };
        Metrics = new EngineMetrics(Gauges);
    }

    internal static string Version { get; } = typeof(EngineTelemetry).Assembly.GetName().Version!.ToString(3);

    /// <summary>Where the engine logs; null for nowhere.</summary>
    public ILogger? Log { get; }

    /// <summary>Which pipelines have secrets.</summary>
    internal PipelineSecretsCache Secrets { get; }

    internal EngineMetrics Metrics { get; }

    internal EngineGauges Gauges { get; }

    /// <summary>Says where to ask how much there is.</summary>
    /// <param name="activePipelines">How many root pipelines are in memory; called from any thread.</param>
    /// <param name="queuedMessages">How many messages wait; called from any thread.</param>
    /// <param name="hasAllPipelines">Whether this engine runs every pipeline of its store, so that it knows all that wait.</param>
    public void Observe(Func<int> activePipelines, Func<int> queuedMessages, bool hasAllPipelines)
    {
        _countsWaiting = hasAllPipelines;
        Gauges.ActivePipelines = activePipelines;
        Gauges.QueuedMessages = queuedMessages;
    }

    /// <summary>Takes note of a turn of a node's machine, after the machine has taken it.</summary>
    /// <param name="notes">The notes of the batch so far; null for none.</param>
    /// <param name="pipeline">The root pipeline.</param>
    /// <param name="node">The node.</param>
    /// <param name="state">Its state.</param>
    /// <param name="turn">The turn.</param>
    /// <returns>The notes; null where there are none.</returns>
    public TurnNotes? Note(TurnNotes? notes, PipelineDefinition pipeline, NodeDefinition node, NodeState? state, Turn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        bool traces = Source.HasListeners();
        bool isOn = traces || Metrics.WantsFacts;
        if (state is null || (!isOn && Log is null && !_isTracking))
        {
            return notes;
        }

        List<MachineEvent> events = turn.Events;
        for (int index = 0; index < events.Count; index++)
        {
            switch (events[index])
            {
                case NodeStarted or NodeExecutionBegan or NodePollBegan or NodeEndEventBegan or NodeHydrationBegan when traces:
                    Begin(pipeline, node, state);
                    break;
                case NodeScheduled { Kind: not (ScheduleKind.Poll or ScheduleKind.None) } when isOn && _countsWaiting:
                    AddWaiting(node.Id);
                    break;
                case NodeFinished when isOn:
                    (notes ??= new TurnNotes(this)).Add(EndOf(pipeline, node, state, turn.Now, null));
                    break;
                case NodeFailed failed when isOn || Log is not null:
                    EndedAttempt end = EndOf(pipeline, node, state, turn.Now, ErrorOf(state));
                    (notes ??= new TurnNotes(this)).Add(failed.Token is null ? end : end with { Started = turn.Now });
                    break;
                case NodeForcedToFail forced when isOn || Log is not null:
                    (notes ??= new TurnNotes(this)).Add(EndOf(pipeline, node, state, turn.Now, forced.ExData));
                    break;
                case NodeEnded or NodeForcedToFail:
                    _waiting.TryRemove(node.Id, out _);
                    _attempts.TryRemove(node.Id, out _);
                    break;
            }
        }

        return notes;
    }

    /// <summary>Takes note of a turn of a pipeline's machine, after the machine has taken it.</summary>
    /// <inheritdoc cref="Note(TurnNotes?, PipelineDefinition, NodeDefinition, NodeState?, Turn)"/>
    public TurnNotes? Note(TurnNotes? notes, PipelineDefinition pipeline, PipelineState state, Turn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        bool isOn = Source.HasListeners() || Metrics.WantsFacts;
        if (!isOn && Log is null && !_isTracking)
        {
            return notes;
        }

        List<MachineEvent> events = turn.Events;
        for (int index = 0; index < events.Count; index++)
        {
            switch (events[index])
            {
                case PipelineStarted when isOn:
                    (notes ??= new TurnNotes(this)).AddSubmitted();
                    break;
                case PipelineFinished or PipelineRevoked:
                    if (isOn)
                    {
                        ScopeState root = state.Scopes[pipeline.RootId];
                        (notes ??= new TurnNotes(this)).AddEnded(
                            pipeline.RootId, root.State.ToApiName(), turn.Now - root.StartedTime, turn.Now, pipeline.Options.TraceParent);
                    }

                    Forget(pipeline);
                    break;
                case ScopeFinished finished when isOn:
                    (notes ??= new TurnNotes(this)).Add(EndOf(pipeline, finished.ScopeId, state, turn.Now, null));
                    break;
                case ScopeFailed failed when isOn || Log is not null:
                    (notes ??= new TurnNotes(this)).Add(EndOf(pipeline, failed.ScopeId, state, turn.Now, failed.ExData));
                    break;
            }
        }

        return notes;
    }

    /// <summary>Takes note of a pipeline that was loaded from the store.</summary>
    public void NoteLoaded(IPipelineView pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        if (!Metrics.WantsFacts)
        {
            return;
        }

        foreach ((NodeDefinition node, NodeState state) in pipeline.NodeStates)
        {
            if (state is { State: NodeStateName.Running, Phase: NodePhase.Waiting, Schedule: { } schedule }
                && schedule.Kind is not (ScheduleKind.Poll or ScheduleKind.None))
            {
                AddWaiting(node.Id);
            }
        }
    }

    /// <summary>The time before a commit, where anybody wants to know how long it takes; otherwise 0.</summary>
    public long BeginCommit() => Metrics.WantsCommits ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Takes note of a commit.</summary>
    /// <param name="began">What <see cref="BeginCommit"/> gave.</param>
    /// <param name="batch">What was committed.</param>
    /// <param name="failure">Why it failed; null where it did not.</param>
    public void Committed(long began, CommitBatch batch, Exception? failure)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (failure is not null && Log is not null)
        {
            EngineLog.CommitFailed(Log, failure, RowsOf(batch));
        }

        if (began != 0)
        {
            Metrics.Committed(Stopwatch.GetElapsedTime(began), RowsOf(batch), BytesOf(batch), failure);
        }
    }

    /// <summary>Takes note of a commit of which only the sizes are known.</summary>
    /// <param name="began">What <see cref="BeginCommit"/> gave.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="bytes">How many bytes they have.</param>
    /// <param name="failure">Why it failed; null where it did not.</param>
    public void Committed(long began, long rows, long bytes, Exception? failure)
    {
        if (began != 0)
        {
            Metrics.Committed(Stopwatch.GetElapsedTime(began), rows, bytes, failure);
        }
    }

    /// <summary>Takes note that the engine started again from its store.</summary>
    public void Restarted() => Metrics.Restarted();

    /// <inheritdoc/>
    public void Dispose()
    {
        Metrics.Dispose();
        _attempts.Clear();
        _waiting.Clear();
    }

    internal static string TypeOf(Exception failure) => failure is BambooException known ? known.Code : failure.GetType().FullName!;

    /// <summary>Takes note that a call was refused for want of room; said once in a while.</summary>
    internal void Overloaded(EngineOverloadedException refusal)
    {
        if (Log is null)
        {
            return;
        }

        Interlocked.Increment(ref _overloads);
        long now = Stopwatch.GetTimestamp();
        long told = Volatile.Read(ref _overloadTold);
        if ((told == 0 || Stopwatch.GetElapsedTime(told, now) >= OverloadPeriod)
            && Interlocked.CompareExchange(ref _overloadTold, now, told) == told)
        {
            EngineLog.Overloaded(Log, Interlocked.Exchange(ref _overloads, 0), refusal.Message);
        }
    }

    /// <summary>Whether anybody wants to know of calls of verbs.</summary>
    internal bool IsWatchingVerbs => Source.HasListeners() || Metrics.WantsVerbs;

    /// <summary>Begins to trace and to measure a call of a verb; null where nobody wants to know.</summary>
    internal VerbSpan? BeginVerb(string verb, string? id, string? traceParent)
    {
        bool traces = Source.HasListeners();
        if (!traces && !Metrics.WantsVerbs)
        {
            return null;
        }

        Activity? span = traces ? Source.StartActivity(verb, ActivityKind.Internal, TraceParents.Parse(traceParent)) : null;
        span?.SetTag(SpanNames.Verb, verb);
        span?.SetTag(verb == VerbSpan.RunPipeline ? SpanNames.PipelineId : "bamboo.verb.target", id);
        return new VerbSpan(this, verb, span);
    }

    /// <summary>Takes note that user code is to be called; null where nobody wants to know.</summary>
    internal CodeCall? BeginCall(CodeKind kind, NodeDefinition? node, string nodeId, string version) =>
        Source.HasListeners() || Metrics.WantsCalls ? new CodeCall(kind, node, nodeId, version, node is null || Secrets.MayKnow(node)) : null;

    /// <summary>Takes note that a call runs. Its span is the current one of whoever calls this, from here on.</summary>
    internal void Run(CodeCall call)
    {
        Activity? span = null;
        if (Source.HasListeners()
            && _attempts.TryGetValue(call.NodeId, out (string Version, Activity Span) attempt) && attempt.Version == call.Version)
        {
            span = Source.StartActivity(
                call.Node is { } named ? $"{call.KindName} {named.Code}" : call.KindName, ActivityKind.Internal, attempt.Span.Context);
            span?.SetTag(SpanNames.CodeKind, call.KindName);
            span?.SetTag(SpanNames.NodeId, call.NodeId);
            span?.SetTag(SpanNames.NodeVersion, call.Version);
            if (call.Node is { } node)
            {
                span?.SetTag(SpanNames.PipelineId, node.ScopeStack[0]);
                span?.SetTag(SpanNames.ComponentCode, node.Code);
                span?.SetTag(SpanNames.ComponentVersion, node.ComponentVersion);
            }
        }

        call.Begin(span);
    }

    /// <summary>Lets what user code logs carry the attempt that it runs for; null where nobody logs.</summary>
    internal IDisposable? Scope(NodeDefinition? node, string nodeId, string version) => Log?.BeginScope(node is null
        ? new LogScope([new("Node", nodeId), new("Version", version)])
        : new LogScope([new("Pipeline", node.ScopeStack[0]), new("Node", nodeId), new("Version", version), new("Component", node.Code)]));

    internal void Ended(in EndedAttempt attempt)
    {
        Metrics.AttemptEnded(attempt);
        if (attempt.Error is not null && Log is not null)
        {
            EngineLog.NodeFailed(
                Log, attempt.RootId, attempt.NodeId, attempt.Version, attempt.NodeType, attempt.Code, attempt.Loop, attempt.Retry, attempt.Error);
        }

        if ((attempt.Span ?? (Source.HasListeners() ? StartOf(attempt) : null)) is not { } span)
        {
            return;
        }

        span.SetTag(SpanNames.NodeState, attempt.State);
        if (attempt.Error is not null)
        {
            span.SetTag(SpanNames.ErrorType, "node-failed");
            span.SetStatus(ActivityStatusCode.Error, attempt.Error);
        }

        Stop(span, attempt.Ended);
    }

    internal void Ended(string rootId, string state, TimeSpan? duration, DateTimeOffset ended, string? traceParent)
    {
        Metrics.PipelineEnded(state, duration);
        if (Source.HasListeners() && Start("pipeline", traceParent, null, ended - (duration ?? TimeSpan.Zero)) is { } span)
        {
            span.SetTag(SpanNames.PipelineId, rootId);
            span.SetTag(SpanNames.PipelineState, state);
            Stop(span, ended);
        }
    }

    private static string ErrorOf(NodeState state) =>
        state.Outputs is { } outputs && outputs.TryGetValue("ex_data", out Value? error) && error is TextValue { Value: { Length: > 0 } text }
            ? text
            : state.Report?.Cause ?? "it gave no reason";

    /// <summary>What user code threw, where it may be told.</summary>
    internal Exception? Shown(NodeDefinition node, Exception failure) => Secrets.MayKnow(node) ? null : failure;

    private string ErrorShown(PipelineDefinition pipeline, string error) =>
        Secrets.Of(pipeline) is null ? Shortened(error) : "not told here, as the pipeline has secrets";

    // The first line says what, the others where; what an operator needs of these stands in the execution data.
    private static string Shortened(string error)
    {
        int end = error.AsSpan().IndexOfAny('\r', '\n');
        string line = end < 0 ? error : error[..end];
        return line.Length <= ErrorCharsMax ? line : $"{line[..ErrorCharsMax]}…";
    }

    private static long RowsOf(CommitBatch batch) => batch.Pipelines.Count + batch.Records.Count + batch.Statuses.Count
        + batch.Histories.Count + batch.Journal.Count + batch.Removals.Count;

    private static long BytesOf(CommitBatch batch) => batch.Pipelines.Sum(pipeline => (long)pipeline.Tree.Length + pipeline.Options.Length)
        + batch.Records.Sum(record => (long)(record.Payload?.Length ?? 0))
        + batch.Histories.Sum(history => (long)history.Payload.Length)
        + batch.Journal.Sum(row => (long)row.Payload.Length);

    // A new span becomes nobody's current one: who works here works for all pipelines.
    private static Activity? Start(string name, string? traceParent, string? link, DateTimeOffset at)
    {
        Activity? before = Activity.Current;
        Activity.Current = null;
        try
        {
            ActivityContext linked = TraceParents.Parse(link);
            Activity? span = Source.CreateActivity(
                name,
                ActivityKind.Internal,
                TraceParents.Parse(traceParent),
                tags: null,
                linked == default ? null : [new ActivityLink(linked)],
                ActivityIdFormat.W3C);
            return span?.SetStartTime(at.UtcDateTime).Start();
        }
        catch (Exception)
        {
            // What listens is to hold up no machine.
            return null;
        }
        finally
        {
            Activity.Current = before;
        }
    }

    private static void Stop(Activity span, DateTimeOffset at)
    {
        Activity? before = Activity.Current;
        span.SetEndTime(at.UtcDateTime > span.StartTimeUtc ? at.UtcDateTime : span.StartTimeUtc);
        span.Stop();
        Activity.Current = before;
    }

    private static Activity? StartOf(in EndedAttempt attempt)
    {
        Activity? span = Start(
            attempt.Code.Length > 0 ? $"{attempt.NodeType} {attempt.Code}" : attempt.NodeType, attempt.TraceParent, attempt.Link, attempt.Started);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag(SpanNames.PipelineId, attempt.RootId);
            if (attempt.ScopeId != attempt.RootId)
            {
                span.SetTag(SpanNames.ScopeId, attempt.ScopeId);
            }

            span.SetTag(SpanNames.NodeId, attempt.NodeId);
            span.SetTag(SpanNames.NodeType, attempt.NodeType);
            span.SetTag(SpanNames.NodeVersion, attempt.Version);
            span.SetTag(SpanNames.NodeLoop, attempt.Loop);
            span.SetTag(SpanNames.NodeRetry, attempt.Retry);
            if (attempt.Code.Length > 0)
            {
                span.SetTag(SpanNames.ComponentCode, attempt.Code);
                span.SetTag(SpanNames.ComponentVersion, attempt.CodeVersion);
            }
        }

        return span;
    }

    private static EndedAttempt AttemptOf(PipelineDefinition pipeline, NodeDefinition node, NodeState state, DateTimeOffset now) => new()
    {
        RootId = pipeline.RootId,
        ScopeId = node.ScopeId,
        NodeId = node.Id,
        NodeType = node.Kind.ToString(),
        Code = node.Code,
        CodeVersion = node.ComponentVersion,
        Version = state.Version,
        Loop = state.Loop,
        Retry = state.Retry,
        State = state.State.ToApiName(),
        Started = state.StartedTime ?? now,
        Ended = now,
        TraceParent = pipeline.Options.TraceParent,
        Link = state.TraceParent,
    };

    private EndedAttempt EndOf(PipelineDefinition pipeline, string scopeId, PipelineState state, DateTimeOffset now, string? error)
    {
        ScopeState scope = state.Scopes[scopeId];
        NodeDefinition node = pipeline.Nodes[scopeId];
        return new EndedAttempt
        {
            RootId = pipeline.RootId,
            ScopeId = node.ScopeId,
            NodeId = scopeId,
            NodeType = node.Kind.ToString(),
            Code = "",
            CodeVersion = "",
            Version = scope.Version,
            Loop = scope.Loop,
            Retry = scope.Retry,
            State = scope.State.ToApiName(),
            Started = scope.StartedTime ?? now,
            Ended = now,
            Error = error is null ? null : ErrorShown(pipeline, error),
            TraceParent = pipeline.Options.TraceParent,
        };
    }

    // Its span is kept until then, for what user code does in it; where it began in another process, one begins now as of then.
    private void Begin(PipelineDefinition pipeline, NodeDefinition node, NodeState state)
    {
        bool isKnown = _attempts.TryGetValue(node.Id, out (string Version, Activity Span) known);
        if ((isKnown && known.Version == state.Version) || state.State != NodeStateName.Running)
        {
            return;
        }

        // On a silo, those of nodes that another silo has taken over are among them. Whatever is dropped is told whole at its end.
        if (_attempts.Count >= AttemptsMax)
        {
            _attempts.Clear();
        }

        if (StartOf(AttemptOf(pipeline, node, state, state.StartedTime ?? default)) is { } span)
        {
            _isTracking = true;
            _attempts[node.Id] = (state.Version, span);
        }
    }

    private EndedAttempt EndOf(PipelineDefinition pipeline, NodeDefinition node, NodeState state, DateTimeOffset now, string? error)
    {
        _waiting.TryRemove(node.Id, out _);

        // Who is forced to fail has another version by now than the one under which it began.
        bool isKnown = _attempts.TryRemove(node.Id, out (string Version, Activity Span) known)
            && (known.Version == state.Version || error is not null);
        return AttemptOf(pipeline, node, state, now) with { Error = error is null ? null : ErrorShown(pipeline, error), Span = isKnown ? known.Span : null };
    }

    private void AddWaiting(string nodeId)
    {
        _isTracking = true;
        _waiting.TryAdd(nodeId, 0);
    }

    // What waits in a pipeline that is over waits for nothing any more.
    private void Forget(PipelineDefinition pipeline)
    {
        if (!_isTracking)
        {
            return;
        }

        foreach (string nodeId in pipeline.Nodes.Keys)
        {
            _waiting.TryRemove(nodeId, out _);
            _attempts.TryRemove(nodeId, out _);
        }
    }
}
