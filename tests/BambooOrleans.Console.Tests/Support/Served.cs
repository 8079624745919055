using System.Net;
using BambooOrleans.Components;
using BambooOrleans.Components.BuiltIn;
using BambooOrleans.Embedded;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;
using BambooOrleans.Server;
using BambooOrleans.Server.Security;
using BambooOrleans.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Console.Tests.Support;

/// <summary>A server on a port of its own before an engine on a database of its own.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bamboo-console-").FullName;
    private readonly ServiceProvider _services;
    private EmbeddedEngine? _engine;
    private BambooServer? _server;

    private Served()
    {
        _services = new ServiceCollection().AddBuiltInComponents().AddSingleton(Gates).BuildServiceProvider();
        Database = Path.Combine(_folder, "test.db");
    }

    public static IReadOnlyDictionary<Role, (ApiKey Kept, string Key)> Keys { get; } = Enum.GetValues<Role>()
        .ToDictionary(role => role, role => ApiKey.Create($"{role.ToString().ToLowerInvariant()}-key", role, DateTimeOffset.UnixEpoch));

    public string Database { get; }

    public Gates Gates { get; } = new();

    public IBambooEngine Engine => _engine!;

    public BambooServer Server => _server!;

    /// <summary>Where it listens, also while it does not.</summary>
    public Uri Address { get; private set; } = null!;

    public static async Task<Served> StartAsync()
    {
        var served = new Served();
        served._engine = await EmbeddedEngine.OpenAsync(
            new SqliteStore(new SqliteStoreOptions { Path = served.Database }),
            new EmbeddedEngineOptions
            {
                Registry = new ComponentRegistry().AddAssembly(BuiltInComponents.Assembly).Add<HeldComponent>().Add<PickyComponent>().Add<EchoComponent>(),
                Services = served._services,
                CloseTimeLimit = TimeSpan.FromMilliseconds(200),
            });
        await served.ListenAsync(0);
        return served;
    }

    /// <summary>Listens again where it listened before.</summary>
    public Task ListenAgainAsync() => ListenAsync(Address.Port);

    /// <summary>Stops to listen; the engine goes on.</summary>
    public async Task StopListeningAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.DisposeAsync();
        }
    }

    /// <summary>Stops to listen and closes the engine, so that another may open the database.</summary>
    public async Task CloseAsync()
    {
        await StopListeningAsync();
        if (_engine is { } engine)
        {
            _engine = null;
            await engine.DisposeAsync();
        }
    }

    public async Task<string> RunAsync(PipelineTree tree, RunPipelineOptions? options = null)
    {
        Require(await Engine.RunPipelineAsync(tree, options));
        return tree.Id;
    }

    /// <summary>Runs it until it cannot go on by itself.</summary>
    public async Task<string> SettleAsync(PipelineTree tree, RunPipelineOptions? options = null)
    {
        await RunAsync(tree, options);
        Require(await Engine.WaitUntilSettledAsync(tree.Id));
        return tree.Id;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Require(EngineApiResult answer) => Assert.True(answer.Result, answer.Message);

    private async Task ListenAsync(int port)
    {
        _server = await BambooServer.StartAsync(Engine, new BambooServerOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, port)],
            Keys = [.. Keys.Values.Select(key => key.Kept)],
            HasLoginLink = true,
        });
        Address = _server.Addresses[0];
    }
}
