using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;

namespace BambooOrleans.Tests;

/// <summary>One step of a script.</summary>
internal delegate Task Step(IBambooEngine engine, Func<string, string> id);

/// <summary>Pipelines and messages to them in a given order, for every host to decide the same.</summary>
internal static class MessageScripts
{
    /// <summary>The scripts: a name, the pipeline, and what is done one after the other, each once the pipeline has settled.</summary>
    public static IEnumerable<(string Name, Func<Func<string, string>, TreeSketch> Tree, Step[] Steps)> All()
    {
        yield return ("line", id => Line(id), [Call("w")]);
        yield return ("loop", Loop, [Call("w", 1), Call("w", 1), Call("w", 2)]);
        yield return ("loop-sub", LoopWithSub, [Call("w", 1), Call("y"), Call("w", 1), Call("y"), Call("w", 2), Call("y")]);
        yield return ("conditional", Conditional, [Call("w", 1), Call("wb"), Call("wc")]);
        foreach (int[] order in new int[][] { [1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1] })
        {
            yield return ($"parallel-{string.Concat(order)}", Parallel, [.. order.Select(number => Call($"w{number}"))]);
        }

        yield return ("pause", id => Line(id),
            [(engine, id) => engine.PausePipelineAsync(id("p")).Done(), Call("w"), (engine, id) => engine.ResumePipelineAsync(id("p")).Done()]);
        yield return ("pause-sub", LoopWithSub,
            [
                Call("w", 2), (engine, id) => engine.PausePipelineAsync(id("sp")).Done(), Call("y"),
                (engine, id) => engine.ResumePipelineAsync(id("sp")).Done(),
            ]);
        yield return ("revoke", id => Line(id), [(engine, id) => engine.RevokePipelineAsync(id("p")).Done(), Call("w")]);
        yield return ("appoint", id => Line(id),
            [
                (engine, id) => engine.PauseNodeAppointAsync(id("a")).Done(), Call("w"),
                (engine, id) => engine.ResumeNodeAppointAsync(id("a")).Done(),
            ]);
        yield return ("force", id => Line(id),
            [(engine, id) => engine.ForcedFailActivityAsync(id("w"), "enough").Done(), (engine, id) => engine.SkipNodeAsync(id("w")).Done()]);
        yield return ("retry", id => Line(id, "f"),
            [Call("w"), (engine, id) => engine.RetryNodeAsync(id("f"), Value.Map(("in", "other"))).Done()]);
        yield return ("skip", id => Line(id, "f"), [Call("w"), (engine, id) => engine.SkipNodeAsync(id("f")).Done()]);
        yield return ("context", id => Line(id),
            [
                (engine, id) => engine.UpdateContextValuesAsync(id("p"), [new ContextValue("${v}", ContextValueType.Plain, "new", null)]).Done(),
                Call("w"),
            ]);
        yield return ("outputs", id => Line(id, "f").Fill("${r}", id("f"), "in"),
            [
                Call("w"), (engine, id) => engine.UpdateNodeOutputsAsync(id("f"), Value.Map(("in", "set"))).Done(),
                (engine, id) => engine.SkipNodeAsync(id("f")).Done(),
            ]);
        yield return ("refused", id => Line(id),
            [
                async (engine, id) => Assert.False((await engine.CallbackAsync(id("w"), "v0", 1)).Result),
                async (engine, id) => Assert.False((await engine.RetryNodeAsync(id("w"))).Result),
                Call("w"),
                async (engine, id) => Assert.False((await engine.PausePipelineAsync(id("p"))).Result),
            ]);
    }

    private static Step Call(string node, Value? data = null) => async (engine, id) =>
        await engine.CallbackAsync(id(node), await engine.VersionOf(id(node)), data ?? "called").Done();

    /// <summary>Plays a script.</summary>
    public static async Task RunAsync(IBambooEngine engine, TreeSketch tree, Func<string, string> id, Step[] steps)
    {
        await engine.SubmitAsync(tree);
        await engine.WaitUntilSettledAsync(id("p")).Done();
        foreach (Step step in steps)
        {
            await step(engine, id);
            await engine.WaitUntilSettledAsync(id("p")).Done();
        }
    }

    /// <summary>Has the activity that is to fail do so at its first attempt.</summary>
    public static void Prepare(Workbench bench, Func<string, string> id)
    {
        string? first = null;
        bench.Executions[id("f")] = (context, _) =>
        {
            first ??= context.Version;
            return Task.FromResult<ComponentResult>(context.Version != first);
        };
    }

    private static TreeSketch Start(Func<string, string> id) => new TreeSketch(id("p"), id("start"), id("end"))
        .Var("${v}", TreeSketch.Plain("old")).Fill("${d}", id("w"), "data").Fill("${o}", id("a"), "in").Outputs("${d}", "${o}");

    private static TreeSketch Line(Func<string, string> id, string last = "b") => Start(id)
        .Flow(id("start"), id("w"), id("a"), id(last), id("end"))
        .Activity(id("w"), "wait").Activity(id("a"), "ok", ("in", "${v}")).Activity(id(last), "ok", ("in", "${o}"));

    private static TreeSketch Loop(Func<string, string> id) => Start(id)
        .Flow(id("start"), id("a"), id("w"), id("eg"), id("a")).Flow(id("eg"), id("end"))
        .Activity(id("w"), "wait").Activity(id("a"), "ok", ("in", "${d} ${v}"))
        .When(id("eg"), id("a"), "${d} == 1").When(id("eg"), id("end"), "${d} == 2");

    private static TreeSketch LoopWithSub(Func<string, string> id)
    {
        TreeSketch inner = new TreeSketch(id("sp"), id("s"), id("e")).Flow(id("s"), id("y"), id("x"), id("e"))
            .Activity(id("y"), "wait").Activity(id("x"), "ok", ("in", "${k}")).Fill("${r}", id("x"), "in").Outputs("${r}");
        return new TreeSketch(id("p"), id("start"), id("end"))
            .Flow(id("start"), id("w"), id("sp"), id("eg"), id("w")).Flow(id("eg"), id("end"))
            .Activity(id("w"), "wait").Fill("${d}", id("w"), "data").Fill("${r}", id("sp"), "${r}").Outputs("${d}", "${r}")
            .When(id("eg"), id("w"), "${d} == 1").When(id("eg"), id("end"), "${d} == 2")
            .Sub(id("sp"), inner, ("${k}", "${d}"));
    }

    private static TreeSketch Parallel(Func<string, string> id)
    {
        TreeSketch sketch = new TreeSketch(id("p"), id("start"), id("end")).Flow(id("start"), id("pg"));
        foreach (int number in Enumerable.Range(1, 3))
        {
            sketch.Flow(id("pg"), id($"w{number}"), id($"a{number}"), id("cg")).Activity(id($"w{number}"), "wait")
                .Fill($"${{d{number}}}", id($"w{number}"), "data").Activity(id($"a{number}"), "ok", ("in", $"${{d{number}}}"));
        }

        return sketch.Flow(id("cg"), id("end")).Outputs("${d1}", "${d2}", "${d3}");
    }

    private static TreeSketch Conditional(Func<string, string> id) => Start(id)
        .Flow(id("start"), id("w"), id("cpg"), id("wb"), id("cg"), id("end")).Flow(id("cpg"), id("wc"), id("cg")).Flow(id("cpg"), id("a"), id("cg"))
        .Activity(id("w"), "wait").Activity(id("wb"), "wait").Activity(id("wc"), "wait")
        .When(id("cpg"), id("wb"), "${d} == 1").When(id("cpg"), id("wc"), "${d} < 5").When(id("cpg"), id("a"), "${d} > 5");
}
