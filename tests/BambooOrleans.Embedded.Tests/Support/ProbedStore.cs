using BambooOrleans.Storage;

namespace BambooOrleans.Embedded.Tests.Support;

/// <summary>A store that a test can hold, fail and count; what it is given goes on to another.</summary>
internal sealed class ProbedStore(IEngineStore inner) : StoreDecorator(inner)
{
    private int _loads;
    private int _commits;
    private int _journalReads;

    /// <summary>Asked before each commit, with its number from 1, whether it goes through; it holds the commit by not returning.</summary>
    public Func<int, CommitBatch, Task<bool>> OnCommit { get; set; } = (_, _) => Task.FromResult(true);

    /// <summary>Asked before each load: it throws to make that fail.</summary>
    public Action<string> OnLoad { get; set; } = _ => { };

    /// <summary>Asked before the store is opened again after a failure: it throws to make that fail.</summary>
    public Action OnReopen { get; set; } = () => { };

    public int Loads => _loads;

    public int Commits => _commits;

    public override Task<StoreOpening> ReopenAsync(CancellationToken cancellationToken)
    {
        OnReopen();
        return base.ReopenAsync(cancellationToken);
    }

    public override async Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        if (!await OnCommit(Interlocked.Increment(ref _commits), batch))
        {
            throw new StoreUnavailableException("store.outcome-unknown", "the process is dead");
        }

        await base.CommitAsync(batch, cancellationToken);
    }

    public override Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _loads);
        OnLoad(rootId);
        return base.LoadAsync(rootId, cancellationToken);
    }

    /// <summary>Asked before rows of removed pipelines are deleted: it throws to make that fail.</summary>
    public Action OnRemoveRows { get; set; } = () => { };

    public override Task<int> RemoveRowsAsync(int rowsMax, CancellationToken cancellationToken)
    {
        OnRemoveRows();
        return base.RemoveRowsAsync(rowsMax, cancellationToken);
    }

    /// <summary>What becomes of an export.</summary>
    public Func<PipelineExport, PipelineExport> OnExport { get; set; } = export => export;

    public override async Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken) =>
        await base.ExportAsync(rootId, cancellationToken) is { } export ? OnExport(export) : null;

    /// <summary>Asked before the journal is read: it throws to make that fail.</summary>
    public Action OnReadJournal { get; set; } = () => { };

    public int JournalReads => _journalReads;

    public override Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long from, string? rootId, int limit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _journalReads);
        OnReadJournal();
        return base.ReadJournalAsync(from, rootId, limit, cancellationToken);
    }
}
