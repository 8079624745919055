using System.Diagnostics;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cluster.Tests;

/// <summary>Somebody who sees pipelines through: calls waiting nodes back, retries those that failed, and asks again where no answer came.</summary>
internal static class Operator
{
    /// <summary>How long a pipeline may take, deaths and a busy machine included.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(5);

    /// <summary>Submits a pipeline, again where no answer came.</summary>
    public static async Task SubmitAsync(Func<IBambooEngine> engine, PipelineTree tree)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            EngineApiResult? result = await CallAsync(() => engine().RunPipelineAsync(tree, new RunPipelineOptions { CycleTolerate = true }));
            if (result is { Result: true } or { ErrorCode: "already-exists" })
            {
                return;
            }

            Check(clock, result is null or { ErrorCode: "engine-unavailable" }, $"{tree.Id} cannot be submitted: {result?.Message}");
            await Task.Delay(50);
        }
    }

    /// <summary>Sees a pipeline through to its end.</summary>
    /// <param name="engine">The engine, as it is when it is called.</param>
    /// <param name="rootId">The pipeline.</param>
    /// <param name="maySettle">What it may wait for before.</param>
    public static async Task FinishAsync(Func<IBambooEngine> engine, string rootId)
    {
        var clock = Stopwatch.StartNew();
        string last = "";
        while (true)
        {
            await CallAsync(() => engine().WaitUntilSettledAsync(rootId));
            if (await StatesAsync(engine, rootId) is { } states)
            {
                NodeStateInfo root = states[rootId];
                if (root.State == NodeStateName.Finished)
                {
                    return;
                }

                List<NodeStateInfo> nodes = [.. Below(states.Values)];
                last = string.Join(", ", nodes.Select(node => $"{node.Id} {node.State}"));
                foreach (NodeStateInfo node in nodes)
                {
                    if (node.State == NodeStateName.Failed)
                    {
                        EngineApiResult? retried = await CallAsync(async () => await engine().RetryNodeAsync(node.Id));
                        last += $"; retry of {node.Id}: {(retried is null ? "no answer" : $"{retried.Result} {retried.ErrorCode} {retried.Message}")}";
                    }
                    else if (node.State == NodeStateName.Running && node.Id.StartsWith('w'))
                    {
                        await CallAsync(async () => await engine().CallbackAsync(node.Id, node.Version, "called"));
                    }
                }
            }

            Check(clock, true, $"{rootId} is not finished: {last}");
            await Task.Delay(20);
        }
    }

    private static IEnumerable<NodeStateInfo> Below(IEnumerable<NodeStateInfo> states) =>
        states.SelectMany(state => state.Children.Values.Concat(Below(state.Children.Values)));

    private static async Task<IReadOnlyDictionary<string, NodeStateInfo>?> StatesAsync(Func<IBambooEngine> engine, string rootId)
    {
        try
        {
            EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>> states =
                await engine().GetPipelineStatesAsync(rootId).WaitAsync(CallPatience);
            return states.Result && states.Data!.ContainsKey(rootId) ? states.Data : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static async Task<EngineApiResult?> CallAsync(Func<Task<EngineApiResult>> call)
    {
        try
        {
            return await call().WaitAsync(CallPatience);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static void Check(Stopwatch clock, bool isAsItMayBe, string otherwise)
    {
        if (!isAsItMayBe || clock.Elapsed > Patience)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
