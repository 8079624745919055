using System.Diagnostics;
using BambooOrleans.Embedded;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Benchmarks;

/// <summary>A scenario that runs in an embedded engine.</summary>
internal abstract record EngineScenario(string Name) : Scenario(Name)
{
    protected sealed override async Task<Result> MeasureAsync(CountingStore store)
    {
        var executions = new ExecutionTimes();
        EmbeddedEngine engine = await EmbeddedEngine.OpenAsync(store, new EmbeddedEngineOptions
        {
            Registry = new ComponentRegistry().Add<NoOp>().Add<Wait>(),
            Services = new OneService(executions),
        }).ConfigureAwait(false);
        await using (engine.ConfigureAwait(false))
        {
            return await MeasureAsync(engine, executions, store).ConfigureAwait(false);
        }
    }

    protected abstract Task<Result> MeasureAsync(EmbeddedEngine engine, ExecutionTimes executions, CountingStore store);

    /// <summary>Submits a pipeline, waits until it has settled, and says how long that took.</summary>
    protected static async Task<TimeSpan> RunAsync(EmbeddedEngine engine, PipelineTree tree)
    {
        long start = Stopwatch.GetTimestamp();
        Require(await engine.RunPipelineAsync(tree).ConfigureAwait(false));
        Require(await engine.WaitUntilSettledAsync(tree.Id).ConfigureAwait(false));
        return Stopwatch.GetElapsedTime(start);
    }

    protected static void Require(EngineApiResult result)
    {
        if (!result.Result)
        {
            throw new InvalidOperationException(result.ErrorTrace);
        }
    }

    /// <summary>A figure of pipelines that did not run to their end would be worth nothing.</summary>
    protected static async Task RequireFinishedAsync(EmbeddedEngine engine, IReadOnlyCollection<PipelineTree> trees)
    {
        EngineApiResult<IReadOnlyList<PipelineSummary>> list = await engine.ListPipelinesAsync(limit: trees.Count).ConfigureAwait(false);
        Require(list);
        int finished = list.Data!.Count(pipeline => pipeline.State == NodeStateName.Finished);
        if (finished != trees.Count)
        {
            throw new InvalidOperationException($"{finished} of {trees.Count} pipelines finished");
        }
    }

    private sealed class OneService(ExecutionTimes executions) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(ExecutionTimes) ? executions : null;
    }
}
