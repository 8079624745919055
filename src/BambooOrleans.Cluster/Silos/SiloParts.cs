using BambooOrleans.Core;
using BambooOrleans.Core.Machines;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace BambooOrleans.Cluster;

/// <summary>What the grains of one silo share.</summary>
internal sealed class SiloParts(
    IGrainStorage storage,
    IClusterStore store,
    Deliverer deliverer,
    Executions executions,
    IExecutionsClient executionsClient,
    Definitions definitions,
    SubmissionCheck check,
    LivePipelines live,
    EngineSettings settings,
    TimeProvider time,
    ILogger<MachineGrain> logger)
{
    public IGrainStorage Storage => storage;

    /// <summary>Whether grain storage is in the shared tables, so that a write needs no delivery and no log.</summary>
    public bool KeepsStateInTables { get; } = storage is ITableStorage;

    public IClusterStore Store => store;

    public Deliverer Deliverer => deliverer;

    public Executions Executions => executions;

    public EngineTelemetry Telemetry => executions.UserCode.Telemetry;

    public IExecutionsClient ExecutionsClient => executionsClient;

    public Definitions Definitions => definitions;

    public SubmissionCheck Check => check;

    public LivePipelines Live => live;

    public EngineSettings Settings => settings;

    public TimeProvider Time => time;

    public ILogger Logger => logger;

    public Turn NewTurn() => new(executions.Owner, NewVersions.Instance, executions);

    // Grains run on many threads at once.
    private sealed class NewVersions : IVersionSource
    {
        public static NewVersions Instance { get; } = new();

        public string NewVersion() => $"v{Guid.NewGuid():N}";
    }
}

/// <summary>The root pipelines that are active on this silo.</summary>
internal sealed class LivePipelines
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, byte> _ids = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Ids => [.. _ids.Keys];

    public int Count => _ids.Count;

    public void Add(string rootId) => _ids.TryAdd(rootId, 0);

    public void Remove(string rootId) => _ids.TryRemove(rootId, out _);
}
