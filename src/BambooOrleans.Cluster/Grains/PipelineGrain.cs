using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace BambooOrleans.Cluster;

/// <summary>
/// The shell of a <see cref="PipelineMachine"/>. Its grain record is short: the root's own state and the log; scopes, tokens and
/// contexts are records of the shared tables, so that what is written a step does not grow with the pipeline.
/// </summary>
/// <remarks>
/// A pipeline is awake in the shared tables as long as something may be owed in it, and that is durable before any work
/// begins; whoever begins work in one that is at rest (a verb, a timer) comes through here. When the silo dies, whoever is awake
/// and was held by it is driven by another.
/// </remarks>
[Reentrant]
internal sealed class PipelineGrain(SiloParts silo) : MachineGrain(silo), IPipelineGrain
{
    /// <summary>The name of the state in grain storage.</summary>
    public const string Name = "pipeline";

    private readonly Dictionary<string, NodeStanding> _standings = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<TaskCompletionSource<bool>> _watchers = [];
    private readonly Dictionary<string, IGrainTimer> _timers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _timerRows = new(StringComparer.Ordinal);

    // Pipelines and sub-processes whose rows in the table of timers the next write may have to change.
    private readonly HashSet<string> _unsureTimers = new(StringComparer.Ordinal);

    // Rows in the table of timers that the next write takes away, as nothing waits for them.
    private readonly HashSet<string> _staleTimers = new(StringComparer.Ordinal);

    // The nodes that were entered since the submission; null in an activation that did not take the pipeline in.
    private HashSet<string>? _entered;
    private Definition _definition = null!;
    private PipelineMachine _machine = null!;
    private PipelineRecords _records = null!;
    private IPipelineGrain? _forwardsTo;
    private long _epoch;
    private bool _isAwake;
    private string? _foundToken;
    private int _asking;
    private Task<bool> _waking = Task.FromResult(true);

    protected override string StateName => Name;

    public async Task<MachineAnswer> SubmitAsync(Submittal submittal)
    {
        try
        {
            if (IsLoading)
            {
                // There is such a pipeline in memory, or another submission of the same id is under way.
                await LoadAsync();
                throw new AlreadyExistsException($"the id {Id} belongs to a pipeline that was submitted already");
            }

            await LoadAsync(() => TakeInAsync(submittal));
        }
        catch (BambooException refusal)
        {
            return MachineAnswer.Of(refusal);
        }

        long request = NewRequest();
        return await AskAsync(request, turn => _machine.Handle(new Start(request), turn));
    }

    public async Task TellAsync(PipelineMessage message)
    {
        await LoadAsync();
        if (_forwardsTo is not null)
        {
            await _forwardsTo.TellAsync(message);
            return;
        }

        PipelineInput input = message.Read(_definition.Pipeline);
        await BeginAsync(() => Take(turn => _machine.Handle(input, turn)));
        await WrittenAsync();
    }

    public async Task<MachineAnswer> AskAsync(VerbMessage message)
    {
        await LoadAsync();
        if (_forwardsTo is not null)
        {
            return await _forwardsTo.AskAsync(message);
        }

        _asking++;
        try
        {
            long request = NewRequest();
            Question question = message.Read().Ask(_records, request);
            if (question.Node is null)
            {
                await AwakeAsync();
                return await AskAsync(request, turn => _machine.Handle(question.Pipeline!, turn));
            }

            return await AskNodeAsync(question.NodeId!, question.Node, request);
        }
        catch (BambooException refusal)
        {
            return MachineAnswer.Of(refusal);
        }
        finally
        {
            _asking--;
            OnQuieter();
        }
    }

    public async Task StandAsync(NodeStanding standing)
    {
        await LoadAsync();
        TakeStanding(standing);
    }

    public async Task TimerDueAsync(string id, string? version)
    {
        await LoadAsync();
        if (_forwardsTo is not null || _machine.State.Scopes.Count == 0)
        {
            return;
        }

        if (_machine.State.Tokens.Count == 0)
        {
            // It ended, and a node that it never came to was to resume at a time: nobody told the node, and its row would come due for ever.
            _staleTimers.Add(id);
            MarkDirty();
            await WrittenAsync();
        }
        else if (_definition.Pipeline.Scopes.ContainsKey(id))
        {
            await BeginAsync(() => Take(turn => _machine.Handle(new ScopeTimerFired(id), turn)));
            await WrittenAsync();
        }
        else if (_definition.Pipeline.Nodes.TryGetValue(id, out NodeDefinition? node))
        {
            NodeInput input = version is null ? new SetTimersAgain() : new TimerFired(version);
            await BeginAsync(() =>
            {
                _standings.Remove(id);
                Send(() => Node(id).TellAsync(new NodeMessage(Id, input, node)));
            });
        }
    }

    public async Task DriveAsync()
    {
        if (!IsLoading)
        {
            // Loading it drives it.
            await LoadAsync();
            return;
        }

        await LoadAsync();
        if (_forwardsTo is null)
        {
            DriveAgain();
            await WrittenAsync();
        }
    }

    public async Task<bool> WhenSettledAsync(TimeSpan atMost)
    {
        await LoadAsync();
        if (_forwardsTo is not null)
        {
            return await _forwardsTo.WhenSettledAsync(atMost);
        }

        if (IsSettled)
        {
            return true;
        }

        var settled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _watchers.Add(settled);
        try
        {
            // An activation of a silo that stops takes no message before its calls have ended: one that waits would hold up what
            // it waits for.
            return await settled.Task.WaitAsync(atMost, Silo.Time, Silo.Executions.Stopping);
        }
        catch (Exception failure) when (failure is TimeoutException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            _watchers.Remove(settled);
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Silo.Live.Remove(Id);
        foreach (IGrainTimer timer in _timers.Values)
        {
            timer.Dispose();
        }

        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    protected override void Record(Turn turn)
    {
        _records.Record(turn.Events);
        Journal(_definition.Root).Add(Id, turn.Events);
    }

    protected override TurnNotes? Note(TurnNotes? notes, EngineTelemetry telemetry) =>
        telemetry.Note(notes, _definition.Pipeline, _machine.State, Turn);

    protected override (GrainContent Content, LogEntry Entry) Seal(long sequence)
    {
        var batch = new CommitBatch();
        _records.Seal(batch, _machine.State.Tokens.Count == 0 ? Silo.Time.GetUtcNow() : null);
        _unsureTimers.UnionWith(batch.Records.Where(record => record.Kind == RecordKind.Scope).Select(record => record.Key));
        List<TimerWrite> timers = [.. TimersOf(_unsureTimers), .. _staleTimers.Select(id => new TimerWrite(id, null))];
        _unsureTimers.Clear();
        _staleTimers.Clear();
        return (
            new GrainContent(Id, _definition.Root, sequence) 
            {
                State = Silo.KeepsStateInTables ? default : MachineJson.Write(_machine.State.Scopes[Id]),
            },
            SealEntry(sequence, batch, timers) with
            {
                Records = batch.Records,
                Status = batch.Statuses.Count > 0 ? batch.Statuses[0] : null,
            });
    }

    protected override MachineWrite ToWrite(LogEntry entry) => entry.ToWrite(_definition.Root, Id);

    public override void Perform(TellNode effect)
    {
        NodeDefinition node = _definition.Pipeline.Nodes[effect.NodeId];
        _standings.Remove(effect.NodeId);
        var message = new NodeMessage(Id, effect.Input, node);
        bool isNew = _entered is not null && effect.Input is Enter { Attempt: 1 } && _entered.Add(effect.NodeId);
        AfterWrite(() => Send(isFirstTry => Node(effect.NodeId).TellAsync(
            isNew && isFirstTry ? new NodeMessage(Id, effect.Input, node) { IsFirst = true } : message)));
    }

    public override void Perform(Hydrate effect)
    {
        IPipelineGrain self = this.AsReference<IPipelineGrain>();
        MapValue rootData = _definition.Pipeline.RootData;
        Execution execution = Silo.Executions.Announce(effect.Id, effect.Version);
        AfterWrite(
            () => execution.Begin(
                stopping => Silo.Executions.HydrateAsync(
                    effect, rootData, answer => new ScopeHydrated(effect.Id, effect.Version, answer.Values, answer.Error), stopping),
                answer => self.TellAsync(new PipelineMessage(answer))),
            execution.Withdraw);
    }

    public override void Perform(SetScopeTimer effect) => AfterWrite(() =>
    {
        if (_timers.Remove(effect.ScopeId, out IGrainTimer? old))
        {
            old.Dispose();
        }

        TimeSpan wait = effect.Due - Silo.Time.GetUtcNow();
        if (wait <= NodeGrain.NearTimer)
        {
            _timers[effect.ScopeId] = this.RegisterGrainTimer(
                _ => TimerDueAsync(effect.ScopeId, null),
                new GrainTimerCreationOptions(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
        }
    });

    public override void Perform(TellPipeline effect) => throw NoNode(nameof(TellPipeline));

    public override void Perform(ExecuteComponent effect) => throw NoNode(nameof(ExecuteComponent));

    public override void Perform(PollComponent effect) => throw NoNode(nameof(PollComponent));

    public override void Perform(RunEndEvent effect) => throw NoNode(nameof(RunEndEvent));

    public override void Perform(SetTimer effect) => throw NoNode(nameof(SetTimer));

    public override void Perform(RunVerbHooks effect) => throw NoNode(nameof(RunVerbHooks));

    // A pipeline that is revoked has no node's code cancelled: it ends by itself, and its answer moves nothing.
    public override void Perform(CancelUserCode effect) => throw NoNode(nameof(CancelUserCode));

    protected override void OnQuieter()
    {
        base.OnQuieter();
        if (_watchers.Count > 0 && IsSettled)
        {
            EndWatches(isSettled: true);
        }

        if (_isAwake && !IsLost && _asking == 0 && IsIdle && MayRest)
        {
            _isAwake = false;
            _asked.Clear();
            _ = RestAsync(new WakeWrite(_definition.Root, _epoch, false) { Revoked = RevokedStatus(mayBeOver: true) });
        }
    }

    // Who waits asks the next activation, which cannot be there before this one's calls have ended.
    protected override void OnLost() => EndWatches(isSettled: false);

    private void EndWatches(bool isSettled)
    {
        _watchers.ForEach(watcher => watcher.TrySetResult(isSettled));
        _watchers.Clear();
    }

    private static long NewRequest() => Random.Shared.NextInt64(1, long.MaxValue);

    private bool MayRest => !HasToken(rest => rest == Rest.Busy);

    private bool IsSettled => !IsLost && _machine is not null && _asking == 0 && IsIdle
        && _machine.State.Scopes.Count > 0 && !HasToken(rest => rest != Rest.Quiet);

    // Asked after every write. Most often it is the token that was found last: many that wait are not to cost each step of one that moves.
    private bool HasToken(Func<Rest, bool> stands)
    {
        if (_foundToken is not null && _machine.State.Tokens.TryGetValue(_foundToken, out Token? last) && stands(RestOf(last)))
        {
            return true;
        }

        _foundToken = _machine.State.Tokens.Values.FirstOrDefault(token => stands(RestOf(token)))?.Id;
        return _foundToken is not null;
    }

    private INodeGrain Node(string nodeId) => GrainFactory.GetGrain<INodeGrain>(nodeId);

    private Task LoadAsync() => LoadAsync(HoldAsync);

    // A pipeline that is new to the cluster: from the claim of its ids on it is awake, so that one whose silo dies here goes on elsewhere.
    private async Task TakeInAsync(Submittal submittal)
    {
        PipelineDefinition pipeline = submittal.Definition
            ?? await Task.Run(() => Silo.Check.Compile(submittal.Tree, submittal.Options));
        long root = await Silo.Store.SubmitAsync(
            new ClusterSubmission(
                Id,
                submittal.Tree,
                submittal.Options,
                [Id, .. pipeline.Nodes.Keys],
                NodeStateName.Running.ToApiName(),
                Silo.Time.GetUtcNow(),
                Silo.Executions.Owner,
                PipelineNames.Of(pipeline.Tree))
            {
                HasSecrets = MachineJson.ReadOptions(submittal.Options).HasSecrets,
            },
            CancellationToken.None);
        _definition = Silo.Definitions.Add(root, pipeline);
        _epoch = 1;
        _isAwake = true;
        _entered = new HashSet<string>(StringComparer.Ordinal);
        SetMachine(PipelineMachine.InitialState(pipeline));
    }

    private async Task HoldAsync()
    {
        (GrainContent Content, List<LogEntry> Log)? record = await ReadRecordAsync();
        HeldPipeline? held = await Silo.Store.HoldAsync(Id, Silo.Executions.Owner, CancellationToken.None);
        if (held is null)
        {
            string root = await Silo.Store.FindRootAsync(Id, CancellationToken.None)
                ?? throw new NotFoundException($"there is no pipeline {Id}");
            _forwardsTo = GrainFactory.GetGrain<IPipelineGrain>(root);
            return;
        }

        if (Silo.KeepsStateInTables)
        {
            StartAfter(held.Sequence);
        }
        else if (held.Sequence > Sequence)
        {
            throw new OrleansException($"the record of {Id} was written while it was read; the next call reads it again");
        }

        _definition = await Silo.Definitions.GetAsync(Id);
        List<LogEntry> log = [.. record?.Log.Where(entry => entry.Sequence > held.Sequence) ?? []];
        LoadedPipeline loaded = LoadedPipeline.Load(
            Silo.KeepsStateInTables ? held.Stored : held.Stored with { Records = [.. After(held.Stored.Records, log)] }, _definition.Pipeline);
        SetMachine(loaded.State);
        _epoch = held.Epoch;
        _isAwake = held.IsAwake;
        _asked.UnionWith(held.Asked);
        if (_isAwake && Silo.KeepsStateInTables)
        {
            // Timers of nodes at which no token stands, where an embedded engine had the pipeline.
            _asked.UnionWith(loaded.NodeStates
                .Where(node => node.State.NextTimer is not null).Select(node => node.Node.Id));
        }

        foreach ((string scopeId, ScopeState scope) in _machine.State.Scopes)
        {
            if (scope is { State: NodeStateName.Suspended, ResumeAt: { } at })
            {
                if (_isAwake && Silo.KeepsStateInTables)
                {
                    // Where an embedded engine had the pipeline, the table does not hold it yet.
                    _unsureTimers.Add(scopeId);
                }
                else
                {
                    _timerRows[scopeId] = at;
                }
            }
        }

        Redeliver(log.Select(entry => entry with { Histories = HistoriesIn(entry, _definition.Root) }));
        DriveAgain();
        if (_unsureTimers.Count > 0)
        {
            MarkDirty();
        }

        _ = WrittenAsync();
    }

    // The records as they are once the log's writes are delivered. Those of nodes are not the pipeline's.
    private static IEnumerable<StoredRecord> After(IEnumerable<StoredRecord> delivered, List<LogEntry> log)
    {
        var records = new Dictionary<(RecordKind Kind, string Key), ReadOnlyMemory<byte>>();
        foreach (StoredRecord record in delivered)
        {
            if (record.Kind is not (RecordKind.Node or RecordKind.Data))
            {
                records[(record.Kind, record.Key)] = record.Payload;
            }
        }

        foreach (RecordWrite write in log.SelectMany(entry => entry.Records))
        {
            if (write.Payload is { } payload)
            {
                records[(write.Kind, write.Key)] = payload;
            }
            else
            {
                records.Remove((write.Kind, write.Key));
            }
        }

        return records.Select(record => new StoredRecord(record.Key.Kind, record.Key.Key, record.Value));
    }

    private void SetMachine(PipelineState state)
    {
        _machine = new PipelineMachine(_definition.Pipeline, state);
        _records = new PipelineRecords(_definition.Root, _machine);
        Silo.Live.Add(Id);
    }

    private void DriveAgain()
    {
        if (_machine.State.Scopes.Count == 0)
        {
            // Its silo died between the claim of its ids and its first write.
            Take(turn => _machine.Handle(new Start(0), turn));
            return;
        }

        Take(turn => _machine.Handle(new Drive(), turn));
        foreach (string nodeId in _asked)
        {
            AfterWrite(() => Send(() => Node(nodeId).ResendAsync(Id)));
        }
    }

    private async Task<MachineAnswer> AskNodeAsync(string nodeId, NodeInput input, long request)
    {
        await AwakeAsync(nodeId);
        _standings.Remove(nodeId);
        try
        {
            MachineAnswer answer = await Node(nodeId).AskAsync(
                new NodeMessage(Id, input, _definition.Pipeline.Nodes[nodeId]), request);
            if (answer.Standing is { } standing)
            {
                TakeStanding(standing);
            }

            return answer;
        }
        finally
        {
            // A node that woke its token says so apart from its answer, and one whose answer was lost may have: until it has
            // been heard, the pipeline stays awake.
            Send(() => Node(nodeId).ResendAsync(Id));
        }
    }

    private void TakeStanding(NodeStanding standing)
    {
        if (!_standings.TryGetValue(standing.NodeId, out NodeStanding? known) || known.Sequence <= standing.Sequence)
        {
            _standings[standing.NodeId] = standing;
            OnQuieter();
        }
    }

    // Whatever else comes to its end while the pipeline wakes, it is not put to rest again before the work has begun.
    private async Task BeginAsync(Action begin)
    {
        _asking++;
        try
        {
            await AwakeAsync();
            begin();
        }
        finally
        {
            _asking--;
        }
    }

    // What begins only begins once it is durable that something may be owed here.
    private async Task AwakeAsync(string? asked = null)
    {
        if (!_isAwake || (asked is not null && !_asked.Contains(asked)))
        {
            _isAwake = true;
            if (asked is not null)
            {
                _asked.Add(asked);
            }

            _waking = Silo.Deliverer.WakeAsync(
                new WakeWrite(_definition.Root, _epoch, true, asked) { Revoked = RevokedStatus(mayBeOver: false) });
        }

        bool isHeld;
        try
        {
            isHeld = await _waking;
        }
        catch
        {
            // Whether it was written is not known: the next activation reads it.
            Lose();
            throw;
        }

        if (!isHeld)
        {
            Lose();
            throw new OrleansException($"another activation of {Id} holds the pipeline by now");
        }
    }

    // One that is not known to be at rest is asked again now and then by the keeper, and finds out.
    private async Task RestAsync(WakeWrite rest) =>
        await ((Task)Silo.Deliverer.WakeAsync(rest)).ConfigureAwait(
            ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);

    private Rest RestOf(Token token) => token.Phase switch
    {
        TokenPhase.Held or TokenPhase.Asleep or TokenPhase.Joining => Rest.Quiet,
        TokenPhase.Hydrating => Rest.Busy,
        _ => _standings.TryGetValue(token.Node, out NodeStanding? standing) && standing.Step == token.Step ? standing.Rest : Rest.Busy,
    };

    // A revoked pipeline may keep tokens for good. It is over while it is at rest and nothing in it goes on at a time; what wakes it begins it once more.
    private RevokedStatus? RevokedStatus(bool mayBeOver)
    {
        PipelineState state = _machine.State;
        if (state.Tokens.Count == 0 || !state.Scopes.TryGetValue(Id, out ScopeState? root) || root.State != NodeStateName.Revoked)
        {
            return null;
        }

        bool isOver = mayBeOver && _timerRows.Count == 0 && state.Tokens.Values.All(token => RestOf(token) == Rest.Quiet
            && !(_standings.TryGetValue(token.Node, out NodeStanding? standing) && standing.HasTimer));
        return new RevokedStatus(isOver ? Silo.Time.GetUtcNow() : null);
    }

    // The appointed resumes of scopes that changed, as the table of timers is to hold them.
    private List<TimerWrite> TimersOf(IEnumerable<string> scopeIds)
    {
        var changes = new List<TimerWrite>();
        foreach (string scopeId in scopeIds)
        {
            ScopeState scope = _machine.State.Scopes[scopeId];
            DateTimeOffset? due = scope.State == NodeStateName.Suspended ? scope.ResumeAt : null;
            if (due != (_timerRows.TryGetValue(scopeId, out DateTimeOffset row) ? row : null))
            {
                changes.Add(new TimerWrite(scopeId, due));
                if (due is { } at)
                {
                    _timerRows[scopeId] = at;
                }
                else
                {
                    _timerRows.Remove(scopeId);
                }
            }
        }

        return changes;
    }

    private InvalidOperationException NoNode(string effect) => new($"{Id} is a pipeline, and asks for no {effect}");
}
