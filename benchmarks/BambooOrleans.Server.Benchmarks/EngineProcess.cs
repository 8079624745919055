using System.Diagnostics;
using System.Globalization;
using System.Net;
using BambooOrleans.Embedded;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;
using BambooOrleans.Server;
using BambooOrleans.Storage;

namespace BambooOrleans.Benchmarks;

/// <summary>
/// The process that is measured: an engine on SQLite, its server, and pipelines that it submits to itself when it is told to. What it
/// is told and says, a line each, is for <see cref="ServedEngine"/>: a load comes, the ids of its pipelines go; an empty line comes, they
/// run, and the seconds go that they took.
/// </summary>
internal static class EngineProcess
{
    public const string Argument = "--serve";

    public static async Task<int> RunAsync(string database, TextReader input, TextWriter output)
    {
        var services = new Services();
        EmbeddedEngine engine = await EmbeddedEngine.OpenAsync(new SqliteStore(new SqliteStoreOptions { Path = database }), new EmbeddedEngineOptions
        {
            Services = services,
            Registry = new ComponentRegistry().Add<NoOp>().Add<Pace>(),
            UserCode = new UserCodeOptions { ConcurrencyMax = 1024 },
        });
        await using (engine)
        {
            await using BambooServer server = await BambooServer.StartAsync(engine, new BambooServerOptions
            {
                Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
                RequestsPerSecond = 100_000,
                RequestBurst = 100_000,
            });
            await output.WriteLineAsync(server.Addresses[0].ToString());
            while (await input.ReadLineAsync() is { } line)
            {
                Load load = Load.Parse(line);
                services.Pace.Duration = TimeSpan.FromMilliseconds(load.PaceMilliseconds);
                services.Times.Clear();
                PipelineTree[] trees = [.. Enumerable.Range(0, load.Pipelines).Select(_ => Trees.Sequence(load.Activities).Make(load.Code))];
                await output.WriteLineAsync(string.Join(' ', trees.Select(tree => tree.Id)));
                await input.ReadLineAsync();
                long start = Stopwatch.GetTimestamp();
                await Task.WhenAll(trees.Select(async tree =>
                {
                    Require(await engine.RunPipelineAsync(tree));
                    Require(await engine.WaitUntilSettledAsync(tree.Id));
                }));
                await output.WriteLineAsync(Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
            }
        }

        return 0;
    }

    private static void Require(EngineApiResult result)
    {
        if (!result.Result)
        {
            throw new InvalidOperationException(result.ErrorTrace);
        }
    }

    private sealed class Services : IServiceProvider
    {
        public ExecutionTimes Times { get; } = new();

        public PaceTime Pace { get; } = new();

        public object? GetService(Type serviceType) => serviceType == typeof(ExecutionTimes) ? Times : serviceType == typeof(PaceTime) ? Pace : null;
    }
}
