using BambooOrleans.Components;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests.Support;

/// <summary>
/// A small pipeline with a node of one type in one state: <c>w</c> waits before it until it is called back, <c>z</c> after it.
/// </summary>
internal sealed class VerbScene : IAsyncDisposable
{
    public const string Ran = "SUSPENDED while it ran";

    private readonly Workbench _bench = new();
    private readonly TaskCompletionSource<ComponentResult> _never = new();
    private readonly string _state;

    private VerbScene(string nodeType, string state)
    {
        _state = state;
        Target = nodeType switch
        {
            "root pipeline" => "p",
            "sub-process" => "sp",
            "service activity" => "x",
            "exclusive gateway" => "eg",
            "parallel gateway" => "pg",
            "conditional parallel gateway" => "cpg",
            "converge gateway" => "cg",
            "start event" => "s2",
            "end event" => "e2",
            _ => throw new ArgumentOutOfRangeException(nameof(nodeType), nodeType, null),
        };
        _bench.OnLazy = _ => _state switch
        {
            "RUNNING" or Ran => new TaskCompletionSource<Value>().Task,
            "FAILED" or "READY" when Target is "sp" or "s2" or "e2" => throw new InvalidOperationException("no value"),
            "FAILED" => Task.FromResult<Value>("none"),
            _ => Task.FromResult<Value>("yes"),
        };
        _bench.Executions["x"] = (_, _) => Task.FromResult<ComponentResult>(_state != "FAILED");
        _bench.Schedules["x"] = (_, _, _) => _never.Task;
    }

    public EmbeddedEngine Engine { get; private set; } = null!;

    public string Target { get; }

    private bool IsRoot => Target == "p";

    private bool IsSubProcess => Target == "sp";

    private bool IsPipeline => IsRoot || IsSubProcess;

    public static async Task<VerbScene> MakeAsync(string nodeType, string state)
    {
        var scene = new VerbScene(nodeType, state);
        scene.Engine = await Engines.OpenAsync(new MemoryStore(), scene._bench, options => Engines.Hasty(options) with
        {
            Settings = options.Settings with { NodeRerunLimit = 0 },
        });
        await scene.ArrangeAsync();
        return scene;
    }

    /// <summary>Takes a verb with the arguments it needs.</summary>
    public async Task<EngineApiResult<VerbOutcome>> TakeAsync(string verb) => verb switch
    {
        "pause_pipeline" => await Engine.PausePipelineAsync(Target),
        "resume_pipeline" => await Engine.ResumePipelineAsync(Target),
        "revoke_pipeline" => await Engine.RevokePipelineAsync(Target),
        "pause_node_appoint" => await Engine.PauseNodeAppointAsync(Target),
        "resume_node_appoint" => await Engine.ResumeNodeAppointAsync(Target),
        "retry_node" => await Engine.RetryNodeAsync(Target),
        "retry_subprocess" => await Engine.RetrySubprocessAsync(Target),
        "skip_node" => await Engine.SkipNodeAsync(Target),
        "skip_exclusive_gateway" => await Engine.SkipExclusiveGatewayAsync(Target, $"p:{Target}>x1"),
        "skip_conditional_parallel_gateway" => await Engine.SkipConditionalParallelGatewayAsync(Target, [$"p:{Target}>x1"], "cg"),
        "forced_fail_activity" => await Engine.ForcedFailActivityAsync(Target, "enough"),
        "callback" => await Engine.CallbackAsync(Target, (await FindAsync())?.Version ?? "v0", 1),
        "update_node_outputs" => await Engine.UpdateNodeOutputsAsync(Target, MapValue.Empty),
        _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, null),
    };

    /// <summary>The state of the node as a column of the table names it.</summary>
    public async Task<string> StateAsync() => (await FindAsync())?.State.ToString().ToUpperInvariant() ?? "no state";

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private async Task ArrangeAsync()
    {
        if (IsRoot && _state == "no state")
        {
            return;
        }

        await Engine.RunAsync(Sketch());
        if (_state == "READY" && !IsSubProcess)
        {
            await Engine.ResumeNodeAppointAsync(Target).Done();
        }
        else if (_state == "SUSPENDED" && !IsPipeline)
        {
            await Engine.PauseNodeAppointAsync(Target).Done();
        }
        else if (_state != "no state" && !(IsRoot && _state != "FINISHED"))
        {
            await LeaveAsync("w");
        }

        await ComeToAsync(_state switch
        {
            Ran => "RUNNING",
            "READY" when IsSubProcess => "FAILED",
            "SUSPENDED" or "REVOKED" when IsPipeline => "RUNNING",
            _ => _state,
        });
        await (_state switch
        {
            Ran => Engine.PauseNodeAppointAsync(Target).Done(),
            "SUSPENDED" when IsPipeline => Engine.PausePipelineAsync(Target).Done(),
            "REVOKED" => Engine.RevokePipelineAsync("p").Done(),
            _ => Task.CompletedTask,
        });
        if (!IsRoot)
        {
            // So that nothing goes on after the verb, and the state that it sets is seen.
            await Engine.PausePipelineAsync("p").Done();
        }

        if (IsSubProcess && _state == "READY")
        {
            await Engine.RetrySubprocessAsync("sp").Done();
        }
    }

    private async Task ComeToAsync(string state)
    {
        if (_state == "FINISHED" && IsRoot)
        {
            await LeaveAsync("z");
        }
        else if (_state == "FINISHED")
        {
            // At z: a gateway that has finished has a token until its branches have joined.
            await Engine.WaitUntilSettledAsync("p").Done();
        }
        else if (_state == "FAILED" && (Target is "pg" or "cg"))
        {
            // The second round is one too many for the gateway, and for each node before a converge gateway.
            await Engine.WaitUntilSettledAsync("p").Done();
            if (Target == "cg")
            {
                await Engine.RetryNodeAsync("pg").Done();
                await Engine.WaitUntilSettledAsync("p").Done();
                await Engine.SkipNodeAsync("x1").Done();
                await Engine.SkipNodeAsync("x2").Done();
            }
        }

        using var patience = new CancellationTokenSource(Engines.Patience);
        while (await StateAsync() is { } now && now != state)
        {
            Assert.False(patience.IsCancellationRequested, $"{Target} is {now} and never {state}");
            await Task.Yield();
        }
    }

    private async Task LeaveAsync(string waiting)
    {
        await Engine.WaitUntilSettledAsync("p").Done();
        await Engine.CallbackAsync(waiting, await Engine.VersionOf(waiting), 1).Done();
    }

    private async Task<NodeStateInfo?> FindAsync() => (await Engine.GetChildrenStatesAsync(Target).Get()).GetValueOrDefault(Target);

    private TreeSketch Sketch()
    {
        TreeSketch sketch = new TreeSketch().Activity("w", "wait").Activity("z", "wait").Var("${v}", TreeSketch.LazyOf("lazy", 1));
        switch (Target)
        {
            case "eg" or "cpg":
                string[] after = Target == "cpg" ? ["cg", "z", "end"] : ["z", "end"];
                return sketch
                    .Flow(["start", "w", Target, "x1", .. after])
                    .Flow([Target, "x2", .. after])
                    .When(Target, "x1", "'${v}' == 'yes'")
                    .When(Target, "x2", "'${v}' == 'other'");
            case "pg" or "cg" when _state == "FAILED":
                return sketch
                    .Flow("start", "w", "pg", "x1", "cg", "eg", "pg").Flow("pg", "x2", "cg").Flow("eg", "z", "end")
                    .When("eg", "pg", "1 == 1").When("eg", "z", "1 == 2");
            case "pg" or "cg":
                return sketch.Flow("start", "w", "pg", "x1", "cg", "z", "end").Flow("pg", "x2", "cg");
            case "x":
                return sketch.Flow("start", "w", "x", "z", "end").Activity("x", _state is "RUNNING" or Ran ? "wait" : "ok");
            case "p":
                return sketch.Flow("start", "w", "z", "end");
        }

        TreeSketch inner = new TreeSketch("sp", "s2", "e2").Flow("s2", "y", "e2").Var("${v}", TreeSketch.LazyOf("lazy", 1));
        if (Target == "s2")
        {
            inner.PreRender("${v}");
        }
        else if (Target == "e2")
        {
            inner.Outputs("${v}");
        }

        else
        {
            inner.Activity("y", _state is "RUNNING" or "SUSPENDED" ? "wait" : "ok");
        }

        return sketch.Flow("start", "w", "sp", "z", "end")
            .Sub("sp", inner, IsSubProcess && (_state is "FAILED" or "READY") ? [("k", "${v}")] : []);
    }
}
