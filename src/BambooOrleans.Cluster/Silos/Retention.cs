using BambooOrleans.Storage;
using Orleans.Runtime;
using Orleans.Storage;

namespace BambooOrleans.Cluster;

/// <summary>
/// Removes finished pipelines with everything that is kept of them: the shared tables, the states of their grains, and what silos
/// hold in memory. The keeper runs it, so that one silo at a time does.
/// </summary>
/// <remarks>
/// First a pipeline is out of sight, in one commit. Then every silo forgets its tree, its grains go out of memory and their states
/// out of storage. Its rows go last, a few hundred at a time, and the last of them are its ids: where anything fails
/// in between, the next run goes on with it, as the ids still say which states there may be.
/// </remarks>
internal sealed class Retention(SiloParts silo, IGrainFactory grains, ISiloStatusOracle membership, TimeSpan kept)
{
    private const int PageSize = 100;
    private const int RowsMax = 500;
    private const int CallsAtOnce = 32;

    /// <summary>Removes what finished long enough ago, and what an earlier run has left half done.</summary>
    /// <returns>How many pipelines are gone.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        int count = await FinishAsync(cancellationToken);
        ArchivedRoot? last = null;
        while (true)
        {
            IReadOnlyList<ArchivedRoot> page = await silo.Store.ReadArchivedAsync(
                silo.Time.GetUtcNow() - kept, last, PageSize, cancellationToken);
            if (page.Count == 0)
            {
                return count;
            }

            await silo.Store.RemoveAsync([.. page.Select(root => root.Root)], cancellationToken);
            count += await FinishAsync(cancellationToken);
            last = page[^1];
        }
    }

    private async Task<int> FinishAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<RemovedRoot> removed = await silo.Store.ReadRemovedAsync(PageSize, cancellationToken);
        if (removed.Count == 0)
        {
            return 0;
        }

        await ForgetTreesAsync(removed);
        foreach (RemovedRoot root in removed)
        {
            await ForgetAsync(root, cancellationToken);
        }

        // Once more: one of them may have been read while it went out of sight.
        await ForgetTreesAsync(removed);
        long[] roots = [.. removed.Select(root => root.Root)];
        while (true)
        {
            // Half of the time is the pipelines': the next step waits as long as this one took.
            long begin = silo.Time.GetTimestamp();
            if (await silo.Store.RemoveRowsAsync(roots, RowsMax, cancellationToken) == 0)
            {
                return removed.Count;
            }

            await Task.Delay(silo.Time.GetElapsedTime(begin), silo.Time, cancellationToken);
        }
    }

    private async Task ForgetTreesAsync(IReadOnlyList<RemovedRoot> removed)
    {
        string[] rootIds = [.. removed.Select(root => root.RootId)];
        foreach (SiloAddress address in membership.GetApproximateSiloStatuses(onlyActive: true).Keys)
        {
            await silo.ExecutionsClient.ForgetAsync(address, rootIds);
        }
    }

    private Task ForgetAsync(RemovedRoot root, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        root.Ids,
        new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellationToken, TaskScheduler = TaskScheduler.Current },
        async (id, _) =>
        {
            if (id == root.RootId)
            {
                await grains.GetGrain<IPipelineGrain>(id).ForgetAsync();
                await ClearAsync(PipelineGrain.Name, id);
            }
            else
            {
                // A sub-process has a grain that forwards, and no state.
                await grains.GetGrain<IPipelineGrain>(id).ForgetAsync();
                await grains.GetGrain<INodeGrain>(id).ForgetAsync();
                await ClearAsync(NodeGrain.Name, id);
            }
        });

    private async Task ClearAsync(string stateName, string id)
    {
        if (silo.KeepsStateInTables)
        {
            return;
        }

        var record = new GrainState<GrainRecord>(new GrainRecord());
        GrainId key = MachineGrain.StorageKey(stateName, id);
        await silo.Storage.ReadStateAsync(stateName, key, record);
        if (record.RecordExists)
        {
            await silo.Storage.ClearStateAsync(stateName, key, record);
        }
    }
}
