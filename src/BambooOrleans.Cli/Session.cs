using BambooOrleans.Components.BuiltIn;
using BambooOrleans.Embedded;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Cli;

/// <summary>An engine on a database for as long as one command runs.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly EmbeddedEngine _engine;
    private readonly ServiceProvider _services;

    private Session(EmbeddedEngine engine, IEngineStore store, ServiceProvider services)
    {
        _engine = engine;
        Store = store;
        _services = services;
    }

    public IBambooEngine Engine => _engine;

    /// <summary>The same engine, for what only one in this process can do.</summary>
    public EmbeddedEngine Embedded => _engine;

    /// <summary>The store that the engine owns, to read from.</summary>
    public IEngineStore Store { get; }

    /// <summary>The components of every command.</summary>
    public static ComponentRegistry Registry() => new ComponentRegistry().AddAssembly(BuiltInComponents.Assembly);

    /// <summary>Opens a database, or makes it, and goes on with what is unfinished in it.</summary>
    public static Task<Session> CreateAsync(SessionOptions options, ILoggerProvider? log, CancellationToken cancellationToken) =>
        OpenAsync(options, log, StoreOf(options), cancellationToken);

    /// <summary>Opens a database that must be there, and goes on with what is unfinished in it.</summary>
    public static Task<Session> OpenAsync(SessionOptions options, ILoggerProvider? log, CancellationToken cancellationToken)
    {
        RequireDatabase(options);
        return OpenAsync(options, log, StoreOf(options), cancellationToken);
    }

    /// <summary>Opens a database that must be there, and leaves everything in it as it is.</summary>
    public static Task<Session> ReadAsync(SessionOptions options, CancellationToken cancellationToken)
    {
        RequireDatabase(options);
        return OpenAsync(options, null, new IdleStore(StoreOf(options), takesCommits: false), cancellationToken);
    }

    /// <summary>Opens a database that must be there to change something in it, and has nothing go on that is unfinished.</summary>
    public static Task<Session> SteerAsync(SessionOptions options, CancellationToken cancellationToken)
    {
        RequireDatabase(options);
        return OpenAsync(options, null, new IdleStore(StoreOf(options), takesCommits: true), cancellationToken);
    }

    /// <summary>Opens a database, or makes it, to change something in it, and has nothing go on that is unfinished.</summary>
    public static Task<Session> CreateToSteerAsync(SessionOptions options, CancellationToken cancellationToken) =>
        OpenAsync(options, null, new IdleStore(StoreOf(options), takesCommits: true), cancellationToken);

    /// <summary>Opens an engine without a database.</summary>
    public static Task<Session> WithoutDatabaseAsync(CancellationToken cancellationToken) =>
        OpenAsync(new SessionOptions { Database = "" }, null, new MemoryStore(), cancellationToken);

    /// <summary>The root pipeline that an id belongs to.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public async Task<string> RootOfAsync(string id, CancellationToken cancellationToken) =>
        await Store.FindRootAsync(id, cancellationToken).ConfigureAwait(false)
        ?? throw new NotFoundException($"there is no pipeline or node {id}");

    /// <summary>The tree of a root pipeline.</summary>
    public async Task<PipelineTree> TreeAsync(string rootId, CancellationToken cancellationToken)
    {
        StoredPipeline? stored = await Store.LoadAsync(rootId, cancellationToken).ConfigureAwait(false);
        return stored is null || stored.RootId != rootId
            ? throw new NotFoundException($"there is no pipeline {rootId}")
            : PipelineTreeReader.Read(ValueJson.Parse(stored.Tree.Span));
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync().ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    // A database on a server cannot be made by mistake, as a file can by a wrong path.
    private static void RequireDatabase(SessionOptions options)
    {
        if (!PostgresConnectionString.IsPostgres(options.Database))
        {
            RequireFilePath(options.Database);
            if (!File.Exists(options.Database))
            {
                throw new CliException("store.not-there", $"there is no database {options.Database}", "--db");
            }
        }
    }

    private static void RequireFilePath(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new CliException("invalid-argument", "--db names no database", "--db");
        }

        if (Directory.Exists(path))
        {
            throw new CliException("store.not-a-store", $"{path} is a directory, and no database", "--db");
        }
    }

    private static IEngineStore StoreOf(SessionOptions options)
    {
        if (!PostgresConnectionString.IsPostgres(options.Database))
        {
            RequireFilePath(options.Database);
            return new SqliteStore(new SqliteStoreOptions { Path = options.Database, Synchronous = options.Synchronous });
        }

        try
        {
            return new PostgresStore(new PostgresStoreOptions { ConnectionString = options.Database });
        }
        catch (ArgumentException failure)
        {
            throw new CliException("invalid-argument", WithoutParameter(failure), "--db");
        }
    }

    // The platform puts the name of a parameter in the code behind what is wrong.
    private static string WithoutParameter(ArgumentException failure)
    {
        int end = failure.Message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return end < 0 ? failure.Message : failure.Message[..end];
    }

    private static async Task<Session> OpenAsync(
        SessionOptions options, ILoggerProvider? log, IEngineStore store, CancellationToken cancellationToken)
    {
        var registrations = new ServiceCollection();
        registrations.AddBuiltInComponents(options.Http, options.Shell);
        if (log is not null)
        {
            registrations.AddLogging(logging => logging.SetMinimumLevel((log as Serving.ErrorLog)?.Least ?? LogLevel.Information).AddProvider(log));
        }

        ServiceProvider services = registrations.BuildServiceProvider();
        try
        {
            EmbeddedEngine engine = await EmbeddedEngine.OpenAsync(
                store,
                new EmbeddedEngineOptions
                {
                    Registry = Registry(),
                    Services = services,
                    CloseTimeLimit = TimeSpan.FromSeconds(3),
                },
                cancellationToken).ConfigureAwait(false);
            return new Session(engine, store, services);
        }
        catch
        {
            await services.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
