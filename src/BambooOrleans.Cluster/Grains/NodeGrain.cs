using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using Orleans.Concurrency;
using Orleans.Configuration;
using Orleans.Placement;
using Orleans.Runtime;

namespace BambooOrleans.Cluster;

/// <summary>The shell of a <see cref="NodeMachine"/>. It lives where its pipeline does, as far as possible.</summary>
[Reentrant]
[PreferLocalPlacement]
[CollectionAgeLimit(Minutes = 2)]
internal sealed class NodeGrain(SiloParts silo) : MachineGrain(silo), INodeGrain
{
    /// <summary>The name of the state in grain storage.</summary>
    public const string Name = "node";

    /// <summary>Timers further away than this stand in the table of timers alone.</summary>
    public static readonly TimeSpan NearTimer = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan TimerGrace = TimeSpan.FromMinutes(1);

    private string _rootId = "";
    private Definition _pipeline = null!;
    private NodeDefinition _definition = null!;
    private NodeMachine _machine = null!;
    private NodeRecords _records = null!;
    private DateTimeOffset? _timerRow;
    private IGrainTimer? _timer;
    private bool _isKept;

    protected override string StateName => Name;

    private IPipelineGrain Pipeline => GrainFactory.GetGrain<IPipelineGrain>(_rootId);

    public async Task TellAsync(NodeMessage message)
    {
        await LoadAsync(() => LoadAsync(message.RootId, message.IsFirst));
        NodeInput input = message.Read(_definition, Silo.Settings);
        if (input is Enter or AskedAgain)
        {
            await AskOwnerAsync();
        }

        Take(turn => _machine.Handle(input, turn));
        TellStandingAfterwards();
        await WrittenAsync();
    }

    public async Task<MachineAnswer> AskAsync(NodeMessage message, long request)
    {
        await LoadAsync(() => LoadAsync(message.RootId));
        NodeInput input = message.Read(_definition, Silo.Settings);
        return await AskAsync(request, turn => _machine.Handle(input, turn));
    }

    public async Task ResendAsync(string rootId)
    {
        await LoadAsync(() => LoadAsync(rootId));
        Take(turn => _machine.Handle(new SetTimersAgain(), turn));
        await WrittenAsync();
        await WhenIdleAsync();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    protected override void Record(Turn turn)
    {
        _records.Record(turn.Events);
        Journal(_pipeline.Root).Add(Id, turn.Events);
    }

    protected override TurnNotes? Note(TurnNotes? notes, EngineTelemetry telemetry) =>
        telemetry.Note(notes, _pipeline.Pipeline, _definition, _machine.State, Turn);

    protected override (GrainContent Content, LogEntry Entry) Seal(long sequence)
    {
        var batch = new CommitBatch();
        _records.Seal(batch);
        DateTimeOffset? row = FarTimer();
        IReadOnlyList<TimerWrite> timers = row == _timerRow ? [] : [new TimerWrite(Id, row)];
        _timerRow = row;
        return (
            new GrainContent(_rootId, _pipeline.Root, sequence)
            {
                Timer = row,
                IsDataApart = _records.IsDataApart,
                State = _machine.State is { } state && !Silo.KeepsStateInTables ? MachineJson.Write(state) : default,
            },
            SealEntry(sequence, batch, timers) with { StateRecords = batch.Records });
    }

    protected override MachineWrite ToWrite(LogEntry entry) => entry.ToWrite(_pipeline.Root, Id);

    protected override MachineAnswer Answer(BambooException? refusal) => base.Answer(refusal) with { Standing = Standing() };

    // A node tells its pipeline only what readers see already: a pipeline that is finished never stands above a node that seems to run.
    public override void Perform(TellPipeline effect) =>
        AfterDelivery(() => Send(() => Pipeline.TellAsync(new PipelineMessage(effect.Input))));

    public override void Perform(ExecuteComponent effect) => RunAfterWrite(
        effect.Call.Version, stopping => Silo.Executions.UserCode.RunAsync(effect, _pipeline.Pipeline.RootData, stopping));

    public override void Perform(PollComponent effect) => RunAfterWrite(
        effect.Call.Version, stopping => Silo.Executions.UserCode.RunAsync(effect, _pipeline.Pipeline.RootData, stopping));

    public override void Perform(RunEndEvent effect) => RunAfterWrite(
        effect.Version, stopping => Silo.Executions.UserCode.RunAsync(effect, stopping));

    public override void Perform(Hydrate effect) => RunAfterWrite(effect.Version, stopping => Silo.Executions.HydrateAsync(
        effect, _pipeline.Pipeline.RootData, answer => new Hydrated(effect.Version, answer.Values, answer.Error), stopping));

    public override void Perform(RunVerbHooks effect) => AfterWrite(() => Silo.Executions.RunHooks(
        stopping => Silo.Executions.UserCode.RunAsync(effect, _pipeline.Pipeline.RootData, stopping)));

    public override void Perform(CancelUserCode effect) => AfterWrite(() => Silo.Executions.Cancel(effect.NodeId, effect.Version));

    public override void Perform(SetTimer effect) => AfterWrite(() => SetTimer(effect.Version, effect.Due));

    public override void Perform(TellNode effect) => throw new InvalidOperationException($"{Id} is a node, and tells only its pipeline");

    public override void Perform(SetScopeTimer effect) => throw new InvalidOperationException($"{Id} is a node, and has no scope");

    private async Task LoadAsync(string rootId, bool isFirst = false)
    {
        if (!isFirst && await ReadRecordAsync() is { } record)
        {
            _rootId = record.Content.RootId;
            await SetDefinitionAsync();
            _timerRow = record.Content.Timer;
            NodeState? state = record.Content.State.Length > 0
                ? MachineJson.ReadNodeState(record.Content.State.Span, record.Content.Data)
                : null;
            _machine = new NodeMachine(_definition, Silo.Settings, state);
            _records = new NodeRecords(
                _pipeline.Root, _machine, record.Content.Data ?? (record.Content.IsDataApart ? new NodeExecutionData(null, null, null) : null));
            Redeliver(record.Log.Select(Completed));
            AskForEntry();
            TellAgain();
        }
        else
        {
            _rootId = rootId;
            await SetDefinitionAsync();
            _machine = new NodeMachine(_definition, Silo.Settings, null);
            _records = new NodeRecords(_pipeline.Root, _machine);
        }
    }

    private async Task SetDefinitionAsync()
    {
        _pipeline = await Silo.Definitions.GetAsync(_rootId);
        _definition = _pipeline.Pipeline.Nodes.TryGetValue(Id, out NodeDefinition? definition) && definition.Kind != NodeKind.SubProcess
            ? definition
            : throw new NotFoundException($"there is no node {Id} in {_rootId} that has a machine of its own");
    }

    // A node's log holds neither its records, which its state says, nor its histories, which the facts say.
    private LogEntry Completed(LogEntry entry)
    {
        var batch = new CommitBatch();
        var records = new NodeRecords(_pipeline.Root, _machine, _records.IsDataApart ? new NodeExecutionData(null, null, null) : null);
        records.Record([]);
        records.Seal(batch);
        return entry with { StateRecords = batch.Records, Histories = HistoriesIn(entry, _pipeline.Root) };
    }

    // What another silo's process runs is asked of that process: whether it began at all died with the activation that decided it.
    private async Task AskOwnerAsync()
    {
        if (_machine.State is { Owner: { } owner } state
            && state.Phase is NodePhase.Executing or NodePhase.Polling or NodePhase.Hydrating or NodePhase.RunningEndEvent
            && Silo.Executions.IsElsewhere(owner))
        {
            await Silo.Executions.AskAsync(Silo.ExecutionsClient, owner, Id, state.Version);
        }
    }

    // What user code gave an activation before this one may have been lost with it: the pipeline is to say again that the token is there.
    private void AskForEntry()
    {
        if (_machine.State is { State: NodeStateName.Running, Phase: not (NodePhase.None or NodePhase.Waiting) } state)
        {
            Send(() => Pipeline.TellAsync(new PipelineMessage(new NodeResumed(Id, state.Token, state.Step))));
        }
    }

    // What an activation before this one decided and may not have told.
    private void TellAgain()
    {
        if (_machine.State is { } state)
        {
            Take(turn => _machine.Handle(new AskedAgain(state.Token, state.Step), turn));
        }
    }

    // Announced before the intent is durable: another activation that reads the intent in between, and asks, is told that it runs here.
    private void RunAfterWrite<T>(string version, Func<CancellationToken, Task<T?>> run)
        where T : NodeInput
    {
        INodeGrain self = this.AsReference<INodeGrain>();
        (string rootId, NodeDefinition definition) = (_rootId, _definition);
        Execution execution = Silo.Executions.Announce(Id, version);
        AfterWrite(
            () =>
            {
                _isKept = true;
                DelayDeactivation(TimeSpan.FromDays(1));
                execution.Begin(run, answer => self.TellAsync(new NodeMessage(rootId, answer, definition)));
            },
            execution.Withdraw);
    }

    // The table holds what must outlive this activation while the pipeline is at rest: the end of a wait, and far polls.
    private DateTimeOffset? FarTimer() => _machine.State is { NextTimer: { } due } state
        && (!IsPoll(state) || due - Silo.Time.GetUtcNow() > NearTimer)
            ? due
            : null;

    private static bool IsPoll(NodeState state) => state is { State: NodeStateName.Running, Schedule.Due: not null };

    private void SetTimer(string version, DateTimeOffset due)
    {
        _timer?.Dispose();
        _timer = null;
        if (FarTimer() is { } row && row != _timerRow)
        {
            // An embedded engine, which has no such table, left the node waiting.
            MarkDirty();
        }

        TimeSpan wait = due - Silo.Time.GetUtcNow();
        if (wait > NearTimer)
        {
            return;
        }

        _timer = this.RegisterGrainTimer(
            _ => FireAsync(version),
            new GrainTimerCreationOptions(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
        if (!_isKept && _timerRow is null && FarTimer() is null)
        {
            // Only this activation knows of the timer, which would go with it if it were collected before.
            DelayDeactivation((wait > TimeSpan.Zero ? wait : TimeSpan.Zero) + TimerGrace);
        }
    }

    // A poll's pipeline is awake. What ends a wait begins work in a pipeline that may be at rest, and so goes through it.
    private async Task FireAsync(string version)
    {
        if (IsLost || _machine.State is not { } state)
        {
            return;
        }

        if (IsPoll(state) && _timerRow is null)
        {
            try
            {
                Take(turn => _machine.Handle(new TimerFired(version), turn));
                await WrittenAsync();
            }
            catch (Exception) when (IsLost)
            {
                // Nobody else knows that the timer has fired: the next activation is told until it has taken it.
                (INodeGrain self, string rootId, NodeDefinition definition) = (this.AsReference<INodeGrain>(), _rootId, _definition);
                _ = Silo.Executions.TellAsync(() => self.TellAsync(new NodeMessage(rootId, new TimerFired(version), definition)), Id);
                throw;
            }
        }
        else
        {
            Send(() => Pipeline.TimerDueAsync(Id, version));
        }
    }

    // How the node stands is told where a turn leaves it at rest, also where the pipeline only asked.
    private void TellStandingAfterwards()
    {
        if (RestOf(_machine.State) != Rest.Busy)
        {
            AfterDelivery(() =>
            {
                if (RestOf(_machine.State) != Rest.Busy)
                {
                    NodeStanding standing = Standing();
                    Send(() => Pipeline.StandAsync(standing));
                }
            });
        }

        if (_isKept && _machine.State is not { Phase: NodePhase.Executing or NodePhase.Polling or NodePhase.Hydrating or NodePhase.RunningEndEvent })
        {
            _isKept = false;
            DelayDeactivation(TimeSpan.FromTicks(-1));
        }
    }

    private NodeStanding Standing() => new(
        Id, Sequence, _machine.State?.Step ?? 0, RestOf(_machine.State), _machine.State?.NextTimer is not null);

    private Rest RestOf(NodeState? state) => state switch
    {
        { State: NodeStateName.Suspended, Phase: not (NodePhase.None or NodePhase.Waiting), Owner: { } owner }
            when Silo.Executions.MayRun(owner, Id, state.Version) => Rest.Busy,
        { State: NodeStateName.Suspended } => Rest.Quiet,
        { Phase: NodePhase.Waiting, Schedule.WaitsForCallback: true } => Rest.Quiet,
        { Phase: NodePhase.Waiting } when _timerRow is not null => Rest.Far,
        _ => Rest.Busy,
    };
}
