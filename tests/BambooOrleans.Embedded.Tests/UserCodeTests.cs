using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Embedded.Tests;

/// <summary>Whatever user code does, the node it runs for comes to something, and the engine goes on.</summary>
public class UserCodeTests : IAsyncLifetime
{
    private static readonly ComponentRegistry Registry = Workbench.Registry
        .Add<Unmakeable>().Add<BadSchedule>().Add<BadInterval>().Add<EndlessInterval>().Add<NoTask>().Add<Short>().Add<BadFlags>()
        .Add<UnmakeableEnd>().Add<UnmakeableLazy>();

    private readonly Workbench _bench = new();
    private EmbeddedEngine _engine = null!;

    public async Task InitializeAsync() => _engine = await Engines.OpenAsync(
        new MemoryStore(), _bench, options => Engines.Hasty(options) with { Registry = Registry });

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    public static TheoryData<string, string> Misbehaving => new()
    {
        { "unmakeable", "System.InvalidOperationException: the constructor threw" },
        { "bad-schedule", "System.InvalidOperationException: Schedule threw" },
        { "bad-interval", "System.InvalidOperationException: the interval threw" },
        { "no-task", "System.NullReferenceException" },
        { "bad-flags", "System.InvalidOperationException: TimeLimit threw" },
        { "short", "the call took longer than its time limit of 0.001 s" },
    };

    [Theory]
    [MemberData(nameof(Misbehaving))]
    public async Task A_component_that_misbehaves_fails_its_node_with_the_cause(string component, string cause)
    {
        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", component));

        Assert.Equal(NodeStateName.Failed, await _engine.StateOf("a"));
        Assert.Contains(cause, ((TextValue)await _engine.ExDataOf("a")).Value);
    }

    [Fact]
    public async Task A_component_that_throws_fails_its_node_with_what_it_threw_and_keeps_what_it_gave()
    {
        _bench.Executions["a"] = (context, _) =>
        {
            context.SetOutput("so far", 1);
            throw new InvalidOperationException("no luck");
        };

        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));

        MapValue outputs = await _engine.GetExecutionDataOutputsAsync("a").Get();
        Assert.Equal(NodeStateName.Failed, await _engine.StateOf("a"));
        Assert.Equal(1, outputs["so far"]);
        Assert.Equal(false, outputs["_result"]);
        Assert.StartsWith("System.InvalidOperationException: no luck", ((TextValue)outputs["ex_data"]).Value);
    }

    [Fact]
    public async Task A_component_that_returns_nothing_has_succeeded()
    {
        _bench.Executions["a"] = (_, _) => Task.FromResult<ComponentResult>(default);

        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));

        Assert.Equal(NodeStateName.Finished, await _engine.StateOf("p"));
        Assert.Equal(true, (await _engine.GetExecutionDataOutputsAsync("a").Get())["_result"]);
    }

    [Theory]
    [InlineData("0", NodeStateName.Failed)]
    [InlineData("\"\"", NodeStateName.Failed)]
    [InlineData("[]", NodeStateName.Failed)]
    [InlineData("\"no\"", NodeStateName.Finished)]
    [InlineData("0.5", NodeStateName.Finished)]
    public async Task What_a_component_returns_decides_by_its_truthiness_and_is_kept(string json, NodeStateName state)
    {
        Value result = Value.ParseJson(json);
        _bench.Executions["a"] = (_, _) => Task.FromResult(new ComponentResult(result));

        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));

        Assert.Equal(state, await _engine.StateOf("a"));
        Assert.Equal(result, (await _engine.GetExecutionDataOutputsAsync("a").Get())["_result"]);
    }

    [Fact]
    public async Task An_output_that_is_set_to_null_is_a_null_value()
    {
        _bench.Executions["a"] = (context, _) =>
        {
            context.SetOutput("nothing", null!);
            return Task.FromResult(ComponentResult.Ok);
        };

        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "b", "end").Fill("${x}", "a", "nothing").Activity("b", "ok", ("n", "${x}")));

        Assert.Equal(NodeStateName.Finished, await _engine.StateOf("p"));
        Assert.Equal(Value.Null, await _engine.ContextOf("${x}"));
    }

    [Fact]
    public async Task An_output_that_is_nested_too_deep_to_be_kept_fails_its_node_and_the_engine_goes_on()
    {
        _bench.Executions["a"] = (context, _) =>
        {
            context.SetOutput("deep", Deep(2000));
            return Task.FromResult(ComponentResult.Ok);
        };

        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));

        Assert.Equal(NodeStateName.Failed, await _engine.StateOf("a"));
        Assert.Equal(
            "the component gave a value that is nested deeper than 512 levels, and cannot be kept", await _engine.ExDataOf("a"));
    }

    [Fact]
    public async Task A_callbacks_data_that_is_nested_too_deep_to_be_kept_is_refused_and_the_engine_goes_on()
    {
        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", "wait"));

        await _engine.CallbackAsync("a", await _engine.VersionOf("a"), Deep(2000))
            .Refused("invalid-argument", "data is nested deeper than 512 levels");

        Assert.Equal(NodeStateName.Running, await _engine.StateOf("a"));
    }

    [Fact]
    public async Task Inputs_that_templates_nest_too_deep_fail_their_node_and_the_engine_goes_on()
    {
        Value nested = "${x}";
        for (int level = 0; level < 100; level++)
        {
            nested = Value.List(nested);
        }

        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "end").Var("${x}", TreeSketch.Plain(Deep(450))).Activity("a", "ok", ("n", nested)));

        Assert.Equal(
            "inputs hydrate failed(the inputs are nested deeper than 512 levels), check node log for details", await _engine.ExDataOf("a"));
    }

    [Fact]
    public async Task User_code_that_throws_when_it_is_cancelled_harms_nobody()
    {
        _bench.Executions["a"] = async (_, token) =>
        {
            token.Register(() => throw new InvalidOperationException("not with me"));
            await new TaskCompletionSource().Task;
            return true;
        };
        await _engine.SubmitAsync(new TreeSketch().Flow("start", "a", "end"));
        await _bench.Entered("a");

        await _engine.ForcedFailActivityAsync("a", "enough").Done();
        await _engine.WaitUntilSettledAsync("q").Refused("not-found", "there is no pipeline q");
        await _engine.SubmitAsync(new TreeSketch("r", "rs", "re").Flow("rs", "ra", "re"));
        await _engine.WaitUntilSettledAsync("r").Done();

        Assert.Equal(NodeStateName.Failed, await _engine.StateOf("a"));
    }

    [Fact]
    public async Task A_time_limit_cancels_the_components_token()
    {
        var cancelled = new TaskCompletionSource();
        _bench.Executions["a"] = async (_, token) =>
        {
            token.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, token);
            return true;
        };

        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", "short"));

        await cancelled.Task.WaitAsync(Engines.Patience);
        Assert.Equal(NodeStateName.Failed, await _engine.StateOf("a"));
    }

    [Fact]
    public async Task The_interval_depends_on_how_many_polls_there_have_been()
    {
        var time = new VirtualTime();
        List<int> counts = [];
        _bench.Interval = count =>
        {
            counts.Add(count);
            return TimeSpan.FromMinutes(count);
        };
        List<DateTimeOffset> polls = [];
        _bench.Schedules["a"] = (context, _, _) =>
        {
            polls.Add(time.GetUtcNow());
            if (context.ScheduleTimes == 3)
            {
                context.FinishSchedule();
            }

            return Task.FromResult(ComponentResult.Ok);
        };
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), _bench, options => options with { Time = time });
        DateTimeOffset start = time.GetUtcNow();
        await engine.SubmitAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", "poll"));
        Task<EngineApiResult> settled = engine.WaitUntilSettledAsync("p");
        while (!settled.IsCompleted)
        {
            await Engines.Until(() => time.NextDue is not null || settled.IsCompleted);
            time.Advance((time.NextDue - time.GetUtcNow()) ?? TimeSpan.Zero);
        }

        await settled.Done();
        Assert.Equal([1, 2, 3], counts);
        Assert.Equal([0, 1, 3, 6], polls.Select(at => (int)(at - start).TotalMinutes));
    }

    [Fact]
    public async Task An_interval_without_end_waits_for_ever_and_harms_nobody()
    {
        await _engine.SubmitAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", "endless-interval"));
        await _bench.Entered("a");
        await _engine.SubmitAsync(new TreeSketch("q", "qs", "qe").Flow("qs", "qa", "qe"));
        await _engine.WaitUntilSettledAsync("q").Done();

        Assert.Equal(NodeStateName.Finished, await _engine.StateOf("q"));
        Assert.Equal(NodeStateName.Running, await _engine.StateOf("a"));
    }

    [Theory]
    [InlineData("lazy", "no value today")]
    [InlineData("unmakeable", "the constructor threw")]
    public async Task A_lazy_variable_that_throws_fails_the_node_that_needs_it(string code, string cause)
    {
        _bench.OnLazy = _ => throw new InvalidOperationException("no value today");

        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "end")
            .Var("${x}", TreeSketch.LazyOf(code, 1)).Activity("a", "ok", ("n", "${x}")));

        Assert.Equal(NodeStateName.Failed, await _engine.StateOf("a"));
        Assert.Equal($"inputs hydrate failed({cause}), check node log for details", await _engine.ExDataOf("a"));
    }

    [Fact]
    public async Task A_lazy_variable_that_returns_nothing_is_a_null_value()
    {
        _bench.OnLazy = _ => Task.FromResult<Value>(null!);

        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "end")
            .Var("${x}", TreeSketch.LazyOf("lazy", 1)).Activity("a", "ok", ("n", "${x}")));

        Assert.Equal(Value.Null, (await _engine.GetExecutionDataInputsAsync("a").Get())["n"]);
    }

    [Theory]
    [InlineData("notify", "System.InvalidOperationException: nobody to tell")]
    [InlineData("unmakeable", "System.InvalidOperationException: the constructor threw")]
    public async Task An_end_event_that_throws_is_failed_with_what_it_threw(string code, string cause)
    {
        _bench.OnNotify = () => throw new InvalidOperationException("nobody to tell");

        await _engine.RunAsync(new TreeSketch().Flow("start", "a", "end").EndsWith(code));

        Assert.Equal(NodeStateName.Failed, await _engine.StateOf("end"));
        Assert.StartsWith(cause, ((TextValue)await _engine.ExDataOf("end")).Value);
        Assert.Equal(NodeStateName.Running, await _engine.StateOf("p"));
    }

    [Fact]
    public async Task User_code_gets_a_scope_of_its_own_and_one_that_cannot_be_disposed_does_not_stop_its_node()
    {
        var services = new ServiceCollection().AddSingleton(_bench).AddScoped<Reluctant>().BuildServiceProvider();
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), _bench, options => options with
        {
            Services = services,
            Registry = new ComponentRegistry().Add<WithScoped>(),
        });

        await engine.RunAsync(new TreeSketch().Flow("start", "a", "b", "end").Activity("a", "scoped").Activity("b", "scoped"));

        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
        Assert.NotEqual(
            (await engine.GetExecutionDataOutputsAsync("a").Get())["scope"], (await engine.GetExecutionDataOutputsAsync("b").Get())["scope"]);
    }

    [Fact]
    public async Task No_more_calls_run_at_once_than_the_options_allow()
    {
        var go = new TaskCompletionSource<ComponentResult>();
        foreach (string node in new[] { "a", "b", "c" })
        {
            _bench.Executions[node] = (_, _) => go.Task;
        }

        await using EmbeddedEngine engine = await Engines.OpenAsync(
            new MemoryStore(), _bench, options => options with { UserCode = new UserCodeOptions { ConcurrencyMax = 2 } });
        await engine.SubmitAsync(new TreeSketch().Flow("start", "pg", "a", "cg", "end").Flow("pg", "b", "cg").Flow("pg", "c", "cg"));
        await Engines.Until(() => _bench.Calls.Count == 2);
        await Engines.Breathe();

        Assert.Equal(2, _bench.Calls.Count);
        go.SetResult(ComponentResult.Ok);
        await engine.WaitUntilSettledAsync("p").Done();
        Assert.Equal(3, _bench.Calls.Count);
    }

    internal static Value Deep(int levels)
    {
        Value value = 1;
        for (int level = 0; level < levels; level++)
        {
            value = Value.List(value);
        }

        return value;
    }

    [Component("unmakeable")]
    public sealed class Unmakeable : Plain
    {
        public Unmakeable() => throw new InvalidOperationException("the constructor threw");
    }

    [Component("bad-schedule")]
    public sealed class BadSchedule : Plain
    {
        public override Schedule Schedule => throw new InvalidOperationException("Schedule threw");
    }

    [Component("bad-interval")]
    public sealed class BadInterval : Plain
    {
        public override Schedule Schedule => Schedule.Poll(_ => throw new InvalidOperationException("the interval threw"));
    }

    [Component("endless-interval")]
    public sealed class EndlessInterval(Workbench bench) : Workbench.Ok(bench)
    {
        public override Schedule Schedule => Schedule.Poll(TimeSpan.MaxValue);

        public override Task<ComponentResult> ScheduleAsync(ComponentContext context, Value? callbackData, CancellationToken cancellationToken) =>
            Task.FromResult(ComponentResult.Ok);
    }

    [Component("no-task")]
    public sealed class NoTask : Component
    {
        public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken) => null!;
    }

    [Component("short")]
    public sealed class Short(Workbench bench) : Workbench.Ok(bench)
    {
        public override TimeSpan? TimeLimit => TimeSpan.FromMilliseconds(1);

        // Never ends and heeds nothing, where the test says nothing else.
        public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken) =>
            Bench.Executions.ContainsKey(context.NodeId)
                ? base.ExecuteAsync(context, cancellationToken)
                : new TaskCompletionSource<ComponentResult>().Task;
    }

    [Component("bad-flags")]
    public sealed class BadFlags : Plain
    {
        public override TimeSpan? TimeLimit => throw new InvalidOperationException("TimeLimit threw");
    }

    [Component("scoped")]
    public sealed class WithScoped(Reluctant scoped) : Component
    {
        public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
        {
            context.SetOutput("scope", scoped.Id.ToString());
            return Task.FromResult(ComponentResult.Ok);
        }
    }

    [EndEvent("unmakeable")]
    public sealed class UnmakeableEnd : EndEvent
    {
        public UnmakeableEnd() => throw new InvalidOperationException("the constructor threw");

        public override Task ExecuteAsync(
            IReadOnlyList<string> pipelineStack, string rootPipelineId, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [LazyVariable("unmakeable")]
    public sealed class UnmakeableLazy : LazyVariable
    {
        public UnmakeableLazy() => throw new InvalidOperationException("the constructor threw");

        public override Task<Value> GetAsync(LazyVariableContext context, CancellationToken cancellationToken) => Task.FromResult(Value.Null);
    }

    public abstract class Plain : Component
    {
        public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken) =>
            Task.FromResult(ComponentResult.Ok);

        public override Task<ComponentResult> ScheduleAsync(
            ComponentContext context, Value? callbackData, CancellationToken cancellationToken) => Task.FromResult(ComponentResult.Ok);
    }

    public sealed class Reluctant : IDisposable
    {
        public Guid Id { get; } = Guid.NewGuid();

        public void Dispose() => throw new InvalidOperationException("not now");
    }
}
