using BambooOrleans.Components;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines;

/// <summary>
/// Machines that wake in another host than the one that runs their user code ask whether it may still run, and have it run
/// again only where it may not.
/// </summary>
public class ExecutionsTests
{
    public static TheoryData<string> Kinds => ["execution", "poll", "callback", "lazy variables", "params", "end event"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void User_code_that_another_host_may_still_run_is_left_to_it(string kind)
    {
        MachineDriver driver = At(kind);
        int events = driver.Events.Count;

        driver.Die(executions: new Answering(true));
        driver.Tell(new Drive());

        Assert.Empty(driver.Calls);
        Assert.Equal(events, driver.Events.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_another_host_still_ran_is_taken_when_it_answers(string kind)
    {
        MachineDriver driver = At(kind);
        Effect call = driver.Calls[0];

        driver.Die(executions: new Answering(true));
        driver.Calls.Add(call);
        driver.Go();

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.Equal(1, driver.AllCalls.Count(other => other.GetType() == call.GetType() && VersionOf(other) == VersionOf(call)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void User_code_of_another_host_that_does_not_run_any_more_runs_again_under_the_same_version(string kind)
    {
        MachineDriver driver = At(kind);
        Effect call = driver.Calls[0];

        driver.Die(executions: new Answering(false));

        AssertAgain(driver, call);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void User_code_of_this_very_host_that_it_does_not_run_any_more_runs_again_under_the_same_version(string kind)
    {
        MachineDriver driver = At(kind);
        Effect call = driver.Calls[0];

        driver.Die("host-1", executions: new Answering(false));

        AssertAgain(driver, call);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_host_that_is_alone_runs_what_it_took_on_and_no_more(string kind)
    {
        MachineDriver driver = At(kind);
        int events = driver.Events.Count;

        driver.Die("host-1");

        Assert.Empty(driver.Calls);
        Assert.Equal(events, driver.Events.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_question_names_the_owner_and_the_attempt(string kind)
    {
        MachineDriver driver = At(kind);
        Effect call = driver.Calls[0];
        var executions = new Answering(true);

        driver.Die(executions: executions);

        Assert.Equal(("host-1", kind == "params" ? "sp" : kind == "end event" ? "end" : "a", VersionOf(call)), Assert.Single(executions.Asked));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_host_that_took_over_owns_what_it_runs_again(string kind)
    {
        MachineDriver driver = At(kind);
        driver.Die(executions: new Answering(false));
        var executions = new Answering(true);

        driver.Die("host-3", executions: executions);

        Assert.Equal("host-2", Assert.Single(executions.Asked).Owner);
    }

    [Fact]
    public void A_token_whose_lazy_variables_are_computed_has_no_owner_after()
    {
        MachineDriver driver = At("params");
        Assert.Equal("host-1", Assert.Single(driver.Pipeline.State.Tokens.Values).Owner);

        driver.Answer(driver.Calls[0]);

        Assert.Null(Assert.Single(driver.Pipeline.State.Tokens.Values).Owner);
    }

    private static void AssertAgain(MachineDriver driver, Effect call)
    {
        Effect again = Assert.Single(driver.Calls);
        Assert.IsType(call.GetType(), again);
        Assert.Equal(VersionOf(call), VersionOf(again));
        driver.Go();
        Assert.Equal(NodeStateName.Finished, driver.Root.State);
    }

    private static string VersionOf(Effect call) => call switch
    {
        ExecuteComponent execute => execute.Call.Version,
        PollComponent poll => poll.Call.Version,
        Hydrate hydrate => hydrate.Version,
        RunEndEvent end => end.Version,
        _ => throw new InvalidOperationException($"{call} runs no user code"),
    };

    // A pipeline whose user code of one kind runs.
    private static MachineDriver At(string kind)
    {
        TreeSketch sketch = kind switch
        {
            "lazy variables" => new TreeSketch().Flow("start", "a", "end").Var("${x}", TreeSketch.LazyOf("lazy", "v")).Activity("a", "ok", ("n", "${x}")),
            "params" => new TreeSketch().Flow("start", "sp", "end").Var("${x}", TreeSketch.LazyOf("lazy", "v"))
                .Sub("sp", new TreeSketch("inner", "s1", "e1").Flow("s1", "b", "e1"), ("${p}", "${x}")),
            "end event" => new TreeSketch().Flow("start", "b", "end").EndsWith("notify"),
            _ => new TreeSketch().Flow("start", "a", "end").Activity("a", kind),
        };
        var driver = new MachineDriver(sketch);
        driver.Lazies["lazy"] = _ => "computed";
        driver.Executions["poll"] = call => MachineDriver.Success(call, ScheduleKind.Poll);
        driver.Executions["callback"] = call => MachineDriver.Success(call, ScheduleKind.Callback);
        driver.Tell(new Start(1));
        if (kind is "poll" or "callback" or "end event")
        {
            driver.Answer(driver.Calls[0]);
        }

        if (kind == "callback")
        {
            driver.Tell("a", new Callback(new VerbCall(2, "callback"), driver.State("a").Version, 1));
        }

        Assert.Single(driver.Calls);
        return driver;
    }

    private sealed class Answering(bool mayRun) : IExecutions
    {
        public List<(string Owner, string Id, string Version)> Asked { get; } = [];

        public bool MayRun(string owner, string id, string version)
        {
            Asked.Add((owner, id, version));
            return mayRun;
        }
    }
}
