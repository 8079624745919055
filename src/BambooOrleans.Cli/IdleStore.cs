using BambooOrleans.Storage;

namespace BambooOrleans.Cli;

/// <summary>
/// A store in which an engine finds no work to go on with: for commands that only show, which then commit nothing, and for
/// those that change one pipeline without having anything run.
/// </summary>
internal sealed class IdleStore(IEngineStore store, bool takesCommits) : StoreDecorator(store)
{
    public override Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken) => takesCommits
        ? base.CommitAsync(batch, cancellationToken)
        : throw new StoreUnavailableException("store.refused", "this command only reads");

    public override Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    public override Task<int> RemoveRowsAsync(int rowsMax, CancellationToken cancellationToken) =>
        takesCommits ? base.RemoveRowsAsync(rowsMax, cancellationToken) : Task.FromResult(0);
}
