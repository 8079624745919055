using System.Diagnostics.CodeAnalysis;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Embedded;

/// <summary>
/// Which pipelines are in memory: they come when a message is for them, and leave when they have done nothing for a while. Their timers
/// stay, and bring them back. All but <see cref="Count"/> is for the reactor's loop alone.
/// </summary>
/// <param name="store">Where they come from.</param>
/// <param name="options">How many there may be, and how long they stay.</param>
/// <param name="compile">Makes the definition of a pipeline that is loaded.</param>
/// <param name="post">Takes what became of a load, on any thread.</param>
/// <param name="stopping">Cancelled when the engine closes.</param>
internal sealed class PipelinesInMemory(
    IEngineStore store,
    EmbeddedEngineOptions options,
    Func<StoredPipeline, PipelineDefinition> compile,
    Action<LoadedMessage> post,
    CancellationToken stopping)
{
    // Pipelines that are over stay in memory for those who ask what became of them, but not every one of a busy half minute.
    private const int OverMax = 1024;

    private static readonly TimeSpan RoomSoughtPeriod = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, PipelineInstance> _instances = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Message>> _loading = new(StringComparer.Ordinal);
    private readonly Queue<(string RootId, long Batch)> _over = new();
    private DateTimeOffset _lastSweep = options.Time.GetUtcNow();
    private (long Batch, long Timestamp)? _roomSought;

    /// <summary>How many there are.</summary>
    public int Count => _instances.Count;

    /// <summary>The last batch that is durable: what changed later has to stay.</summary>
    public long Committed { get; set; }

    public bool TryGet(string rootId, [MaybeNullWhen(false)] out PipelineInstance instance) => _instances.TryGetValue(rootId, out instance);

    public void Add(PipelineInstance instance) => _instances[instance.RootId] = instance;

    /// <summary>
    /// Whether another pipeline may come. Pipelines that only wait leave for it. What keeps the others there seldom changes without a
    /// commit; a flood is not to search them all for each of its submissions.
    /// </summary>
    public bool HasRoom()
    {
        if (_instances.Count < options.Limits.ActivePipelines)
        {
            return true;
        }

        if (_roomSought is { } sought && sought.Batch == Committed && options.Time.GetElapsedTime(sought.Timestamp) < RoomSoughtPeriod)
        {
            return false;
        }

        _roomSought = (Committed, options.Time.GetTimestamp());
        LetGo(MayLeave);
        return _instances.Count < options.Limits.ActivePipelines;
    }

    /// <summary>Loads the pipeline that a message is for, and keeps the message until then.</summary>
    public void Load(PipelineMessage message)
    {
        if (_loading.TryGetValue(message.RootId, out List<Message>? waiting))
        {
            waiting.Add(message);
            return;
        }

        _loading[message.RootId] = [message];
        string rootId = message.RootId;
        ThreadPool.UnsafeQueueUserWorkItem(_ => _ = LoadAsync(rootId), null);
    }

    /// <summary>A load has ended.</summary>
    /// <returns>The messages that waited for it.</returns>
    public List<Message> Loaded(LoadedMessage message)
    {
        _loading.Remove(message.RootId, out List<Message>? waiting);
        if (message.Instance is not null)
        {
            Add(message.Instance);
        }

        return waiting ?? [];
    }

    /// <summary>Takes a finished pipeline that is to be removed out of memory.</summary>
    /// <returns>False where it is in use.</returns>
    public bool TryRemove(ArchivedRoot root)
    {
        if (_loading.ContainsKey(root.RootId)
            || (_instances.TryGetValue(root.RootId, out PipelineInstance? instance)
                && !(instance.Records.Root == root.Root && instance.IsOver && MayLeave(instance))))
        {
            return false;
        }

        _instances.Remove(root.RootId);
        return true;
    }

    /// <summary>A pipeline is over with its last changes.</summary>
    public void Over(PipelineInstance instance) => _over.Enqueue((instance.RootId, instance.LastBatch));

    /// <summary>Lets pipelines go that are over or do nothing; seldom costs more than a look at the clock.</summary>
    public void Sweep()
    {
        while (_over.Count > OverMax && _over.Peek().Batch <= Committed)
        {
            string oldest = _over.Dequeue().RootId;
            if (_instances.TryGetValue(oldest, out PipelineInstance? over) && MayLeave(over))
            {
                _instances.Remove(oldest);
            }
        }

        DateTimeOffset now = options.Time.GetUtcNow();
        if (now - _lastSweep >= options.IdleTime / 2)
        {
            _lastSweep = now;
            LetGo(instance => MayLeave(instance) && now - instance.LastUsed >= options.IdleTime);
        }
    }

    /// <summary>Tells those who wait for a load that nothing comes of it.</summary>
    public void Fail(Exception failure)
    {
        foreach (List<Message> waiting in _loading.Values)
        {
            waiting.ForEach(message => message.Fail(failure));
        }
    }

    private bool MayLeave(PipelineInstance instance) =>
        instance is { Running: 0, IsChanged: false, Watchers.Count: 0 } && instance.LastBatch <= Committed;

    private void LetGo(Func<PipelineInstance, bool> leaves)
    {
        List<PipelineInstance> leaving = [.. _instances.Values.Where(leaves)];
        leaving.ForEach(instance => _instances.Remove(instance.RootId));
    }

    private async Task LoadAsync(string rootId)
    {
        StoredPipeline? stored;
        try
        {
            stored = await store.LoadAsync(rootId, stopping).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            post(new LoadedMessage(rootId, null, failure, IsStoreFailure: !stopping.IsCancellationRequested));
            return;
        }

        try
        {
            post(new LoadedMessage(rootId, stored is null ? null : PipelineInstance.Load(LoadedPipeline.Load(stored, compile(stored))), null));
        }
        catch (Exception failure)
        {
            post(new LoadedMessage(rootId, null, failure));
        }
    }
}
