using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests.Support;

/// <summary>Opening engines for tests, and asking them what the tests want to know.</summary>
internal static class Engines
{
    /// <summary>How long a test waits for what must come, before it fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static Task<EmbeddedEngine> OpenAsync(
        IEngineStore store, Workbench bench, Func<EmbeddedEngineOptions, EmbeddedEngineOptions>? change = null)
    {
        var options = new EmbeddedEngineOptions
        {
            Registry = Workbench.Registry,
            Services = bench,
            StoreRetryTime = TimeSpan.Zero,
            CloseTimeLimit = Patience,
        };
        return EmbeddedEngine.OpenAsync(store, change is null ? options : change(options));
    }

    /// <summary>Gives up an engine as a death of its process would: nothing is waited for.</summary>
    public static EmbeddedEngineOptions Hasty(EmbeddedEngineOptions options) => options with { CloseTimeLimit = TimeSpan.Zero };

    public static async Task<T> Get<T>(this Task<EngineApiResult<T>> call)
    {
        EngineApiResult<T> result = await call.WaitAsync(Patience);
        Assert.True(result.Result, result.ErrorTrace);
        return result.Data!;
    }

    public static async Task Done(this Task<EngineApiResult> call)
    {
        EngineApiResult result = await call.WaitAsync(Patience);
        Assert.True(result.Result, result.ErrorTrace);
    }

    public static async Task Done(this Task<EngineApiResult<VerbOutcome>> call) => await call.Get();

    public static async Task Refused(this Task<EngineApiResult<VerbOutcome>> call, string code, string message) =>
        await Task.FromResult<EngineApiResult>(await call.WaitAsync(Patience)).Refused(code, message);

    public static async Task Refused(this Task<EngineApiResult> call, string code, string message)
    {
        EngineApiResult result = await call.WaitAsync(Patience);
        Assert.Equal((false, code, message), (result.Result, result.ErrorCode, result.Message));
    }

    public static Task SubmitAsync(this IBambooEngine engine, TreeSketch sketch, RunPipelineOptions? options = null) =>
        engine.RunPipelineAsync(sketch.Build(), options ?? new RunPipelineOptions { CycleTolerate = true }).Done();

    public static async Task RunAsync(
        this IBambooEngine engine, TreeSketch sketch, RunPipelineOptions? options = null, string? pipeline = null)
    {
        await engine.SubmitAsync(sketch, options);
        await engine.WaitUntilSettledAsync(pipeline ?? sketch.Build().Id).Done();
    }

    public static async Task<NodeStateName> StateOf(this IBambooEngine engine, string id) =>
        (await engine.GetChildrenStatesAsync(id).Get())[id].State;

    public static async Task<string> VersionOf(this IBambooEngine engine, string id) =>
        (await engine.GetChildrenStatesAsync(id).Get())[id].Version;

    public static async Task<Value> ExDataOf(this IBambooEngine engine, string id) =>
        (await engine.GetExecutionDataOutputsAsync(id).Get())["ex_data"];

    public static async Task<Value> ContextOf(this IBambooEngine engine, string key, string pipeline = "p") =>
        Assert.Single(await engine.GetContextAsync(pipeline).Get(), entry => entry.Key == key).Value;

    /// <summary>Asks until the engine is there again.</summary>
    public static async Task<EngineApiResult<T>> UntilBack<T>(Func<Task<EngineApiResult<T>>> call)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            EngineApiResult<T> result = await call();
            if (result.ErrorCode != "engine-unavailable")
            {
                return result;
            }

            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Lets everything run that can run without waiting for anything.</summary>
    public static async Task Breathe()
    {
        for (int turn = 0; turn < 200; turn++)
        {
            await Task.Run(() => { });
        }
    }

    /// <summary>The rows and bytes of a store, by table.</summary>
    public static async Task<string> StatisticsOf(IEngineStore store) =>
        string.Join('\n', await store.ReadStatisticsAsync(CancellationToken.None));

    /// <summary>All that a caller can see of a pipeline but times and versions.</summary>
    public static async Task<List<string>> Describe(this IBambooEngine engine, string rootId)
    {
        List<string> lines = [];
        IReadOnlyDictionary<string, NodeStateInfo> states = await engine.GetPipelineStatesAsync(rootId).Get();
        foreach (NodeStateInfo state in states.Values.Concat(states[rootId].Children.Values))
        {
            EngineApiResult<ExecutionData> data = await engine.GetExecutionDataAsync(state.Id);
            int histories = (await engine.GetNodeHistoriesAsync(state.Id).Get()).Count;
            lines.Add($"{state.Id} {state.State} {state.ParentId} {state.Loop} {state.InnerLoop} {histories} {data.Data?.Inputs} {data.Data?.Outputs}");
            lines.AddRange((await engine.GetContextAsync(state.Id).Get()).Select(entry => $"{state.Id} {entry.Key} {entry.Type} {entry.Value}"));
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }
}
