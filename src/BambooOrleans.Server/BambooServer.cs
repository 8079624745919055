using System.Net;
using System.Net.Sockets;
using BambooOrleans.Hosting;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Http;
using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Server;

/// <summary>
/// The HTTP API of an engine: embedded in this process, or the client of a cluster. It listens until it is disposed, and leaves the
/// engine to its owner.
/// </summary>
public sealed class BambooServer : IAsyncDisposable
{
    private const long UnreadBytesMax = 4 * 1024 * 1024;

    private readonly WebApplication _application;
    private readonly LoginLink? _login;
    private readonly RequestRates _rates;

    private BambooServer(WebApplication application, LoginLink? login, RequestRates rates)
    {
        _application = application;
        _login = login;
        _rates = rates;
    }

    /// <summary>Where it listens, such as <c>http://127.0.0.1:8420</c>.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>Starts to listen.</summary>
    /// <param name="engine">The engine that is asked.</param>
    /// <param name="options">Where it listens, and for whom.</param>
    /// <param name="log">Where it logs; null for nowhere.</param>
    /// <param name="cancellationToken">Stops starting.</param>
    /// <exception cref="ServerException">It would be open to others without authentication, an address is taken, or keys cannot be read.</exception>
    public static async Task<BambooServer> StartAsync(
        IBambooEngine engine, BambooServerOptions options, ILoggerProvider? log = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(options);
        var keys = new ApiKeyRing(options.KeyFile, options.Keys);
        Check(options, keys);
        JwtVerifier? tokens = options.Jwt is { } jwt ? new JwtVerifier(jwt, options.Time) : null;
        LoginLink? login = options.HasLoginLink ? new LoginLink(options.Time) : null;
        CallbackTokens? callbackTokens = options.CallbackSecret is { } secret ? new CallbackTokens(secret) : null;

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // RequestBody holds bodies to the limit. Kestrel cuts the connection at its own, which the client would see instead of the answer.
            kestrel.Limits.MaxRequestBodySize = options.BodyBytesMax + UnreadBytesMax;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            foreach (IPEndPoint at in options.Listen)
            {
                kestrel.Listen(at);
            }
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        if (log is not null)
        {
            builder.Logging.AddProvider(log);

            // Why the server cannot start is thrown, and told by whoever starts it.
            builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        }

        WebApplication application = builder.Build();
        var rates = new RequestRates(options);
        Map(application, engine, options, new Authenticator(options, keys, tokens, login), rates, login, callbackTokens);
        var server = new BambooServer(application, login, rates);
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
            server.Addresses =
            [
                .. application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
                    .Select(address => new Uri(address)),
            ];
            return server;
        }
        catch (Exception failure)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            if (failure is IOException or SocketException)
            {
                throw new ServerException("server.address", $"it cannot listen on {string.Join(", ", options.Listen)}: {failure.Message}", failure);
            }

            throw;
        }
    }

    /// <summary>A link that lets one browser in, once. One that was made before is worth nothing from now on.</summary>
    /// <exception cref="InvalidOperationException"><see cref="BambooServerOptions.HasLoginLink"/> is not set.</exception>
    public Uri LoginUrl() => new(
        Addresses[0], $"/login?token={(_login ?? throw new InvalidOperationException("the server has no login link")).Issue()}");

    /// <summary>Stops to listen; open event streams end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync().ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        _rates.Dispose();
    }

    internal static bool IsLoopback(IPAddress address) =>
        IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static void Check(BambooServerOptions options, ApiKeyRing keys)
    {
        if (options.Listen.Count == 0)
        {
            throw new ServerException("server.address", "there is no address to listen on");
        }

        // A link for one browser is no authentication for the others.
        IPEndPoint? open = options.Listen.FirstOrDefault(at => !IsLoopback(at.Address));
        if (open is not null && keys.Count == 0 && options.Jwt is null)
        {
            throw new ServerException(
                "server.open-to-others",
                $"it would listen on {open}, where others reach it, without authentication: name a file with at least one API key or the keys of tokens, or listen on 127.0.0.1");
        }
    }

    private static void Map(
        WebApplication application,
        IBambooEngine engine,
        BambooServerOptions options,
        Authenticator authenticator,
        RequestRates rates,
        LoginLink? login,
        CallbackTokens? callbackTokens)
    {
        ILogger logger = application.Services.GetRequiredService<ILoggerFactory>().CreateLogger<BambooServer>();
        var gate = new RequestGate(options, authenticator, rates, logger);
        application.UseRouting();
        application.Use(next => async context =>
        {
            // Where nothing traces requests, the span of the caller still goes with what is asked for.
            using IDisposable? caller = TraceParents.Enter(context.Request.Headers.TraceParent);
            await gate.PassAsync(context, next).ConfigureAwait(false);
        });

        var calls = new EngineCalls(engine, options, logger);
        foreach (EngineFunction function in EngineDispatcher.Functions.Values)
        {
            application.MapPost($"/api/v1/{function.Name}", async context =>
            {
                MapValue arguments = await RequestBody.ReadMapAsync(context, options).ConfigureAwait(false);
                await EngineCalls.WriteAsync(context, await calls.AskAsync(context, function, arguments).ConfigureAwait(false)).ConfigureAwait(false);
            }).WithMetadata(new Access(AccessRules.Of(function.Name)));
        }

        var pipelines = new PipelineList(engine, calls);
        pipelines.Map(application);
        Read.Map(application, calls);
        new Batch(engine, pipelines, calls, options).Map(application);
        new EventStream(engine, options, application.Lifetime.ApplicationStopping).Map(application);
        SessionInfo.Map(application, callbackTokens is not null);
        if (callbackTokens is not null)
        {
            new Callbacks(callbackTokens, calls, options).Map(application);
        }

        string document = OpenApiDocument.Create();
        application.MapGet("/api/v1/openapi.json", context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(document, context.RequestAborted);
        }).WithMetadata(Access.Anybody);
        ConsoleFiles.Map(application);
        LoginPage.Map(application, login);
    }

    // The signals are the program's.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
