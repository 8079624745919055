using System.Threading.Channels;
using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Embedded;

/// <summary>
/// Runs every machine of an engine on one loop, one input at a time. What machines tell each other is delivered at once, in
/// the order in which it was said, so that a whole chain of steps shares a commit; what leaves the engine waits for it.
/// While one batch commits the next one fills: there is no artificial delay.
/// </summary>
/// <remarks>
/// One reactor lives as long as its store does what it is asked. When a commit fails, what is in memory may not be what is
/// kept: the reactor stops, and a new one with a new incarnation starts from the store, as after a restart of the process.
/// </remarks>
internal sealed class Reactor : IEffectHandler
{
    private const int BatchMessagesMax = 256;

    private readonly EmbeddedEngineOptions _options;
    private readonly UserCode _userCode;
    private readonly Channel<Message> _mailbox = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });
    private readonly PipelinesInMemory _pipelines;
    private readonly UserCodeCalls _calls;
    private readonly List<PipelineInstance> _changed = [];
    private readonly HashSet<PipelineInstance> _watched = [];
    private readonly HashSet<string> _removing = new(StringComparer.Ordinal);
    private readonly HashSet<PipelineInstance> _toBeChecked = [];
    private readonly Queue<(string? NodeId, NodeInput? Node, PipelineInput? Pipeline)> _tells = new();
    private readonly Dictionary<long, TaskCompletionSource> _requests = [];
    private readonly Committer _committer;
    private readonly TimerQueue _timers;
    private readonly ITimer _sweeper;
    private readonly Turn _turn;
    private readonly Action<Exception, string?> _failed;
    private readonly Action<string> _finished;
    private readonly Task _loop;
    private Commit _next = new(1);
    private TaskCompletionSource _nextCommit = NewCompletion();
    private PipelineInstance? _current;
    private bool _isCommitting;
    private long _nextRoot;
    private long _nextPosition;
    private long _nextRequest = 1;
    private bool _isFailed;
    private int _queued;

    /// <param name="store">The store, opened.</param>
    /// <param name="opening">Where its numbering goes on.</param>
    /// <param name="options">How the engine runs.</param>
    /// <param name="userCode">What runs user code.</param>
    /// <param name="compile">Makes the definition of a pipeline that is loaded.</param>
    /// <param name="finished">Called when a pipeline has finished or was revoked, once that is durable.</param>
    /// <param name="failed">Called once, when the reactor cannot go on: the store failed, or a machine of the named pipeline did.</param>
    public Reactor(
        IEngineStore store,
        StoreOpening opening,
        EmbeddedEngineOptions options,
        UserCode userCode,
        Func<StoredPipeline, PipelineDefinition> compile,
        Action<string> finished,
        Action<Exception, string?> failed)
    {
        _options = options;
        _userCode = userCode;
        _finished = finished;
        _failed = failed;
        _nextRoot = opening.NextRoot;
        _nextPosition = opening.NextPosition;
        _turn = new Turn(Guid.NewGuid().ToString("N"), new RandomVersions());
        _calls = new UserCodeCalls(Post);
        _pipelines = new PipelinesInMemory(store, options, compile, Post, _calls.Stopping);
        _timers = new TimerQueue(options.Time, entry => Post(new TimerMessage(entry)));
        userCode.Telemetry.Observe(() => _pipelines.Count, () => Volatile.Read(ref _queued), hasAllPipelines: true);

        // What the loops do they do for all pipelines, and not in the span of whoever opened the engine.
        using AsyncFlowControl apart = ExecutionContext.SuppressFlow();
        _committer = new Committer(store, userCode.Telemetry, (commit, failure) => Post(new CommittedMessage(commit, failure)));
        _sweeper = options.Time.CreateTimer(_ => Post(new SweepMessage()), null, options.IdleTime, options.IdleTime);
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Takes a submission; the task ends when it is durable.</summary>
    public Task SubmitAsync(
        PipelineDefinition definition, ReadOnlyMemory<byte> tree, ReadOnlyMemory<byte> options, IReadOnlyCollection<string> ids, bool hasSecrets)
    {
        var done = NewCompletion();
        Post(new SubmitMessage(definition, tree, options, ids, hasSecrets, done));
        return done.Task;
    }

    /// <summary>Takes in a pipeline that was exported; the task ends when it is durable.</summary>
    public Task ImportAsync(PipelineExport export, IReadOnlyCollection<string> ids, bool goesOn)
    {
        var done = NewCompletion();
        Post(new ImportMessage(export, PipelineNames.Of(export.Stored.Tree.Span), MachineJson.ReadOptions(export.Stored.Options.Span).HasSecrets, ids, goesOn, done));
        return done.Task;
    }

    /// <summary>Removes finished pipelines that nobody uses now; ends when that is durable. Their rows go with <see cref="RemoveRowsAsync"/>.</summary>
    /// <returns>Those that were removed.</returns>
    public Task<IReadOnlyList<ArchivedRoot>> RemoveAsync(IReadOnlyList<ArchivedRoot> roots)
    {
        var done = new TaskCompletionSource<IReadOnlyList<ArchivedRoot>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new RemoveMessage(roots, done));
        return done.Task;
    }

    /// <summary>Deletes rows of removed pipelines, between two commits.</summary>
    /// <returns>How many; 0 where none is left.</returns>
    public async Task<int> RemoveRowsAsync(int rowsMax)
    {
        try
        {
            return await _committer.RemoveRowsAsync(rowsMax).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not EngineUnavailableException)
        {
            Post(new StoreFailedMessage(failure));
            throw;
        }
    }

    /// <summary>Asks the machine of a pipeline that a verb is for, and waits for the answer to be durable.</summary>
    public Task AskAsync(string rootId, VerbRequest request)
    {
        var done = NewCompletion();
        Post(new AskMessage(rootId, request, done));
        return done.Task;
    }

    /// <summary>Tries a verb on copies of a pipeline's machines.</summary>
    /// <exception cref="BambooException">Why it would be refused.</exception>
    public Task<VerbOutcome> TryAsync(string rootId, VerbRequest request) => ReadAsync(rootId, instance =>
    {
        var turn = new Turn(_turn.Host, new RandomVersions());
        turn.Begin(_options.Time.GetUtcNow());
        return DryRuns.Try(
            instance.Pipeline, nodeId => instance.Node(nodeId).Machine, request.Ask(instance.Records, 0), turn);
    });

    /// <summary>Ends when a batch has become durable after now, or the reactor has stopped.</summary>
    public Task WhenCommittedAsync() => Volatile.Read(ref _nextCommit).Task;

    /// <summary>Reads something of a pipeline's state once it is durable.</summary>
    public async Task<T> ReadAsync<T>(string rootId, Func<PipelineInstance, T> read)
    {
        T? result = default;
        var done = NewCompletion();
        Post(new ReadMessage(rootId, instance => result = read(instance), done));
        await done.Task.ConfigureAwait(false);
        return result!;
    }

    /// <summary>Waits until a pipeline has settled.</summary>
    public Task WatchAsync(string rootId)
    {
        var done = NewCompletion();
        Post(new WatchMessage(rootId, done));
        return done.Task;
    }

    /// <summary>Has a pipeline that was kept go on.</summary>
    public void Drive(string rootId) => Post(new DriveMessage(rootId));

    /// <summary>
    /// Stops: waits for running user code up to the limit, cuts off the rest, makes what was decided durable, and answers
    /// everybody who still waits that the engine is away.
    /// </summary>
    public async Task StopAsync(TimeSpan limit)
    {
        await _calls.StopAsync(limit, _options.Time).ConfigureAwait(false);
        Post(new StopMessage());
        await _loop.ConfigureAwait(false);
        await _committer.CompleteAsync().ConfigureAwait(false);
        _timers.Dispose();
        await _sweeper.DisposeAsync().ConfigureAwait(false);
        _mailbox.Writer.TryComplete();
        var away = new EngineUnavailableException("the engine is closing");
        while (_mailbox.Reader.TryRead(out Message? message))
        {
            message.Fail(away);
        }

        FailAll(away);
        Volatile.Read(ref _nextCommit).TrySetResult();
        _calls.Dispose();
    }

    public void Perform(TellNode effect) => _tells.Enqueue((effect.NodeId, effect.Input, null));

    public void Perform(TellPipeline effect) => _tells.Enqueue((null, null, effect.Input));

    public void Perform(Hydrate effect) => RunUserCode(effect.Id, effect.Version, async (instance, stopping) =>
    {
        HydrationAnswer? answer = await _userCode.RunAsync(effect, instance.Definition.RootData, stopping).ConfigureAwait(false);
        return answer is null ? null
            : effect.IsScope ? new CallMessage(instance.RootId, null, null, new ScopeHydrated(effect.Id, effect.Version, answer.Values, answer.Error))
            : new CallMessage(instance.RootId, effect.Id, new Hydrated(effect.Version, answer.Values, answer.Error), null);
    });

    public void Perform(ExecuteComponent effect) => RunUserCode(effect.Call.Node.Id, effect.Call.Version, async (instance, stopping) => Answer(
        instance, effect.Call.Node.Id, await _userCode.RunAsync(effect, instance.Definition.RootData, stopping).ConfigureAwait(false)));

    public void Perform(PollComponent effect) => RunUserCode(effect.Call.Node.Id, effect.Call.Version, async (instance, stopping) => Answer(
        instance, effect.Call.Node.Id, await _userCode.RunAsync(effect, instance.Definition.RootData, stopping).ConfigureAwait(false)));

    public void Perform(RunEndEvent effect) => RunUserCode(effect.Node.Id, effect.Version, async (instance, stopping) => Answer(
        instance, effect.Node.Id, await _userCode.RunAsync(effect, stopping).ConfigureAwait(false)));

    public void Perform(SetScopeTimer effect) =>
        _timers.Add(new TimerEntry(_current!.RootId, effect.ScopeId, ""), effect.Due);

    // Not counted as running: nothing waits for what hooks do.
    public void Perform(RunVerbHooks effect)
    {
        PipelineInstance instance = _current!;
        CancellationToken stopping = _calls.Stopping;
        _next.OnOutcome(failure =>
        {
            if (failure is null)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ => _ = _userCode.RunAsync(effect, instance.Definition.RootData, stopping), null);
            }
        });
    }

    public void Perform(CancelUserCode effect) => _calls.Cancel(_next, _current!.RootId, effect.NodeId, effect.Version);

    public void Perform(SetTimer effect) =>
        _timers.Add(new TimerEntry(_current!.RootId, effect.NodeId, effect.Version), effect.Due);

    public void Perform(Reply effect)
    {
        if (_requests.Remove(effect.Request, out TaskCompletionSource? caller))
        {
            _next.OnOutcome(failure => Complete(caller, effect.Error ?? failure));
        }
    }

    private static TaskCompletionSource NewCompletion() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Complete(TaskCompletionSource caller, Exception? failure)
    {
        if (failure is null)
        {
            caller.TrySetResult();
        }
        else
        {
            caller.TrySetException(AnswerOf(failure));
        }
    }

    private static Exception AnswerOf(Exception failure) => failure is BambooException and not StoreUnavailableException
        ? failure
        : new EngineUnavailableException(
            $"the store failed, and whether the call took effect is not known: {failure.Message}", failure);

    private static CallMessage? Answer(PipelineInstance instance, string nodeId, NodeInput? input) =>
        input is null ? null : new CallMessage(instance.RootId, nodeId, input, null);

    private void Post(Message message)
    {
        Interlocked.Increment(ref _queued);
        if (!_mailbox.Writer.TryWrite(message))
        {
            message.Fail(new EngineUnavailableException("the engine is closing"));
        }
    }

    private async Task LoopAsync()
    {
        ChannelReader<Message> reader = _mailbox.Reader;
        while (await reader.WaitToReadAsync().ConfigureAwait(false))
        {
            // A batch is handed over when the mailbox is empty, or as soon as the last one is done and enough has come together.
            for (int taken = 0; (_isCommitting || taken < BatchMessagesMax) && reader.TryRead(out Message? message); taken++)
            {
                Interlocked.Decrement(ref _queued);
                if (message is StopMessage)
                {
                    SealAndCommit();
                    return;
                }

                Take(message);
            }

            if (!_isCommitting && !_isFailed)
            {
                SealAndCommit();
            }

            _pipelines.Sweep();
        }
    }

    private void Take(Message message)
    {
        if (_isFailed && message is not CommittedMessage)
        {
            if (message is CallMessage)
            {
                _calls.Ended();
            }

            message.Fail(new EngineUnavailableException("the engine is starting again from its store after a failure"));
            return;
        }

        try
        {
            Dispatch(message);
        }
        catch (Exception failure)
        {
            // A machine threw, which none should: what it had decided so far cannot be trusted, nor what stands in memory.
            message.Fail(failure);
            Fail(failure, (message as PipelineMessage)?.RootId ?? (message as SubmitMessage)?.Definition.RootId);
        }
    }

    private void Fail(Exception failure, string? culprit)
    {
        if (!_isFailed)
        {
            _isFailed = true;
            FailAll(failure);
            _failed(failure, culprit);
        }
    }

    private void Dispatch(Message message)
    {
        switch (message)
        {
            case CommittedMessage committed:
                _isCommitting = false;
                _pipelines.Committed = committed.Commit.Number;
                _removing.ExceptWith(committed.Commit.Removed);
                Interlocked.Exchange(ref _nextCommit, NewCompletion()).TrySetResult();
                if (committed.Failure is { } failure)
                {
                    Fail(failure, culprit: null);
                }

                break;
            case SubmitMessage submit:
                Submit(submit);
                break;
            case ImportMessage import:
                Import(import);
                break;
            case RemoveMessage remove:
                Remove(remove);
                break;
            case StoreFailedMessage store:
                Fail(store.Failure, culprit: null);
                break;
            case LoadedMessage loaded:
                Loaded(loaded);
                break;
            case PipelineMessage pipeline:
                Deliver(pipeline);
                break;
        }
    }

    private void Submit(SubmitMessage message)
    {
        if (!_pipelines.HasRoom())
        {
            message.Fail(new EngineOverloadedException($"{_options.Limits.ActivePipelines} pipelines are active already"));
            return;
        }

        PipelineDefinition definition = message.Definition;
        long root = _nextRoot++;
        var instance = new PipelineInstance(root, definition, PipelineMachine.InitialState(definition), new NewPipeline(
            root,
            definition.RootId,
            message.Tree,
            message.Options,
            message.Ids,
            NodeStateName.Running.ToApiName(),
            _options.Time.GetUtcNow(),
            PipelineNames.Of(definition.Tree))
        {
            HasSecrets = message.HasSecrets,
        });
        _pipelines.Add(instance);
        long request = _nextRequest++;
        _requests[request] = message.Done;
        Enter(instance);
        TellPipelineMachine(new Start(request));
        Drain();
    }

    private void Import(ImportMessage message)
    {
        PipelineExport export = message.Export;
        StoredPipeline stored = export.Stored;
        string rootId = stored.RootId;
        long root = _nextRoot++;
        CommitBatch batch = _next.Batch;
        batch.Pipelines.Add(new NewPipeline(
            root, rootId, stored.Tree, stored.Options, message.Ids, export.State, stored.CreatedTime, message.Name)
        {
            HasSecrets = message.HasSecrets,
        });
        batch.Records.AddRange(stored.Records.Select(record => new RecordWrite(record.Kind, root, record.Key, record.Payload)));
        batch.Histories.AddRange(export.Histories.Select(history =>
            new HistoryWrite(root, history.NodeId, history.Entry.Sequence, history.Entry.Loop, history.Entry.Payload)));
        batch.Statuses.Add(new PipelineStatus(root, export.State, export.ArchivedTime));
        foreach (JournalRow row in export.Journal)
        {
            batch.Journal.Add(new JournalWrite(_nextPosition, row.Turns, root, row.Payload));
            _nextPosition += row.Turns;
        }

        _next.OnOutcome(failure =>
        {
            Complete(message.Done, failure);
            if (failure is null && message.GoesOn && export.ArchivedTime is null)
            {
                Drive(rootId);
            }
        });
    }

    private void Remove(RemoveMessage message)
    {
        List<ArchivedRoot> removed = [];
        foreach (ArchivedRoot root in message.Roots)
        {
            if (_removing.Contains(root.RootId) || !_pipelines.TryRemove(root))
            {
                continue; // in use; another time
            }

            _removing.Add(root.RootId);
            _next.Removed.Add(root.RootId);
            _next.Batch.Removals.Add(root.Root);
            removed.Add(root);
        }

        _next.OnOutcome(failure =>
        {
            if (failure is null)
            {
                message.Done.TrySetResult(removed);
            }
            else
            {
                message.Done.TrySetException(AnswerOf(failure));
            }
        });
    }

    private void Deliver(PipelineMessage message)
    {
        if (_removing.Contains(message.RootId))
        {
            // Not known to be durable, and so not to be told yet; and what the store still has must not be loaded.
            _next.OnOutcome(failure => message.Fail(failure is null ? Refusals.NoPipeline(message.RootId) : AnswerOf(failure)));
            return;
        }

        if (!_pipelines.TryGet(message.RootId, out PipelineInstance? instance))
        {
            _pipelines.Load(message);
            return;
        }

        Enter(instance);
        switch (message)
        {
            case CallMessage call:
                instance.Running--;
                _calls.Ended();
                if (call.Node is not null)
                {
                    TellNodeMachine(call.NodeId!, call.Node);
                }
                else if (call.Pipeline is not null)
                {
                    TellPipelineMachine(call.Pipeline);
                }

                break;
            case TimerMessage timer when instance.Definition.Scopes.ContainsKey(timer.Entry.NodeId):
                TellPipelineMachine(new ScopeTimerFired(timer.Entry.NodeId));
                break;
            case TimerMessage timer when !instance.Definition.Nodes.ContainsKey(timer.Entry.NodeId):
                break; // of a pipeline that was removed, and had the id before this one
            case TimerMessage timer:
                TellNodeMachine(timer.Entry.NodeId, new TimerFired(timer.Entry.Version));
                break;
            case AskMessage ask:
                Put(instance, ask);
                break;
            case ReadMessage read:
                BambooException? refusal = ReadFrom(instance, read);
                if (instance.LastBatch <= _pipelines.Committed)
                {
                    // All that was seen is durable already.
                    Complete(read.Done, refusal);
                }
                else
                {
                    _next.OnOutcome(failure => Complete(read.Done, failure ?? refusal));
                }

                break;
            case WatchMessage watch:
                instance.Watchers.Add(watch.Done);
                _watched.Add(instance);
                _toBeChecked.Add(instance);
                break;
            case DriveMessage:
                instance.IsKnownOver = false; // or it would not be driven
                TellPipelineMachine(new Drive());
                foreach (string nodeId in instance.NodesWithTimers())
                {
                    TellNodeMachine(nodeId, new SetTimersAgain());
                }

                break;
        }

        Drain();
        if (instance.IsOver && !instance.IsKnownOver)
        {
            // Also where nothing changed: user code that came to nothing may be the last that ran in a revoked pipeline.
            MarkChanged();
        }
    }

    private void Put(PipelineInstance instance, AskMessage ask)
    {
        long request = _nextRequest++;
        Question question;
        try
        {
            question = ask.Request.Ask(instance.Records, request);
        }
        catch (BambooException refusal)
        {
            _next.OnOutcome(failure => Complete(ask.Done, failure ?? refusal));
            return;
        }

        _requests[request] = ask.Done;
        if (question.Node is not null)
        {
            TellNodeMachine(question.NodeId!, question.Node);
        }
        else
        {
            TellPipelineMachine(question.Pipeline!);
        }
    }

    private static BambooException? ReadFrom(PipelineInstance instance, ReadMessage message)
    {
        try
        {
            message.Read(instance);
            return null;
        }
        catch (BambooException refusal)
        {
            return refusal;
        }
    }

    private void Enter(PipelineInstance instance)
    {
        _current = instance;
        instance.LastUsed = _options.Time.GetUtcNow();
        if (instance.Watchers.Count > 0)
        {
            _toBeChecked.Add(instance);
        }
    }

    private void TellNodeMachine(string nodeId, NodeInput input)
    {
        NodeRecords node = _current!.Node(nodeId);
        _turn.Begin(_options.Time.GetUtcNow());
        node.Machine.Handle(input, _turn);
        if (_turn.Events.Count > 0)
        {
            _current.Record(node, _turn.Events);
            _next.Notes = _userCode.Telemetry.Note(_next.Notes, _current.Definition, node.Machine.Definition, node.Machine.State, _turn);
            MarkChanged();
        }

        PerformEffects();
    }

    private void TellPipelineMachine(PipelineInput input)
    {
        _turn.Begin(_options.Time.GetUtcNow());
        _current!.Pipeline.Handle(input, _turn);
        if (_turn.Events.Count > 0)
        {
            _current.Record(_turn.Events);
            _next.Notes = _userCode.Telemetry.Note(_next.Notes, _current.Definition, _current.State, _turn);
            MarkChanged();
        }

        PerformEffects();
    }

    private void PerformEffects()
    {
        foreach (Effect effect in _turn.Effects)
        {
            effect.Perform(this);
        }
    }

    // Machines tell each other before anything else is taken from the mailbox.
    private void Drain()
    {
        while (_tells.TryDequeue(out (string? NodeId, NodeInput? Node, PipelineInput? Pipeline) tell))
        {
            if (tell.Node is not null)
            {
                TellNodeMachine(tell.NodeId!, tell.Node);
            }
            else
            {
                TellPipelineMachine(tell.Pipeline!);
            }
        }
    }

    private void MarkChanged()
    {
        PipelineInstance instance = _current!;
        instance.LastBatch = _next.Number;
        if (!instance.IsChanged)
        {
            instance.IsChanged = true;
            _changed.Add(instance);
        }
    }

    private void RunUserCode(string id, string version, Func<PipelineInstance, CancellationToken, Task<CallMessage?>> call) =>
        _calls.Add(_next, _current!, id, version, call);

    private void Loaded(LoadedMessage message)
    {
        List<Message> waiting = _pipelines.Loaded(message);
        if (message.Instance is not null)
        {
            _userCode.Telemetry.NoteLoaded(message.Instance);
            waiting.ForEach(Take);
            return;
        }

        Exception failure = message.Failure ?? Refusals.NoPipeline(message.RootId);
        waiting.ForEach(waiter => waiter.Fail(AnswerOf(failure)));
        if (message.IsStoreFailure)
        {
            // A timer, or the word to go on after a death, may have been among those who waited: the start from the store says it again.
            Fail(failure, culprit: null);
        }
    }

    private void SealAndCommit()
    {
        long position = _nextPosition;
        DateTimeOffset now = _options.Time.GetUtcNow();
        _next.Batch.Records.EnsureCapacity(_changed.Sum(instance => instance.ChangedRecords));
        _next.Batch.Journal.EnsureCapacity(_changed.Count);
        foreach (PipelineInstance instance in _changed)
        {
            instance.IsChanged = false;
            position = instance.Seal(_next.Batch, position, now);
            if (instance.IsOver)
            {
                _pipelines.Over(instance);
                if (!instance.IsKnownOver)
                {
                    instance.IsKnownOver = true;
                    string rootId = instance.RootId;
                    _next.OnOutcome(failure =>
                    {
                        if (failure is null)
                        {
                            _finished(rootId);
                        }
                    });
                }
            }
            else
            {
                instance.IsKnownOver = false; // a revoked one that was called
            }
        }

        _changed.Clear();
        _nextPosition = position;
        ReleaseSettled();
        if (_next.IsEmpty)
        {
            return;
        }

        Commit commit = _next;
        _next = new Commit(commit.Number + 1);
        if (commit.Batch.IsEmpty)
        {
            // Reads alone, and nothing under way that they could have seen: no need to wait for the store.
            commit.Release(null);
            _pipelines.Committed = commit.Number;
            return;
        }

        _isCommitting = true;
        _committer.Enqueue(commit);
    }

    private void ReleaseSettled()
    {
        if (_toBeChecked.Count == 0)
        {
            return;
        }

        // Only a pipeline that something happened to can have settled.
        foreach (PipelineInstance instance in _toBeChecked)
        {
            if (!instance.IsSettled || !_watched.Remove(instance))
            {
                continue;
            }

            foreach (TaskCompletionSource watcher in instance.Watchers)
            {
                _next.OnOutcome(failure => Complete(watcher, failure));
            }

            instance.Watchers.Clear();
        }

        _toBeChecked.Clear();
    }

    private void FailAll(Exception failure)
    {
        foreach (PipelineInstance instance in _watched)
        {
            instance.Watchers.ForEach(watcher => Complete(watcher, failure));
        }

        _watched.Clear();
        _toBeChecked.Clear();
        foreach (TaskCompletionSource caller in _requests.Values)
        {
            Complete(caller, failure);
        }

        _requests.Clear();
        _pipelines.Fail(AnswerOf(failure));
        _next.Release(failure);
        _next = new Commit(_next.Number + 1);
        _changed.Clear();
    }
}
