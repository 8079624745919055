using System.Globalization;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;
using BambooOrleans.Simulation;
using BambooOrleans.Simulation.Hosts;
using BambooOrleans.Simulation.Plans;
using BambooOrleans.Simulation.Runs;
using BambooOrleans.Simulation.Scenarios;
using BambooOrleans.Storage;

namespace BambooOrleans.Tests;

/// <summary>The Engine API over a simulator without faults, for one pipeline: verbs come as a caller gives them, and user code is a workbench's.</summary>
internal sealed class SimulatorEngine : HostEngine
{
    private readonly HostMode _mode;
    private readonly UserCode _code;
    private Simulator _simulator = null!;
    private long _requests;

    public SimulatorEngine(ComponentRegistry registry, Workbench bench, HostMode mode)
        : this(new KeptJournal(), registry, new UserCode(registry, bench, new UserCodeOptions(), new Core.EngineSettings()), mode)
    {
    }

    private SimulatorEngine(KeptJournal journal, ComponentRegistry registry, UserCode code, HostMode mode)
        : base(journal, new SubmissionCheck(registry, new Core.EngineSettings()), code, new Core.EngineSettings(), TimeProvider.System)
    {
        Journal = journal;
        _code = code;
        _mode = mode;
    }

    /// <summary>What the machines decided.</summary>
    public KeptJournal Journal { get; }

    protected override Task SubmitAsync(PipelineTree tree, Submission submission, CancellationToken cancellationToken)
    {
        var scenario = new Scenario { Seed = 1, Schedule = 1, Plan = new Plan("", []), Mode = _mode, IsShuffled = false };
        _simulator = new Simulator(scenario, submission.Definition, new BenchCode(submission.Definition, _code), new Coverage());
        Journal.RootId = tree.Id;
        _simulator.Auditor.Journal = Journal.Add;
        _simulator.Begin();
        return Task.CompletedTask;
    }

    protected override Task AskAsync(string rootId, VerbRequest request, CancellationToken cancellationToken)
    {
        // The checkers find a verb's facts by the number that stands as its reason.
        long number = ++_requests;
        VerbOptions options = (request.Options ?? new VerbOptions()) with { Reason = number.ToString(CultureInfo.InvariantCulture) };
        Question question = (request with { Options = options }).Ask(new View(_simulator), number);
        return _simulator.Ask(question.NodeId ?? rootId, (object?)question.Node ?? question.Pipeline!, number) is { } refusal
            ? throw refusal
            : Task.CompletedTask;
    }

    protected override Task<T> ReadAsync<T>(string rootId, Func<IPipelineView, T> read, CancellationToken cancellationToken) =>
        Task.FromResult(read(new View(_simulator)));

    protected override Task WhenSettledAsync(string rootId, CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task<VerbOutcome> TryAsync(string rootId, VerbRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    protected override Task WhenJournalGrowsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    protected override Exception AnswerOf(Exception failure) => failure;

    /// <summary>The journal as a store gives it.</summary>
    internal sealed class KeptJournal : IEngineReads
    {
        private readonly List<JournalRow> _rows = [];

        public string RootId { get; set; } = "";

        public void Add(string machine, ReadOnlyMemory<byte> events) => _rows.Add(new JournalRow(
            _rows.Count + 1,
            1,
            RootId,
            System.Text.Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $$"""[{"machine":{{((Value)machine).ToJson()}},"events":{{System.Text.Encoding.UTF8.GetString(events.Span)}}}]"""))));

        public Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) => Task.FromResult<string?>(RootId);

        public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long from, string? rootId, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<JournalRow>>([.. _rows.Where(row => row.Position >= from).Take(limit)]);

        public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> ReadJournalEndAsync(CancellationToken cancellationToken) => Task.FromResult(_rows.Count + 1L);

        public Task<long?> FindSecretRootAsync(string rootId, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

        public Task<StoredTree?> ReadTreeAsync(string rootId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<PipelineRow>> ListAsync(
            PipelineFilter filter, PipelinePosition? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyDictionary<string, long>> CountAsync(PipelineFilter filter, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<HistoryRow>> ReadHistoriesAsync(string rootId, string nodeId, int? loop, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    // A simulator has one thread: user code of a workbench answers at once where a test does not hold it.
    private sealed class BenchCode(PipelineDefinition definition, UserCode code) : DrawnCode(0, definition)
    {
        public override bool IsSlow(NodeDefinition node) => false;

        public override bool IsCalledBack(NodeDefinition node, int loop) => false;

        public override Executed Execute(ExecuteComponent call) => Now(code.RunAsync(call, Definition.RootData, default));

        public override Polled Poll(PollComponent call) => Now(code.RunAsync(call, Definition.RootData, default));

        public override EndEventRan EndEvent(RunEndEvent call) => Now(code.RunAsync(call, default));

        private static T Now<T>(Task<T?> task) => task.WaitAsync(Engines.Patience).GetAwaiter().GetResult()!;
    }

    private sealed class View(Simulator simulator) : IPipelineView, IVerbFacts
    {
        public PipelineDefinition Definition => simulator.Definition;

        public PipelineState State => simulator.Auditor.State;

        public IEnumerable<(NodeDefinition Node, NodeState State)> NodeStates =>
            simulator.Auditor.Nodes.Select(id => (Definition.Nodes[id], simulator.Auditor.Node(id)!));

        public NodeState? NodeState(string nodeId) => simulator.Auditor.Node(nodeId);

        public bool IsJoiningAt(string nodeId) =>
            State.Tokens.Values.Any(token => token.Node == nodeId && token.Phase == TokenPhase.Joining);

        public NodeStateName? ScopeState(string id) => State.Scopes.GetValueOrDefault(id)?.State;
    }
}
