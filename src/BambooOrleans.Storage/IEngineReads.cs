namespace BambooOrleans.Storage;

/// <summary>What is kept of pipelines, as it is read: by one engine, and by every silo of a cluster.</summary>
public interface IEngineReads
{
    /// <summary>Everything kept of a root pipeline but histories and journal; null where there is none.</summary>
    Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken);

    /// <summary>The root pipeline that a node, sub-process or root id belongs to; null where there is none.</summary>
    Task<string?> FindRootAsync(string id, CancellationToken cancellationToken);

    /// <summary>The root pipelines, the newest first.</summary>
    Task<IReadOnlyList<PipelineRow>> ListAsync(int limit, CancellationToken cancellationToken);

    /// <summary>The history entries of a node in order; only those of one loop where <paramref name="loop"/> is given.</summary>
    Task<IReadOnlyList<HistoryRow>> ReadHistoriesAsync(string rootId, string nodeId, int? loop, CancellationToken cancellationToken);

    /// <summary>Journal rows whose last position is at or after <paramref name="from"/>, in order, at most <paramref name="limit"/>; of one root where given.</summary>
    Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long from, string? rootId, int limit, CancellationToken cancellationToken);

    /// <summary>Everything kept of a root pipeline, histories and journal included, in one committed state; null where there is none.</summary>
    Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken);

    /// <summary>Rows and bytes by table, for people and benchmarks.</summary>
    Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken);
}
