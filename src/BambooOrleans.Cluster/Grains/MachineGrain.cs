using System.Text.Json;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace BambooOrleans.Cluster;

/// <summary>
/// The shell of one machine: takes an input a turn, writes what it decided, and only then lets it out. What comes while a write
/// is under way shares the next one.
/// </summary>
/// <remarks>
/// A grain's calls interleave, so that the next write fills while one is under way; a turn itself has no <c>await</c>.
/// What leaves comes in two steps: messages to other machines and calls of user code wait for the grain's own write; answers and
/// what a node tells its pipeline wait for the delivery to the shared tables as well, so that whoever hears of it reads it there.
/// </remarks>
internal abstract partial class MachineGrain : Grain, IEffectHandler
{
    private const string KeyPrefix = "/";

    private static readonly TimeSpan SendWaitMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SendWaitMax = TimeSpan.FromSeconds(5);
    private static readonly ReadOnlyMemory<byte> NoTurns = "[]"u8.ToArray();

    private readonly ILogger _logger;
    private readonly GrainState<GrainRecord> _record = new(new GrainRecord());
    private readonly List<LogEntry> _log = [];
    private readonly CancellationTokenSource _gone = new();
    private Group _next = new();
    private Task _delivered = Task.CompletedTask;
    private Task? _loading;
    private JournalBuffer? _journal;
    private TaskCompletionSource? _idle;
    private bool _isWriting;

    protected MachineGrain(SiloParts silo)
    {
        Silo = silo;
        _logger = silo.Logger;
        Turn = silo.NewTurn();
    }

    protected SiloParts Silo { get; }

    protected Turn Turn { get; }

    protected string Id => this.GetPrimaryKeyString();

    /// <summary>The number of the last write.</summary>
    protected long Sequence { get; private set; }

    /// <summary>The last write that the shared tables have.</summary>
    protected long DeliveredSequence { get; private set; }

    /// <summary>How many messages to other grains have not been answered.</summary>
    protected int Unanswered { get; private set; }

    /// <summary>Whether everything that was decided is durable, delivered and told.</summary>
    protected bool IsIdle => !_isWriting && !_next.IsUsed && Unanswered == 0 && DeliveredSequence == Sequence;

    /// <summary>The name of the grain's state in storage.</summary>
    protected abstract string StateName { get; }

    /// <summary>Whether the activation may not be used any more: what it has in memory is not what is kept.</summary>
    protected bool IsLost { get; private set; }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        IsLost = true;
        await _gone.CancelAsync();
        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    /// <summary>Has the activation go away; what it holds is kept nowhere any more.</summary>
    public Task ForgetAsync()
    {
        Lose();
        return Task.CompletedTask;
    }

    /// <summary>Loads the machine, once.</summary>
    protected async Task LoadAsync(Func<Task> load)
    {
        ThrowIfLost();
        Task loading = _loading ??= LoadInTurnAsync(load);
        try
        {
            await loading;
        }
        catch
        {
            Lose();
            throw;
        }

        ThrowIfLost();
    }

    // Orleans begins the first call of a new activation while it holds that activation's lock (ActivationData.Start), and whoever
    // sends it a message waits for that lock: of two new machines that tell each other something in their first calls, each would
    // wait for the other, for good. From the next turn on no lock is held.
    private static async Task LoadInTurnAsync(Func<Task> load)
    {
        await Task.Yield();
        await load();
    }

    /// <summary>Whether the machine was loaded, or is being.</summary>
    protected bool IsLoading => _loading is not null;

    /// <summary>Reads the grain's record.</summary>
    /// <returns>What it holds; null where nothing was written yet.</returns>
    protected async Task<(GrainContent Content, List<LogEntry> Log)?> ReadRecordAsync()
    {
        await Silo.Storage.ReadStateAsync(StateName, StorageKey(), _record);
        if (!_record.RecordExists || _record.State is not ({ Json.Length: > 0 } or { Content: not null }))
        {
            return null;
        }

        (GrainContent content, List<LogEntry> log) = _record.State.Content is { } whole
            ? (whole, [])
            : GrainRecordJson.Read(_record.State.Json, Id);
        StartAfter(content.Sequence);
        return (content, log);
    }

    /// <summary>Goes on after a write that is kept and delivered.</summary>
    protected void StartAfter(long sequence)
    {
        Sequence = sequence;
        DeliveredSequence = sequence;
    }

    /// <summary>Takes up the writes of a record's log that the tables may not have, and delivers them.</summary>
    protected void Redeliver(IEnumerable<LogEntry> log)
    {
        foreach (LogEntry entry in log)
        {
            _log.Add(entry);
            DeliveredSequence = Math.Min(DeliveredSequence, entry.Sequence - 1);
            _delivered = DeliverAsync(entry.Sequence, ToWrite(entry), _delivered);
        }
    }

    /// <summary>Runs one turn of the machine and takes note of what it decided.</summary>
    protected void Take(Action<Turn> handle)
    {
        ThrowIfLost();
        Turn.Begin(Silo.Time.GetUtcNow());
        try
        {
            handle(Turn);
        }
        catch (Exception failure)
        {
            // A machine threw, which none should: what it had decided so far cannot be trusted, nor what stands in memory.
            LogMachineFailed(failure, Id);
            Lose();
            throw;
        }

        if (Turn.Events.Count > 0)
        {
            Record(Turn);
            _next.Notes = Note(_next.Notes, Silo.Telemetry);
            _next.IsDirty = true;
        }

        foreach (Effect effect in Turn.Effects)
        {
            effect.Perform(this);
        }
    }

    /// <summary>Ends when everything that was decided so far is durable in the grain's own state.</summary>
    protected Task WrittenAsync()
    {
        Group group = _next;
        group.IsUsed = true;
        StartWriting();
        return group.Written.Task;
    }

    /// <summary>A question to the machine, and its answer once that is durable and delivered.</summary>
    /// <param name="request">The number that the question's answer will carry.</param>
    /// <param name="ask">Puts the question.</param>
    protected async Task<MachineAnswer> AskAsync(long request, Action<Turn> ask)
    {
        var answer = new TaskCompletionSource<MachineAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        Group group = _next;
        group.Requests[request] = answer;
        Take(ask);
        group.IsUsed = true;
        StartWriting();
        try
        {
            return await answer.Task;
        }
        catch (InconsistentStateException)
        {
            return new MachineAnswer(AnswerKind.TryAgain);
        }
        catch (Exception failure)
        {
            return new MachineAnswer(
                AnswerKind.Unknown, null, $"the write failed, and whether the call took effect is not known: {failure.Message}");
        }
    }

    /// <summary>Has the state written though no fact was made.</summary>
    protected void MarkDirty()
    {
        _next.IsDirty = true;
        _next.IsUsed = true;
        StartWriting();
    }

    /// <summary>Lets something out after the grain's own write.</summary>
    /// <param name="action">What is done then.</param>
    /// <param name="otherwise">What is done where the write fails; null for nothing.</param>
    protected void AfterWrite(Action action, Action? otherwise = null)
    {
        _next.IsUsed = true;
        _next.AfterWrite.Add(action);
        if (otherwise is not null)
        {
            _next.Otherwise.Add(otherwise);
        }
    }

    /// <summary>Lets something out after the write and its delivery.</summary>
    protected void AfterDelivery(Action action)
    {
        _next.IsUsed = true;
        _next.AfterDelivery.Add(action);
    }

    /// <summary>
    /// Calls another grain until it has answered: a call that fails or times out may have been made, and repeating it is harmless.
    /// Ends with the activation; what it owed then is said again when the pipeline is driven.
    /// </summary>
    protected void Send(Func<Task> call) => Send(_ => call());

    /// <inheritdoc cref="Send(Func{Task})"/>
    /// <param name="call">Makes the call; told whether it is the first try.</param>
    protected void Send(Func<bool, Task> call)
    {
        Unanswered++;
        _ = SendAsync(call);
    }

    /// <summary>What was decided is no longer known to be what is kept: the next call makes a new activation.</summary>
    protected void Lose()
    {
        IsLost = true;
        // An activation goes away only once its calls have ended.
        _idle?.TrySetException(new OrleansException($"this activation of {Id} is going away"));
        OnLost();

        // Who waits for the next write hears that there is none, also where none is under way.
        StartWriting();
        DeactivateOnIdle();
    }

    /// <summary>The activation may not be used any more: calls that wait for something in it are to end.</summary>
    protected virtual void OnLost()
    {
    }

    /// <summary>The turns since the last write.</summary>
    protected JournalBuffer Journal(long root) => _journal ??= new JournalBuffer(root);

    /// <summary>Makes the log entry of a write of what was recorded since the last.</summary>
    protected LogEntry SealEntry(long sequence, CommitBatch batch, IReadOnlyList<TimerWrite> timers)
    {
        _journal?.Seal(batch, 0);
        (int turns, ReadOnlyMemory<byte> journal) = batch.Journal.Count > 0
            ? (batch.Journal[0].Turns, batch.Journal[0].Payload)
            : (0, NoTurns);
        return new LogEntry(sequence, turns, journal, [], null, timers) { Histories = batch.Histories };
    }

    /// <summary>The history entries that the facts of a log entry say.</summary>
    protected static List<HistoryWrite> HistoriesIn(LogEntry entry, long root)
    {
        using JsonDocument turns = JsonDocument.Parse(entry.Journal, new JsonDocumentOptions { MaxDepth = ValueJson.MaxDepth + 32 });
        return
        [
            .. turns.RootElement.EnumerateArray()
                .SelectMany(turn => MachineJson.ReadEvents(turn.GetProperty("events")))
                .Select(fact => fact switch
                {
                    NodeHistoryAdded added => added.Entry,
                    ScopeHistoryAdded added => added.Entry,
                    _ => null,
                })
                .OfType<NodeHistory>()
                .Select(history => new HistoryWrite(root, history.NodeId, history.Id, history.Loop, MachineJson.Write(history))),
        ];
    }

    /// <summary>Ends when everything that was decided so far is durable, delivered and told; fails when the activation goes away before.</summary>
    protected Task WhenIdleAsync()
    {
        ThrowIfLost();
        return IsIdle
            ? Task.CompletedTask
            : (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Called in the grain's own turn when something was delivered or answered, so that it may have come to rest.</summary>
    protected virtual void OnQuieter()
    {
        if (_idle is { } idle && IsIdle)
        {
            _idle = null;
            idle.TrySetResult();
        }
    }

    /// <summary>Takes note of the facts of a turn.</summary>
    protected abstract void Record(Turn turn);

    /// <summary>Shows what traces and measures the facts of a turn, on top of those that wait for the same write.</summary>
    protected abstract TurnNotes? Note(TurnNotes? notes, EngineTelemetry telemetry);

    /// <summary>What is to be written, and its log entry.</summary>
    protected abstract (GrainContent Content, LogEntry Entry) Seal(long sequence);

    /// <summary>What the tables get of a write.</summary>
    protected abstract MachineWrite ToWrite(LogEntry entry);

    protected void ThrowIfLost()
    {
        if (IsLost)
        {
            throw new OrleansException($"this activation of {Id} is going away; the next call makes a new one");
        }
    }

    // Ids are the users' own texts, and storage takes those that look like a number or a GUID for one: "12" and "0012" would be the same row.
    internal static GrainId StorageKey(string stateName, string id) => GrainId.Create(stateName, $"{KeyPrefix}{id}");

    private GrainId StorageKey() => StorageKey(StateName, Id);

    /// <summary>The node or pipeline that a key in storage belongs to.</summary>
    internal static string IdOf(GrainId storageKey) => storageKey.Key.ToString()![KeyPrefix.Length..];

    private void StartWriting()
    {
        if (!_isWriting)
        {
            _isWriting = true;
            _ = WriteAsync();
        }
    }

    private async Task WriteAsync()
    {
        while (_next.IsUsed && !IsLost)
        {
            Group group = _next;
            _next = new Group();
            if (group.IsDirty)
            {
                try
                {
                    await WriteAsync(group);
                }
                catch (Exception failure)
                {
                    LogWriteFailed(failure, Id);
                    Lose();
                    Fail(group, failure);
                    break;
                }
            }

            group.Notes?.Release();
            group.Written.TrySetResult();
            try
            {
                group.AfterWrite.ForEach(action => action());
            }
            catch (Exception failure)
            {
                // What was written is owed: the next activation says it again.
                LogMachineFailed(failure, Id);
                Lose();
                FailRequests(group, failure);
                break;
            }

            if (group.AfterDelivery.Count > 0 || group.Requests.Count > 0)
            {
                _ = ReleaseAsync(group, _delivered);
            }
        }

        _isWriting = false;
        if (IsLost)
        {
            Fail(_next, new OrleansException($"this activation of {Id} is going away"));
            _next = new Group();
        }
        else
        {
            OnQuieter();
        }
    }

    private async Task WriteAsync(Group group)
    {
        long sequence = Sequence + 1;
        (GrainContent content, LogEntry entry) = Seal(sequence);
        MachineWrite write = ToWrite(entry);
        if (Silo.KeepsStateInTables)
        {
            _record.State = new GrainRecord { Content = content, Write = write };
            await Silo.Storage.WriteStateAsync(StateName, StorageKey(), _record);
            StartAfter(sequence);
            return;
        }

        _log.RemoveAll(old => old.Sequence <= DeliveredSequence);
        _log.Add(entry);
        _record.State = new GrainRecord { Json = GrainRecordJson.Write(content, _log) };
        await Silo.Storage.WriteStateAsync(StateName, StorageKey(), _record);
        Sequence = sequence;
        _delivered = DeliverAsync(sequence, write, _delivered);
    }

    private async Task DeliverAsync(long sequence, MachineWrite write, Task before)
    {
        await Task.WhenAll(Silo.Deliverer.DeliverAsync(write), before);
        DeliveredSequence = Math.Max(DeliveredSequence, sequence);
        OnQuieter();
    }

    private async Task ReleaseAsync(Group group, Task delivered)
    {
        try
        {
            await delivered;
        }
        catch (Exception failure)
        {
            // The silo shuts down: what is owed is said again elsewhere, and callers hear that the outcome is not known.
            FailRequests(group, failure);
            return;
        }

        group.AfterDelivery.ForEach(action => action());
        OnQuieter();
    }

    private static void Fail(Group group, Exception failure)
    {
        group.Otherwise.ForEach(action => action());
        group.Written.TrySetException(failure);
        _ = group.Written.Task.Exception;
        FailRequests(group, failure);
    }

    private static void FailRequests(Group group, Exception failure)
    {
        foreach (TaskCompletionSource<MachineAnswer> request in group.Requests.Values)
        {
            request.TrySetException(failure);
        }
    }

    private async Task SendAsync(Func<bool, Task> call)
    {
        bool isFirst = true;
        for (TimeSpan wait = SendWaitMin; !_gone.IsCancellationRequested; wait = wait * 2 < SendWaitMax ? wait * 2 : SendWaitMax)
        {
            try
            {
                await call(isFirst);
                Unanswered--;
                OnQuieter();
                return;
            }
            catch (Exception failure)
            {
                LogNotAnswered(failure, Id, wait);
            }

            isFirst = false;

            await Task.Delay(wait, _gone.Token).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public abstract void Perform(TellNode effect);

    public abstract void Perform(TellPipeline effect);

    public abstract void Perform(Hydrate effect);

    public abstract void Perform(ExecuteComponent effect);

    public abstract void Perform(PollComponent effect);

    public abstract void Perform(RunEndEvent effect);

    public abstract void Perform(SetTimer effect);

    public abstract void Perform(SetScopeTimer effect);

    public abstract void Perform(RunVerbHooks effect);

    public abstract void Perform(CancelUserCode effect);

    // The answer belongs to the group in which it was given: it waits for what it may have seen.
    public void Perform(Reply effect)
    {
        if (_next.Requests.TryGetValue(effect.Request, out TaskCompletionSource<MachineAnswer>? caller))
        {
            AfterDelivery(() => caller.TrySetResult(Answer(effect.Error)));
        }
    }

    /// <summary>The answer to a caller.</summary>
    protected virtual MachineAnswer Answer(BambooException? refusal) => MachineAnswer.Of(refusal);

    [LoggerMessage(LogLevel.Error, "The machine of {Id} failed.")]
    private partial void LogMachineFailed(Exception failure, string id);

    [LoggerMessage(LogLevel.Warning, "The state of {Id} could not be written; the activation is dropped.")]
    private partial void LogWriteFailed(Exception failure, string id);

    [LoggerMessage(LogLevel.Debug, "A call of {Id} was not answered; trying again in {Wait}.")]
    private partial void LogNotAnswered(Exception failure, string id, TimeSpan wait);

    // What was decided between two writes.
    private sealed class Group
    {
        public bool IsDirty { get; set; }

        public bool IsUsed { get; set; }

        public TurnNotes? Notes { get; set; }

        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<Action> AfterWrite { get; } = [];

        public List<Action> AfterDelivery { get; } = [];

        public List<Action> Otherwise { get; } = [];

        public Dictionary<long, TaskCompletionSource<MachineAnswer>> Requests { get; } = [];
    }
}
