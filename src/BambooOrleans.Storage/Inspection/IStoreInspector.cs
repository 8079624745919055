namespace BambooOrleans.Storage;

/// <summary>Looks at a store, whoever owns it, and changes nothing.</summary>
public interface IStoreInspector : IAsyncDisposable
{
    /// <summary>The ids of the root pipelines that are neither finished nor revoked, the oldest first.</summary>
    Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>Everything kept of a root pipeline but histories and journal; null where there is none.</summary>
    Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken);

    /// <summary>When the newest pipeline was submitted; null where there is none.</summary>
    Task<DateTimeOffset?> ReadNewestAsync(CancellationToken cancellationToken);
}
