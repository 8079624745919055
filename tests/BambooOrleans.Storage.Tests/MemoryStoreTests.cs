using static BambooOrleans.Storage.Tests.Stored;

namespace BambooOrleans.Storage.Tests;

public sealed class MemoryStoreTests : EngineStoreCompliance
{
    private MemoryStore Memory => (MemoryStore)Store;

    protected override IEngineStore Create() => new MemoryStore();

    protected override IEngineStore AfterRestart(IEngineStore closed) => closed;

    protected override IEngineStore Rival(IEngineStore owner) => owner;

    protected override Task<IReadOnlyList<string>> TablesWithAsync(long root) => Task.FromResult<IReadOnlyList<string>>([]);

    [Theory]
    [InlineData(CommitFault.Refused, "store.refused", false)]
    [InlineData(CommitFault.Lost, "store.outcome-unknown", false)]
    [InlineData(CommitFault.Unacknowledged, "store.outcome-unknown", true)]
    public async Task A_fault_decides_what_is_told_and_what_is_kept(CommitFault fault, string code, bool written)
    {
        Memory.BeforeCommit = _ => ValueTask.FromResult(fault);

        StoreUnavailableException failure =
            await Assert.ThrowsAsync<StoreUnavailableException>(() => Commit(Pipeline(1, "root")));

        Assert.Equal(code, failure.Code);
        Assert.Equal(written, await Store.LoadAsync("root", CancellationToken.None) is not null);
    }

    [Fact]
    public async Task A_held_commit_is_not_seen_and_keeps_others_out_until_it_is_let_go()
    {
        TaskCompletionSource<CommitFault> gate = new();
        Memory.BeforeCommit = _ => new ValueTask<CommitFault>(gate.Task);

        Task held = Commit(Pipeline(1, "root"));

        Assert.Empty(await Store.ListAsync(PipelineFilter.All, null, 10, CancellationToken.None));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Commit(Pipeline(2, "other")));
        gate.SetResult(CommitFault.None);
        await held;
        Assert.Equal("root", Assert.Single(await Store.ListAsync(PipelineFilter.All, null, 10, CancellationToken.None)).RootId);
    }

    [Fact]
    public async Task A_commit_held_over_a_close_is_not_written()
    {
        TaskCompletionSource<CommitFault> gate = new();
        Memory.BeforeCommit = _ => new ValueTask<CommitFault>(gate.Task);
        Task held = Commit(Pipeline(1, "root"));

        await Store.DisposeAsync();
        await Store.OpenAsync(CancellationToken.None);
        gate.SetResult(CommitFault.None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => held);
        Assert.Empty(await Store.ListAsync(PipelineFilter.All, null, 10, CancellationToken.None));
    }
}
