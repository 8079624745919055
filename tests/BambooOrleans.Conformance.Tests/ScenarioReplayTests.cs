using BambooOrleans.Conformance.Comparing;
using BambooOrleans.Conformance.Corpus;
using BambooOrleans.Conformance.Hosts;
using BambooOrleans.Conformance.Replay;

namespace BambooOrleans.Conformance.Tests;

public sealed class ScenarioReplayTests
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task An_engine_that_answers_as_recorded_shows_no_difference()
    {
        Scenario[] playable = [.. CorpusFiles.Corpus.Scenarios.Where(IsPlayable)];
        Assert.True(playable.Length > 600, $"only {playable.Length} scenarios can be played");
        foreach (Scenario scenario in playable)
        {
            Difference? difference = await ReplayAsync(scenario, new RecordedEngine(scenario));
            Assert.True(difference is null, $"{scenario.Name}: {difference}");
        }
    }

    [Theory]
    [InlineData("pipeline_states", "a.retry")]
    [InlineData("pipeline_states", "a.started")]
    [InlineData("execution_data", "a.outputs._result")]
    [InlineData("raw_data", "a.inputs.ok.need_render")]
    [InlineData("context", "pipeline.${o}.value")]
    [InlineData("histories", "a[0].outputs.partial")]
    [InlineData("short_histories", "a[0].loop")]
    [InlineData("state_tree", "pipeline.b")]
    public async Task A_record_that_says_something_else_is_a_difference_at_its_path(string check, string path)
    {
        Scenario scenario = CorpusFiles.Scenario("retry__outputs_overwritten");
        Scenario changed = Change(scenario, check, Without(scenario.Checks[check], path));

        Difference? difference = await ReplayAsync(scenario, new RecordedEngine(changed));

        Assert.Equal($"check {check}", difference?.Where);
        Assert.StartsWith(path, difference!.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_that_is_not_as_recorded_is_a_difference_of_the_step()
    {
        Scenario scenario = CorpusFiles.Scenario("retry__with_data");
        Scenario changed = scenario with
        {
            Steps = [.. scenario.Steps.Select((step, index) => index == 1 ? step.With("states", step.Map("states").With("a", "RUNNING")) : step)],
        };

        Assert.Equal(
            new Difference("step 1 (settle)", "a", "\"FAILED\"", "\"RUNNING\""),
            await ReplayAsync(scenario, new RecordedEngine(changed)));
    }

    [Fact]
    public async Task A_hidden_state_that_was_not_recorded_is_a_difference()
    {
        Scenario scenario = CorpusFiles.Scenario("revoke__then_resume_node");
        var withoutHidden = scenario.Checks.Where(check => check.Key != "hidden_states").ToDictionary();

        Difference? difference = await ReplayAsync(scenario with { Checks = withoutHidden }, new RecordedEngine(scenario));

        Assert.Equal("check hidden_states", difference?.Where);
    }

    [Fact]
    public async Task Versions_are_put_in_for_their_marks()
    {
        Scenario scenario = CorpusFiles.Scenario("callback__wrong_version");
        var engine = new RecordedEngine(scenario);

        Assert.Null(await ReplayAsync(scenario, engine));

        Assert.Contains(engine.Called, call => call.StartsWith("callback a v ", StringComparison.Ordinal));
        Assert.DoesNotContain(engine.Called, call => call.Contains('$', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_of_another_kind_is_a_difference()
    {
        Scenario scenario = CorpusFiles.Scenario("pause__before_run");
        Scenario changed = scenario with
        {
            Steps = [.. scenario.Steps.Select(step => step.Member("expect").Text("error") is null
                ? step
                : step.With("expect", Value.Map(("result", false), ("error", "InvalidOperation"))))],
        };

        Difference? difference = await ReplayAsync(scenario, new RecordedEngine(changed));

        Assert.Equal(("error", "NotFound"), (difference?.Path, difference?.Expected));
    }

    [Fact]
    public async Task A_refused_tree_that_names_another_gateway_is_a_difference()
    {
        Scenario scenario = CorpusFiles.Scenario("validator__pg_one_branch_to_end");
        Scenario changed = scenario with
        {
            Steps = [.. scenario.Steps.Select(step => step.Text("do") == "run"
                ? step.With("expect", step.Map("expect").With("gateway_id", "other"))
                : step)],
        };

        Assert.Equal("gateway_id", (await ReplayAsync(scenario, new RecordedEngine(changed)))?.Path);
    }

    [Fact]
    public async Task A_verb_that_the_engine_does_not_have_is_a_difference_that_names_it()
    {
        Scenario recorded = CorpusFiles.Scenario("basic__one_node");
        Scenario scenario = recorded with
        {
            Steps = [.. recorded.Steps, Value.Map(("do", "call"), ("api", "fold_pipeline"), ("args", MapValue.Empty), ("expect", MapValue.Empty))],
        };

        Difference? difference = await ReplayAsync(scenario, new RecordedEngine(scenario));

        Assert.Equal("the engine has no such verb yet: fold_pipeline", difference?.Actual);
        Assert.Contains("fold_pipeline", difference!.Where, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Running_out_of_time_names_the_step_and_closes_the_engine()
    {
        Scenario recorded = CorpusFiles.Scenario("basic__one_node");
        Scenario scenario = recorded with
        {
            Steps = [Value.Map(("do", "wait"), ("states", Value.Map(("nowhere", "FINISHED"))))],
        };
        var engine = new RecordedEngine(recorded);

        Difference? difference = await ScenarioReplay.RunAsync(() => engine, scenario, StoreKind.Memory, TimeSpan.FromMilliseconds(50));

        Assert.Equal("step 0 (wait)", difference?.Where);
        Assert.StartsWith("still not done; states: {\"pipeline\":", difference!.Actual, StringComparison.Ordinal);
        Assert.True(engine.IsDisposed);
    }

    [Fact]
    public async Task The_engine_starts_with_the_scenarios_settings()
    {
        Scenario scenario = CorpusFiles.Scenario("loop__rerun_limit_3");
        var engine = new RecordedEngine(scenario);

        await ReplayAsync(scenario, engine);

        Assert.Equal(new EngineSettings { NodeRerunLimit = 3 }, engine.Settings);
    }

    private static Task<Difference?> ReplayAsync(Scenario scenario, RecordedEngine engine) =>
        ScenarioReplay.RunAsync(() => engine, scenario, StoreKind.Memory, TimeLimit);

    // Reads as steps and waiting by the clock are beyond what a recorded engine can play.
    private static bool IsPlayable(Scenario scenario) =>
        VerbSelection.Only(
        [
            "pause_*", "resume_*", "revoke_pipeline", "retry_*", "skip_*", "forced_fail_activity", "callback",
        ]).Includes(scenario)
        && scenario.Steps.All(step => step.Text("do") is not ("sleep" or "wait"));

    private static Scenario Change(Scenario scenario, string check, Value value) =>
        scenario with { Checks = scenario.Checks.ToDictionary(entry => entry.Key, entry => entry.Key == check ? value : entry.Value) };

    // The record with what stands at the path taken for something that cannot be there.
    private static Value Without(Value record, string path)
    {
        int end = path.IndexOfAny(['.', '[']);
        string name = end < 0 ? path : path[..end];
        string rest = end < 0 ? "" : path[(path[end] == '[' ? path.IndexOf(']', StringComparison.Ordinal) + 2 : end + 1)..];
        return record switch
        {
            MapValue map when end >= 0 && path[end] == '[' =>
                map.With(name, Value.List(((ListValue)map[name]).Select(item => Without(item, rest)))),
            MapValue map when rest.Length > 0 => map.With(name, Without(map[name], rest)),
            MapValue map when map.TryGetValue(name, out Value? old) => old switch
            {
                BoolValue flag => map.With(name, !flag.Value),
                IntValue number => map.With(name, number.Value + 1),
                TextValue => map.With(name, "changed"),
                MapValue { Count: 0 } => WithoutEntry(map, name),
                _ => map.With(name, MapValue.Empty),
            },
            _ => throw new ArgumentException($"{path} is not in the record"),
        };
    }

    private static MapValue WithoutEntry(MapValue map, string name)
    {
        MapValue.Builder builder = map.ToBuilder();
        builder.Remove(name);
        return builder.Build();
    }
}
