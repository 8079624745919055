using System.Globalization;
using BambooOrleans.Pipelines;
using BambooOrleans.Tests;

namespace BambooOrleans.Cluster.Chaos;

/// <summary>One pipeline of the load: what it is, how it is seen through, and what it has to come to.</summary>
internal sealed class ChaosPipeline(int number)
{
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public string Id { get; } = Name("p", number);

    /// <summary>Verbs that were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    private Value Expected => (number % 4) switch
    {
        0 => number,
        1 => "3",
        2 => $"called {number}",
        _ => "good",
    };

    /// <summary>Submits it and sees it through.</summary>
    /// <returns>What is wrong with its end; null where nothing is.</returns>
    public async Task<string?> RunAsync(IBambooEngine engine, CancellationToken stopping)
    {
        PipelineTree tree = Tree().Build();
        while (true)
        {
            EngineApiResult? answer = await CallAsync(() => engine.RunPipelineAsync(tree, new RunPipelineOptions { CycleTolerate = true }))
                .ConfigureAwait(false);
            if (answer is { Result: true } or { ErrorCode: "already-exists" })
            {
                break;
            }

            if (answer is not (null or { ErrorCode: "engine-unavailable" }))
            {
                return $"{Id} was not taken: {answer.Message}";
            }

            await Task.Delay(Pause, stopping).ConfigureAwait(false);
        }

        Acknowledged++;
        while (true)
        {
            if (await ReadAsync(() => engine.GetPipelineStatesAsync(Id)).ConfigureAwait(false) is { } states && states.TryGetValue(Id, out NodeStateInfo? root))
            {
                if (root.State == NodeStateName.Finished)
                {
                    return await CheckAsync(engine, root, stopping).ConfigureAwait(false);
                }

                foreach (NodeStateInfo node in Below(root))
                {
                    await HelpAsync(engine, node).ConfigureAwait(false);
                }
            }

            await Task.Delay(Pause, stopping).ConfigureAwait(false);
        }
    }

    private static string Name(string id, int number) => string.Create(CultureInfo.InvariantCulture, $"{id}_{number}");

    private static IEnumerable<NodeStateInfo> Below(NodeStateInfo state) => state.Children.Values.SelectMany(child => Below(child).Prepend(child));

    private static async Task<EngineApiResult?> CallAsync(Func<Task<EngineApiResult>> call)
    {
        try
        {
            return await call().WaitAsync(CallPatience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static async Task<T?> ReadAsync<T>(Func<Task<EngineApiResult<T>>> read)
        where T : class
    {
        try
        {
            EngineApiResult<T> result = await read().WaitAsync(CallPatience).ConfigureAwait(false);
            return result.Result ? result.Data : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    // A verb whose answer was lost may have been taken: the next look at the states says so.
    private async Task HelpAsync(IBambooEngine engine, NodeStateInfo node)
    {
        EngineApiResult? answer = node switch
        {
            { State: NodeStateName.Running } when node.Id.StartsWith('w') => await CallAsync(async () =>
                await engine.CallbackAsync(node.Id, node.Version, $"called {number}").ConfigureAwait(false)).ConfigureAwait(false),
            { State: NodeStateName.Failed } when number % 8 == 7 && node.Id.StartsWith('m') => await CallAsync(async () =>
                await engine.SkipNodeAsync(node.Id).ConfigureAwait(false)).ConfigureAwait(false),
            { State: NodeStateName.Failed } => await CallAsync(async () =>
                await engine.RetryNodeAsync(node.Id, Value.Map(("pass", true))).ConfigureAwait(false)).ConfigureAwait(false),
            _ => null,
        };
        if (answer is { Result: true })
        {
            Acknowledged++;
        }
    }

    private async Task<string?> CheckAsync(IBambooEngine engine, NodeStateInfo root, CancellationToken stopping)
    {
        if (Below(root).FirstOrDefault(node => node.State != NodeStateName.Finished) is { } unfinished)
        {
            return $"{Id} is finished above {unfinished.Id}, which is {unfinished.State}";
        }

        MapValue? outputs;
        while ((outputs = await ReadAsync(() => engine.GetExecutionDataOutputsAsync(Id)).ConfigureAwait(false)) is null)
        {
            await Task.Delay(Pause, stopping).ConfigureAwait(false);
        }

        return outputs.TryGetValue("${out}", out Value? actual) && actual.Equals(Expected) ? null : $"{Id} came to {outputs}, and not to {Expected}";
    }

    private TreeSketch Tree()
    {
        string Of(string id) => Name(id, number);
        TreeSketch sketch = new TreeSketch(Of("p"), Of("start"), Of("end")).Outputs("${out}");
        Value rest = (number % 3) * 0.2;
        switch (number % 4)
        {
            case 0:
                return sketch.Flow(Of("start"), Of("a"), Of("pg"), Of("b"), Of("b2"), Of("cg"), Of("z"), Of("end"))
                    .Flow(Of("pg"), Of("c"), Of("c2"), Of("cg")).Flow(Of("pg"), Of("d"), Of("cg"))
                    .Activity(Of("a"), "assign", ("x", number)).Fill("${x}", Of("a"), "x")
                    .Activity(Of("b"), "sleep", ("seconds", rest)).Activity(Of("b2"), "assign", ("y", "${x}")).Fill("${y}", Of("b2"), "y")
                    .Activity(Of("c"), "assign").Activity(Of("c2"), "sleep", ("seconds", 0.1)).Activity(Of("d"), "assign")
                    .Activity(Of("z"), "assign", ("z", "${y}")).Fill("${out}", Of("z"), "z");
            case 1:
                return sketch.Flow(Of("start"), Of("a"), Of("b"), Of("eg"), Of("a")).Flow(Of("eg"), Of("end"))
                    .Activity(Of("a"), "assign", ("n", "${int(out) + 1}")).Fill("${out}", Of("a"), "n", 0)
                    .Activity(Of("b"), "sleep", ("seconds", rest))
                    .When(Of("eg"), Of("a"), "${out} < 3").When(Of("eg"), Of("end"), "${out} >= 3");
            case 2:
                TreeSketch inner = new TreeSketch(Of("sp"), Of("s"), Of("e")).Flow(Of("s"), Of("w"), Of("x"), Of("e")).Outputs("${r}")
                    .Activity(Of("w"), "wait_callback").Fill("${said}", Of("w"), "callback_data")
                    .Activity(Of("x"), "assign", ("r", "${said}")).Fill("${r}", Of("x"), "r");
                return sketch.Flow(Of("start"), Of("a"), Of("sp"), Of("end")).Activity(Of("a"), "sleep", ("seconds", rest))
                    .Sub(Of("sp"), inner).Fill("${out}", Of("sp"), "${r}");
            default:
                return sketch.Flow(Of("start"), Of("a"), Of("m"), Of("b"), Of("end")).Activity(Of("a"), "sleep", ("seconds", rest))
                    .Activity(Of("m"), "chaos_moody", ("pass", false)).Fill("${mood}", Of("m"), "mood", "good")
                    .Activity(Of("b"), "assign", ("mood", "${mood}")).Fill("${out}", Of("b"), "mood");
        }
    }
}
