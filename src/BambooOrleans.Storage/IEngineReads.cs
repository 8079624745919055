namespace BambooOrleans.Storage;

/// <summary>What is kept of pipelines, as it is read: by one engine, and by every silo of a cluster.</summary>
public interface IEngineReads
{
    /// <summary>Everything kept of a root pipeline but histories and journal; null where there is none.</summary>
    Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken);

    /// <summary>The root pipeline that a node, sub-process or root id belongs to; null where there is none.</summary>
    Task<string?> FindRootAsync(string id, CancellationToken cancellationToken);

    /// <summary>The tree of a root pipeline and how it was submitted; null where there is none.</summary>
    Task<StoredTree?> ReadTreeAsync(string rootId, CancellationToken cancellationToken);

    /// <summary>The number of a root pipeline that has secrets; null where it has none, or is not there.</summary>
    Task<long?> FindSecretRootAsync(string rootId, CancellationToken cancellationToken);

    /// <summary>
    /// The root pipelines that a filter takes, by time of submission and id, the newest first; only those after
    /// <paramref name="after"/> in this order, where it is given. Ids of one time are in the order that the store has for texts.
    /// </summary>
    Task<IReadOnlyList<PipelineRow>> ListAsync(
        PipelineFilter filter, PipelinePosition? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many of the root pipelines that a filter takes are in each state; states of none are left out.</summary>
    Task<IReadOnlyDictionary<string, long>> CountAsync(PipelineFilter filter, CancellationToken cancellationToken);

    /// <summary>The position of the next journal turn, after everything that reads see.</summary>
    Task<long> ReadJournalEndAsync(CancellationToken cancellationToken);

    /// <summary>The history entries of a node in order; only those of one loop where <paramref name="loop"/> is given.</summary>
    Task<IReadOnlyList<HistoryRow>> ReadHistoriesAsync(string rootId, string nodeId, int? loop, CancellationToken cancellationToken);

    /// <summary>Journal rows whose last position is at or after <paramref name="from"/>, in order, at most <paramref name="limit"/>; of one root where given.</summary>
    Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long from, string? rootId, int limit, CancellationToken cancellationToken);

    /// <summary>Everything kept of a root pipeline, histories and journal included, in one committed state; null where there is none.</summary>
    Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken);

    /// <summary>Rows and bytes by table, for people and benchmarks.</summary>
    Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken);
}
