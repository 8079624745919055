using System.Text.Json;
using System.Text.Json.Nodes;
using BambooOrleans.Components;
using BambooOrleans.Core;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Embedded;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Hosting.Tests;

/// <summary>Machines become records of a store, and come back from them.</summary>
public class RecordsTests
{
    private const int Root = 3;

    private static readonly MapValue Small = Value.Map(("x", 1));
    private static readonly MapValue Large = Value.Map(("x", new string('x', 3000)));

    private readonly Turn _turn = new("host", new Versions());

    [Fact]
    public void A_node_is_written_once_for_all_its_turns_since_the_last_batch()
    {
        NodeRecords node = Entered();

        Assert.True(node.IsChanged);
        Assert.False(Finish(node, Small));
        RecordWrite record = Assert.Single(Sealed(node).Records);

        Assert.Equal((RecordKind.Node, Root, "a"), (record.Kind, record.Root, record.Key));
        Assert.Equal(NodeStateName.Finished, MachineJson.ReadNodeState(record.Payload!.Value.Span).State);
        Assert.False(node.IsChanged);
        Assert.True(Sealed(node).IsEmpty);
    }

    [Fact]
    public void Large_data_is_written_apart_and_only_when_it_changed()
    {
        NodeRecords node = Entered(Large);

        CommitBatch first = Sealed(node);
        Handle(node, new PauseNode(new VerbCall(1, "pause_node_appoint")));
        CommitBatch second = Sealed(node);
        Handle(node, new ResumeNode(new VerbCall(2, "resume_node_appoint")));
        Finish(node, Small);
        CommitBatch third = Sealed(node);

        Assert.Equal([RecordKind.Node, RecordKind.Data], first.Records.Select(record => record.Kind));
        Assert.Null(MachineJson.ReadNodeState(first.Records[0].Payload!.Value.Span).RunningInputs);
        Assert.Equal(Large["x"], MachineJson.ReadExecutionData(first.Records[1].Payload!.Value.Span).RunningInputs!["x"]);
        Assert.Equal([RecordKind.Node], second.Records.Select(record => record.Kind));
        Assert.Equal([RecordKind.Node, RecordKind.Data], third.Records.Select(record => record.Kind));
        Assert.Equal(Small, MachineJson.ReadExecutionData(third.Records[1].Payload!.Value.Span).Outputs);
    }

    [Fact]
    public void An_attempt_that_is_entered_again_goes_to_the_histories()
    {
        NodeRecords node = Entered();
        Finish(node, Small);
        Sealed(node);

        Handle(node, new Enter("t", 9, 1, 1, RawInputs.Empty, new Dictionary<string, ContextEntry>()));

        HistoryWrite history = Assert.Single(Sealed(node).Histories);
        Assert.Equal(("a", 1L, 1), (history.NodeId, history.Sequence, history.Loop));
        Finish(node, Small);
        Assert.Empty(Sealed(node).Histories);
    }

    [Fact]
    public void A_pipeline_is_written_with_its_submission_once_and_its_status_when_it_changes()
    {
        PipelineDefinition definition = Definition();
        var machine = new PipelineMachine(definition, PipelineMachine.InitialState(definition));
        var records = new PipelineRecords(
            Root, machine, new NewPipeline(Root, "p", default, default, [], "RUNNING", DateTimeOffset.UnixEpoch, null));

        CommitBatch first = Told(records, new Start(1));
        CommitBatch second = Told(records, new PausePipeline(new VerbCall(2, "pause_pipeline"), "p"));
        CommitBatch third = Told(records, new Drive());

        Assert.Single(first.Pipelines);
        Assert.Equal([RecordKind.Scope, RecordKind.Token], first.Records.Select(record => record.Kind).Order());
        Assert.Equal("RUNNING", Assert.Single(first.Statuses).State);
        Assert.Empty(second.Pipelines);
        Assert.Equal(RecordKind.Scope, Assert.Single(second.Records).Kind);
        Assert.Equal(new PipelineStatus(Root, "SUSPENDED", null), Assert.Single(second.Statuses));
        Assert.True(third.IsEmpty);
    }

    [Fact]
    public void Journal_turns_of_a_batch_share_a_row_and_come_back_in_order()
    {
        var journal = new JournalBuffer(Root);
        var batch = new CommitBatch();
        NodeRecords node = Entered();
        journal.Add("p", _turn.Events);
        journal.Add("a", _turn.Events);

        Assert.Equal(12, journal.Seal(batch, 10));
        Assert.Equal(12, journal.Seal(batch, 12));

        JournalWrite row = Assert.Single(batch.Journal);
        Assert.Equal(
            [(10L, "p", node.Machine.State!.Version), (11L, "a", node.Machine.State.Version)],
            JournalRows.Turns(new JournalRow(row.Position, row.Turns, "p", row.Payload)).Select(turn => (
                turn.Position, turn.MachineId, ((TextValue)((MapValue)turn.Events[0])["version"]).Value)));
    }

    [Fact]
    public async Task Reads_of_what_is_stored_are_those_of_the_engine_that_stored_it()
    {
        ComponentRegistry registry = new ComponentRegistry().Add<Echo>();
        var store = new MemoryStore();
        await using EmbeddedEngine engine = await EmbeddedEngine.OpenAsync(store, new EmbeddedEngineOptions { Registry = registry });
        Assert.True((await engine.RunPipelineAsync(Sketch().Build())).Result);
        await engine.WaitUntilSettledAsync("p");
        await engine.RetryNodeAsync("b", Value.Map(("big", Large["x"]), ("fail", true)));
        await engine.WaitUntilSettledAsync("p");

        StoredPipeline stored = (await store.LoadAsync("p", default))!;
        PipelineDefinition definition = new SubmissionCheck(registry, new EngineSettings()).Compile(stored);
        LoadedPipeline loaded = LoadedPipeline.Load(stored, definition);

        Assert.NotNull(loaded.Nodes["b"].Apart);
        Assert.Null(loaded.Nodes["a"].Apart);
        AssertSame((await engine.GetPipelineStatesAsync("p", flatChildren: false)).Data, StateReads.Tree(loaded, flat: false));
        AssertSame((await engine.GetPipelineStatesAsync("p")).Data, StateReads.Tree(loaded, flat: true));
        AssertSame((await engine.GetContextAsync("p")).Data, StateReads.Context(loaded, "p"));
        AssertSame((await engine.GetWaitsAsync("p")).Data, StateReads.WaitsOf(loaded));
        AssertSame((await engine.GetPipelineDebugInfoAsync("p")).Data!.Processes, StateReads.Tokens(loaded));
        foreach (string id in new[] { "p", "start", "a", "sp", "c", "b", "end" })
        {
            AssertSame((await engine.GetChildrenStatesAsync(id)).Data, StateReads.Children(loaded, id));
            AssertSame((await engine.GetExecutionDataAsync(id)).Data, StateReads.Execution(loaded, id));
            AssertSame((await engine.GetDataAsync(id)).Data, StateReads.Data(loaded, id));
        }

        Assert.Equal(NodeStateName.Running, loaded.ScopeState("p"));
        Assert.False(loaded.IsJoiningAt("b"));
    }

    // In whatever order members stand.
    private static void AssertSame<T>(T? expected, T? actual) => Assert.True(
        JsonNode.DeepEquals(JsonSerializer.SerializeToNode(expected), JsonSerializer.SerializeToNode(actual)),
        $"{JsonSerializer.Serialize(expected)}\n{JsonSerializer.Serialize(actual)}");

    private static TreeSketch Sketch() => new TreeSketch().Flow("start", "a", "sp", "b", "end")
        .Activity("a", "ok", ("n", 1)).Activity("b", "ok", ("fail", true)).Fill("${n}", "a", "n", before: 0)
        .Sub("sp", new TreeSketch("inner", "s1", "e1").Flow("s1", "c", "e1").Activity("c", "ok", ("m", "${p}")), ("${p}", "${n}"));

    private static PipelineDefinition Definition()
    {
        ComponentRegistry registry = new ComponentRegistry().Add<Echo>();
        return new SubmissionCheck(registry, new EngineSettings()).Check(Sketch().Build(), new RunPipelineOptions()).Definition;
    }

    private static CommitBatch Sealed(NodeRecords node)
    {
        var batch = new CommitBatch();
        node.Seal(batch);
        return batch;
    }

    private NodeRecords Entered(MapValue? inputs = null)
    {
        RawInputs raw = RetryInputs.Parse(inputs ?? MapValue.Empty, new EngineSettings().Expressions);
        PipelineDefinition definition = Definition();
        var node = new NodeRecords(Root, new NodeMachine(definition.Nodes["a"], definition.Settings, null));
        Assert.True(Handle(node, new Enter("t", 1, 1, 1, raw, new Dictionary<string, ContextEntry>())));
        return node;
    }

    private bool Finish(NodeRecords node, MapValue outputs) => Handle(
        node, new Executed(node.Machine.State!.Version, new CallOutcome(true, outputs, MapValue.Empty, outputs), ScheduleKind.None));

    private bool Handle(NodeRecords node, NodeInput input)
    {
        _turn.Begin(DateTimeOffset.UnixEpoch);
        node.Machine.Handle(input, _turn);
        return _turn.Events.Count > 0 && node.Record(_turn.Events);
    }

    private CommitBatch Told(PipelineRecords records, PipelineInput input)
    {
        _turn.Begin(DateTimeOffset.UnixEpoch);
        records.Machine.Handle(input, _turn);
        if (_turn.Events.Count > 0)
        {
            records.Record(_turn.Events);
        }

        var batch = new CommitBatch();
        records.Seal(batch, records.Machine.State.Tokens.Count == 0 ? DateTimeOffset.UnixEpoch : null);
        return batch;
    }

    private sealed class Versions : IVersionSource
    {
        private int _last;

        public string NewVersion() => $"v{++_last}";
    }

    // Gives its inputs as outputs; fails where they say so.
    [Component("ok")]
    public sealed class Echo : Component
    {
        public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
        {
            foreach ((string name, Value value) in context.Inputs)
            {
                context.Outputs[name] = value;
            }

            return Task.FromResult<ComponentResult>(!context.Inputs.ContainsKey("fail"));
        }
    }

    [Fact]
    public void A_journal_row_is_read_whose_fact_has_a_value_as_deep_as_values_may_be()
    {
        string deep = new string('[', ValueJson.MaxDepth) + new string(']', ValueJson.MaxDepth);
        byte[] payload = System.Text.Encoding.UTF8.GetBytes(
            """[{"machine":"a","events":[{"event":"x","outputs":{"v":""" + deep + "}}]}]");

        JournalTurn turn = Assert.Single(JournalRows.Turns(new JournalRow(1, 1, "p", payload)));

        Assert.Equal(deep, ((MapValue)((MapValue)turn.Events[0])["outputs"])["v"].ToJson());
    }
}
