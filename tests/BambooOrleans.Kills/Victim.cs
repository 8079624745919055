using BambooOrleans.Benchmarks;
using BambooOrleans.Components;
using BambooOrleans.Embedded;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;

namespace BambooOrleans.Kills;

/// <summary>An engine under load that lives until it is killed.</summary>
internal static class Victim
{
    private const int Callers = 8;

    public static ComponentRegistry Registry { get; } = new ComponentRegistry().Add<Work>();

    public static IEngineStore StoreAt(string where) => PostgresConnectionString.IsPostgres(where)
        ? new PostgresStore(new PostgresStoreOptions { ConnectionString = where })
        : new SqliteStore(new SqliteStoreOptions { Path = where });

    public static async Task<int> RunAsync(string where)
    {
        EmbeddedEngine engine = await EmbeddedEngine.OpenAsync(StoreAt(where), new EmbeddedEngineOptions { Registry = Registry });
        Console.WriteLine("open");
        using var printing = new SemaphoreSlim(1);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            while (true)
            {
                PipelineTree tree = (caller % 2 == 0 ? Trees.Seventeen : Trees.Sequence(5)).Make(Work.Code);
                EngineApiResult taken = await engine.RunPipelineAsync(tree);
                if (!taken.Result)
                {
                    throw new InvalidOperationException(taken.ErrorTrace);
                }

                await printing.WaitAsync();
                Console.Out.WriteLine($"taken {tree.Id}");
                await Console.Out.FlushAsync();
                printing.Release();
                await engine.WaitUntilSettledAsync(tree.Id);
            }
        })));
        return 0;
    }

    /// <summary>Takes no time, and succeeds.</summary>
    [Component(Code)]
    public sealed class Work : Component
    {
        internal const string Code = "work";

        /// <inheritdoc/>
        public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken) =>
            Task.FromResult(ComponentResult.Ok);
    }
}
