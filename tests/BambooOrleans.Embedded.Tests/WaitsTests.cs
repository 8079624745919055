using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>Why a pipeline does not go on: each kind of stuck pipeline names its true cause.</summary>
public sealed class WaitsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Beginning = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Workbench _bench = new();
    private readonly VirtualTime _time = new();
    private EmbeddedEngine _engine = null!;

    public async Task InitializeAsync() => _engine = await Engines.OpenAsync(
        new MemoryStore(), _bench, options => options with { Time = _time, CloseTimeLimit = TimeSpan.Zero });

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    [Fact]
    public async Task An_activity_whose_component_returned_false()
    {
        _bench.Executions["a"] = (_, _) => Task.FromResult<ComponentResult>(false);
        await _engine.RunAsync(Chain());

        await Waits(new Expected(WaitKind.Operator, "a", "a failed and waits for an operator: its component gave no error")
        {
            Verbs = "retry_node skip_node",
            Since = Beginning,
        });
    }

    [Fact]
    public async Task An_activity_whose_component_threw()
    {
        _bench.Executions["a"] = (_, _) => throw new InvalidOperationException("no disk\nat all");
        await _engine.RunAsync(Chain());

        WaitInfo wait = await Waits(new Expected(
            WaitKind.Operator, "a", "a failed and waits for an operator: System.InvalidOperationException: no disk")
        {
            Verbs = "retry_node skip_node",
            Since = Beginning,
            Error = "*",
        });
        Assert.StartsWith("System.InvalidOperationException: no disk\nat all\n", wait.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_activity_that_may_not_be_skipped()
    {
        _bench.Executions["a"] = (_, _) => Task.FromResult<ComponentResult>(false);
        await _engine.RunAsync(Chain().Activity("a", "ok", "legacy", MapValue.Empty, Value.Map(("skippable", false))));

        await Waits(new Expected(WaitKind.Operator, "a", "a failed and waits for an operator: its component gave no error")
        {
            Verbs = "retry_node",
            Since = Beginning,
        });
    }

    [Fact]
    public async Task An_activity_that_an_operator_forced_to_fail()
    {
        await StartAsync(Chain().Activity("a", "wait"), "a");
        await _engine.ForcedFailActivityAsync("a", "enough").Done();

        await Waits(new Expected(WaitKind.Operator, "a", "a failed and waits for an operator: enough")
        {
            Verbs = "retry_node skip_node",
            Since = Beginning,
            Error = "enough",
        });
    }

    [Fact]
    public async Task A_gateway_none_of_whose_conditions_is_met()
    {
        await _engine.RunAsync(new TreeSketch()
            .Flow("start", "eg", "a", "end").Flow("eg", "b", "end").When("eg", "a", "1 == 2").When("eg", "b", "1 == 3"));

        await Waits(new Expected(
            WaitKind.Operator, "eg", "eg failed and waits for an operator: all conditions of branches are not meet")
        {
            Verbs = "retry_node skip_exclusive_gateway",
            Since = Beginning,
            Error = "all conditions of branches are not meet",
        });
    }

    [Fact]
    public async Task A_sub_process_whose_params_cannot_be_computed()
    {
        _bench.OnLazy = _ => throw new InvalidOperationException("no such thing");
        await _engine.RunAsync(Sub("x").Var("${v}", TreeSketch.LazyOf("lazy", 1)));

        WaitInfo wait = await Waits(new Expected(WaitKind.Operator, "sp", "*")
        {
            Verbs = "retry_subprocess",
            Since = Beginning,
            Error = "*",
        });
        Assert.StartsWith("sp failed and waits for an operator: context hydrate failed(", wait.Text, StringComparison.Ordinal);
        Assert.Contains("no such thing", wait.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_event_whose_code_failed()
    {
        _bench.OnNotify = () => throw new InvalidOperationException("nobody there");
        await _engine.RunAsync(Chain().EndsWith("notify"));

        WaitInfo wait = await Waits(new Expected(WaitKind.Operator, "end", "*")
        {
            Verbs = "retry_node",
            Since = Beginning,
            Error = "*",
        });
        Assert.Equal("end failed and waits for an operator: System.InvalidOperationException: nobody there", wait.Text);
    }

    [Fact]
    public async Task An_activity_that_waits_for_its_callback()
    {
        await StartAsync(Chain().Activity("a", "wait"), "a");
        string version = await _engine.VersionOf("a");

        await Waits(new Expected(WaitKind.Callback, "a", $"a waits for a callback under version {version}")
        {
            Verbs = "callback forced_fail_activity",
            Since = Beginning,
        });
    }

    [Fact]
    public async Task An_activity_that_has_taken_one_callback_of_several()
    {
        _bench.Schedules["a"] = (_, _, _) => Task.FromResult(ComponentResult.Ok);
        await StartAsync(Chain().Activity("a", "multi"), "a");
        string version = await _engine.VersionOf("a");
        await _engine.CallbackAsync("a", version, 1).Done();
        await _engine.WaitUntilSettledAsync("p").Done();

        await Waits(new Expected(WaitKind.Callback, "a", $"a waits for a callback under version {version}, after 1 callback")
        {
            Verbs = "callback forced_fail_activity",
            Since = Beginning,
        });
    }

    [Fact]
    public async Task An_activity_that_waits_for_the_time_of_its_next_poll()
    {
        _bench.Interval = _ => TimeSpan.FromSeconds(90);
        _bench.Schedules["a"] = (_, _, _) => Task.FromResult(ComponentResult.Ok);
        await _engine.SubmitAsync(Chain().Activity("a", "poll"));
        await UntilAsync(WaitKind.Timer);

        await Waits(new Expected(
            WaitKind.Timer, "a", $"a waits for its next poll at {ApiTime.Text(Beginning.AddSeconds(90))}, after 1 poll")
        {
            Verbs = "forced_fail_activity",
            Since = Beginning,
            Due = Beginning.AddSeconds(90),
        });
    }

    [Fact]
    public async Task A_pipeline_that_is_paused()
    {
        await StartAsync(Chain().Activity("a", "wait"), "a");
        await _engine.PausePipelineAsync("p").Done();
        await CallBackAsync("a");

        await Waits(new Expected(WaitKind.Pause, "b", "is held before b: the pipeline p is paused")
        {
            Verbs = "resume_pipeline",
            PausedBy = "p",
        });
    }

    [Fact]
    public async Task A_pipeline_whose_resume_is_appointed_for_a_time()
    {
        await StartAsync(Chain().Activity("a", "wait"), "a");
        await _engine.PausePipelineAsync("p").Done();
        await CallBackAsync("a");
        await _engine.ResumePipelineAsync("p", new VerbOptions { At = Beginning.AddHours(1) }).Done();

        await Waits(new Expected(
            WaitKind.Pause, "b", $"is held before b: the pipeline p is paused, until {ApiTime.Text(Beginning.AddHours(1))}")
        {
            Verbs = "resume_pipeline",
            PausedBy = "p",
            Due = Beginning.AddHours(1),
        });
    }

    [Fact]
    public async Task A_sub_process_that_is_paused()
    {
        await StartAsync(Sub("wait"), "x");
        await _engine.PausePipelineAsync("sp").Done();
        await CallBackAsync("x");

        await Waits(new Expected(WaitKind.Pause, "y", "is held before y: the sub-process sp is paused")
        {
            Verbs = "resume_pipeline",
            PausedBy = "sp",
            Scope = "sp",
        });
    }

    [Fact]
    public async Task A_node_that_was_paused_by_appointment_before_it_was_reached()
    {
        await StartAsync(Chain().Activity("a", "wait"), "a");
        await _engine.PauseNodeAppointAsync("b").Done();
        await CallBackAsync("a");

        await Waits(new Expected(WaitKind.Pause, "b", "is held before b: the node is paused by appointment")
        {
            Verbs = "resume_node_appoint",
            PausedBy = "b",
            HasVersion = true,
        });
    }

    [Fact]
    public async Task A_node_that_was_paused_while_it_ran_and_is_to_go_on_at_a_time()
    {
        await StartAsync(Chain().Activity("a", "wait"), "a");
        await _engine.PauseNodeAppointAsync("a").Done();
        await _engine.ResumeNodeAppointAsync("a", new VerbOptions { At = Beginning.AddMinutes(5) }).Done();

        await Waits(new Expected(WaitKind.Pause, "a", $"a was paused while it ran, until {ApiTime.Text(Beginning.AddMinutes(5))}")
        {
            Verbs = "resume_node_appoint",
            PausedBy = "a",
            Due = Beginning.AddMinutes(5),
            Since = Beginning,
        });
    }

    [Fact]
    public async Task A_token_whose_branches_have_not_all_come_and_the_one_that_has_not()
    {
        await StartAsync(new TreeSketch().Flow("start", "pg", "a", "cg", "end").Flow("pg", "b", "cg").Activity("a", "wait"), "a");
        string version = await _engine.VersionOf("a");

        IReadOnlyList<WaitInfo> waits = await _engine.GetWaitsAsync("p").Get();

        Assert.Equal([WaitKind.Children, WaitKind.Callback], waits.Select(wait => wait.Kind));
        Assert.Equal(("pg", "waits at pg for 1 branch to reach cg", (int?)1), (waits[0].NodeId, waits[0].Text, waits[0].BranchesAwaited));
        Assert.Empty(waits[0].Verbs);
        Assert.Equal(("a", version), (waits[1].NodeId, waits[1].Version));
    }

    [Fact]
    public async Task A_component_that_runs()
    {
        _bench.Executions["a"] = async (_, token) => { await Task.Delay(Timeout.Infinite, token); return true; };
        await _engine.SubmitAsync(Chain());
        await _bench.Entered("a");

        await Waits(new Expected(WaitKind.RunningComponent, "a", $"the component ok of a runs since {ApiTime.Text(Beginning)}")
        {
            Verbs = "forced_fail_activity",
            Since = Beginning,
        });
    }

    [Fact]
    public async Task A_lazy_variable_that_is_being_computed()
    {
        var never = new TaskCompletionSource<Value>();
        var asked = new TaskCompletionSource();
        _bench.OnLazy = _ => { asked.TrySetResult(); return never.Task; };
        await _engine.SubmitAsync(Chain().Var("${v}", TreeSketch.LazyOf("lazy", 1)).Activity("a", "ok", ("n", "${v}")));
        await asked.Task.WaitAsync(Engines.Patience);

        await Waits(new Expected(WaitKind.ComputingVariables, "a", "the lazy variables that a needs are being computed") { Since = Beginning });
        never.SetResult(1);
    }

    [Fact]
    public async Task A_token_that_was_held_when_its_pipeline_was_revoked()
    {
        await StartAsync(Chain().Activity("a", "wait"), "a");
        await _engine.PausePipelineAsync("p").Done();
        await CallBackAsync("a");
        await _engine.RevokePipelineAsync("p").Done();

        await Waits(new Expected(WaitKind.Pause, "b", "is held before b: the pipeline p is revoked") { PausedBy = "p" });
    }

    [Fact]
    public async Task A_token_that_its_node_held_when_its_pipeline_was_revoked()
    {
        await StartAsync(Chain().Activity("a", "wait"), "a");
        await _engine.PauseNodeAppointAsync("b").Done();
        await CallBackAsync("a");
        await _engine.RevokePipelineAsync("p").Done();

        await Waits(new Expected(WaitKind.Pause, "b", "is held before b: the pipeline p is revoked") { PausedBy = "b" });
    }

    private static TreeSketch Chain() => new TreeSketch().Flow("start", "a", "b", "end");

    // A sub-process of x and y, whose param is the context value v.
    private static TreeSketch Sub(string code) => new TreeSketch()
        .Flow("start", "sp", "end")
        .Sub("sp", new TreeSketch("sp", "in", "out").Flow("in", "x", "y", "out").Activity("x", code == "x" ? "ok" : code), ("${w}", "${v}"));

    private async Task StartAsync(TreeSketch sketch, string node)
    {
        await _engine.SubmitAsync(sketch);
        await _bench.Entered(node);
        await _engine.WaitUntilSettledAsync("p").Done();
    }

    private async Task CallBackAsync(string node)
    {
        await _engine.CallbackAsync(node, await _engine.VersionOf(node), 1).Done();
        await _engine.WaitUntilSettledAsync("p").Done();
    }

    private async Task UntilAsync(WaitKind kind)
    {
        using var patience = new CancellationTokenSource(Engines.Patience);
        while ((await _engine.GetWaitsAsync("p").Get())[0].Kind != kind)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    // One token waits, and everything said of it is as expected; the version is the node's own, where it has one.
    private async Task<WaitInfo> Waits(Expected expected)
    {
        WaitInfo wait = Assert.Single(await _engine.GetWaitsAsync("p").Get());
        IReadOnlyDictionary<string, NodeStateInfo> states = await _engine.GetChildrenStatesAsync(wait.NodeId).Get();
        string? version = states.TryGetValue(wait.NodeId, out NodeStateInfo? state) ? state.Version : null;
        Assert.Equal(
            expected with { HasVersion = false },
            new Expected(wait.Kind, wait.NodeId, expected.Text == "*" ? "*" : wait.Text)
            {
                Error = expected.Error == "*" ? "*" : wait.Error,
                Verbs = string.Join(' ', wait.Verbs),
                Due = wait.Due,
                Since = wait.Since,
                PausedBy = wait.PausedBy,
                Scope = wait.ScopeId,
            });
        Assert.Equal(version, wait.Version);
        Assert.Equal($"name of {wait.NodeId}", wait.NodeName);
        Assert.True(!expected.HasVersion || version is not null);
        return wait;
    }

    private sealed record Expected(WaitKind Kind, string Node, string Text)
    {
        public string? Error { get; init; }

        public string Verbs { get; init; } = "";

        public DateTimeOffset? Due { get; init; }

        public DateTimeOffset? Since { get; init; }

        public string? PausedBy { get; init; }

        public string Scope { get; init; } = "p";

        public bool HasVersion { get; init; }
    }
}
