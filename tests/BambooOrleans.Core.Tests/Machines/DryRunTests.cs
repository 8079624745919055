using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines;

/// <summary>A dry run says what the verb itself would do, and does nothing.</summary>
public class DryRunTests
{
    private const int VerbCount = 13;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_dry_run_and_the_verb_itself_give_equal_events_and_the_dry_run_leaves_the_states_as_they_are(int seed)
    {
        for (int attempt = 0; attempt < 15; attempt++)
        {
            var random = new Random((seed * 1000) + attempt);
            MachineDriver driver = Somewhere(random);
            for (int verb = 0; verb < VerbCount; verb++)
            {
                Compare(driver, Verb(driver, verb, random), $"seed {seed}, attempt {attempt}, verb {verb}");
            }
        }
    }

    [Fact]
    public void Over_all_seeds_every_verb_is_both_carried_out_and_refused()
    {
        var seen = new HashSet<(int, bool)>();
        foreach (int seed in Enumerable.Range(1, 40))
        {
            for (int attempt = 0; attempt < 15; attempt++)
            {
                var random = new Random((seed * 1000) + attempt);
                MachineDriver driver = Somewhere(random);
                for (int verb = 0; verb < VerbCount; verb++)
                {
                    seen.Add((verb, Try(driver, Verb(driver, verb, random)).Refusal is null));
                }
            }
        }

        Assert.Equal(2 * VerbCount, seen.Count);
    }

    private static void Compare(MachineDriver driver, (string? Node, NodeInput? Input, PipelineInput? Pipeline) verb, string where)
    {
        SortedDictionary<string, string> before = driver.Snapshot();

        DryRun dryRun = Try(driver, verb);
        Assert.Equal(before, driver.Snapshot());

        int first = driver.Events.Count;
        int replies = driver.Replies.Count;
        Take(driver, verb);
        Assert.Equal(
            Lines(driver.Events.Skip(first).Select(item => (item.Machine, MachineDriver.JsonOf(item.Event)))),
            Lines(dryRun.Turns.SelectMany(turn => turn.Events.Select(item => (turn.MachineId, MachineDriver.JsonOf(item))))));
        BambooException? refusal = driver.Replies[replies].Error;
        Assert.True(refusal?.Code == dryRun.Refusal?.Code && refusal?.Message == dryRun.Refusal?.Message, $"{where}: {refusal} {dryRun.Refusal}");
        if (refusal is not null)
        {
            Assert.Equal(before, driver.Snapshot());
        }
    }

    private static string Lines(IEnumerable<(string Machine, string Event)> events) =>
        string.Join('\n', events.Select(item => $"{item.Machine} {item.Event}"));

    private static DryRun Try(MachineDriver driver, (string? Node, NodeInput? Input, PipelineInput? Pipeline) verb)
    {
        (DryRun dryRun, Turn turn) = driver.PrepareDryRun();
        if (verb.Input is not null)
        {
            dryRun.Try(verb.Node!, verb.Input, turn);
        }
        else
        {
            dryRun.Try(verb.Pipeline!, turn);
        }

        return dryRun;
    }

    private static void Take(MachineDriver driver, (string? Node, NodeInput? Input, PipelineInput? Pipeline) verb)
    {
        if (verb.Input is not null)
        {
            driver.Tell(verb.Node!, verb.Input);
        }
        else
        {
            driver.Tell(verb.Pipeline!);
        }
    }

    private static (string? Node, NodeInput? Input, PipelineInput? Pipeline) Verb(MachineDriver driver, int verb, Random random)
    {
        // Often a node that failed or a pipeline that is paused, so that what is rarely accepted is accepted at times.
        string[] nodes = [.. driver.Definition.Nodes.Values.Where(node => node.Kind != NodeKind.SubProcess).Select(node => node.Id)];
        string[] failed = [.. nodes.Where(id => driver.FindState(id)?.State == NodeStateName.Failed)];
        string Of(string kind) => nodes.FirstOrDefault(id => id.StartsWith(kind, StringComparison.Ordinal)) ?? nodes[0];
        string node = failed.Length > 0 && random.Next(2) == 0 ? failed[random.Next(failed.Length)] : nodes[random.Next(nodes.Length)];
        string scope = random.Next(2) == 0 ? "p" : "sp";
        string[] names =
        [
            "pause_pipeline", "resume_pipeline", "revoke_pipeline", "pause_node_appoint", "resume_node_appoint", "retry_node",
            "retry_subprocess", "skip_node", "skip_exclusive_gateway", "skip_conditional_parallel_gateway", "forced_fail_activity",
            "callback", "update_node_outputs",
        ];
        var call = new VerbCall(
            random.Next(), names[verb], "somebody", "a reason", random.Next(10) == 0 ? "v1" : null);
        DateTimeOffset? at = random.Next(4) == 0 ? driver.Now + TimeSpan.FromMinutes(random.Next(-1, 5)) : null;
        string waiting = nodes.FirstOrDefault(id => driver.FindState(id) is { Phase: NodePhase.Waiting }) ?? node;
        string running = nodes.FirstOrDefault(id => driver.FindState(id) is { State: NodeStateName.Running }) ?? node;
        return verb switch
        {
            0 => (null, null, new PausePipeline(call, scope)),
            1 => (null, null, new ResumePipeline(call, scope, at)),
            2 => (null, null, new RevokePipeline(call, random.Next(8) == 0 ? "p" : "sp")),
            3 => (node, new PauseNode(call), null),
            4 => (node, new ResumeNode(call, at), null),
            5 => (node, new RetryNode(call, random.Next(3) == 0 ? RawInputs.Parse(Data, driver.Definition.Settings.Expressions) : null, false), null),
            6 => (null, null, new RetrySubProcess(call, "sp", null)),
            7 => (node, new SkipNode(call, false), null),
            8 => (Of("eg"), new SkipExclusiveGateway(call, Flow(driver, Of("eg"), random)), null),
            9 => (Of("cpg"), new SkipConditionalParallelGateway(call, [Flow(driver, Of("cpg"), random)], "cgc"), null),
            10 => (random.Next(2) == 0 ? node : running, new ForceFail(call, "enough"), null),
            11 => (waiting, new Callback(call, driver.FindState(waiting)?.Version ?? "", 1), null),
            _ => (node, new UpdateOutputs(call, Value.Map(("given", random.Next()))), null),
        };
    }

    private static readonly Dictionary<string, DataInput> Data = new() { ["n"] = new DataInput(true, "${v}") };

    private static string Flow(MachineDriver driver, string node, Random random)
    {
        string[] flows = [.. driver.Definition.Nodes[node].Targets.Keys];
        return random.Next(8) == 0 || flows.Length == 0 ? "none" : flows[random.Next(flows.Length)];
    }

    /// <summary>A pipeline with every type of node, where some fail, some wait, and not all calls of user code have been answered.</summary>
    private static MachineDriver Somewhere(Random random)
    {
        string Met() => random.Next(3) == 0 ? "1 == 2" : "1 == 1";
        var inner = new TreeSketch("sp", "s2", "e2").Flow("s2", "i1", "i2", "e2");
        string[][] parts =
        [
            ["pg", "a", "cgp"], ["egq", "d", "f"], ["cpg", "g", "cgc"], ["sp"], ["k"], ["m"],
        ];
        random.Shuffle(parts);
        string[] line = ["start", .. parts.SelectMany(part => part), "end"];
        TreeSketch sketch = new TreeSketch()
            .Flow(line)
            .Flow("pg", "b", "cgp")
            .Flow("egq", "e", "f")
            .Flow("cpg", "h", "cgc")
            .When("egq", "d", Met()).When("egq", "e", "1 == 2")
            .When("cpg", "g", Met()).When("cpg", "h", Met())
            .Var("${v}", TreeSketch.Plain(1))
            .Var("${l}", TreeSketch.LazyOf("lazy", 1))
            .Sub("sp", inner, random.Next(2) == 0 ? [("k", "${l}")] : []);
        foreach (string node in (string[])["a", "b", "d", "e", "g", "h", "k", "m"])
        {
            sketch.Activity(node, random.Next(4) switch { 0 => "wait", 1 => "fail", 2 => "poll", _ => "ok" }, ("n", "${v}"));
        }

        var driver = new MachineDriver(sketch);
        driver.Executions["wait"] = call => MachineDriver.Success(call, ScheduleKind.Callback);
        driver.Executions["poll"] = call => MachineDriver.Success(call, ScheduleKind.Poll);
        driver.Executions["fail"] = call => random.Next(3) == 0 ? MachineDriver.Success(call, ScheduleKind.None) : MachineDriver.Failure(call);
        driver.Polls["poll"] = call => MachineDriver.Polled(call, true, random.Next(2) == 0, TimeSpan.FromSeconds(1));
        driver.Lazies["lazy"] = _ => random.Next(2) == 0 ? 1 : throw new InvalidOperationException("no value");
        driver.Tell(new Start(1));
        for (int step = random.Next(60); step > 0; step--)
        {
            if (driver.Calls.Count > 0 && random.Next(4) > 0)
            {
                driver.Answer(driver.Calls[random.Next(driver.Calls.Count)]);
            }
            else
            {
                // Not a revocation: after it nothing would happen any more.
                int verb = random.Next(VerbCount);
                Take(driver, Verb(driver, verb == 2 ? 7 : verb, random));
            }
        }

        return driver;
    }
}
