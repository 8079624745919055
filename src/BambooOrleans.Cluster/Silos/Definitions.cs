using BambooOrleans.Core.Definitions;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace BambooOrleans.Cluster;

/// <summary>
/// The compiled trees that the grains of this silo use. A tree never changes once it was submitted; the least used ones leave
/// memory when those that are kept have too many nodes together.
/// </summary>
internal sealed class Definitions(IClusterStore store, SubmissionCheck check) : IDisposable
{
    private const long NodesMax = 1_000_000;

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = NodesMax });

    /// <exception cref="NotFoundException">There is no such root pipeline.</exception>
    public async ValueTask<Definition> GetAsync(string rootId)
    {
        if (_cache.TryGetValue(rootId, out Definition? known))
        {
            return known!;
        }

        StoredTree tree = await store.ReadTreeAsync(rootId, CancellationToken.None).ConfigureAwait(false)
            ?? throw new NotFoundException($"there is no pipeline {rootId}");
        return Add(tree.Root, await Task.Run(() => check.Compile(tree.Tree.Span, tree.Options.Span)).ConfigureAwait(false));
    }

    public Definition Add(long root, PipelineDefinition pipeline)
    {
        var definition = new Definition(root, pipeline);
        return _cache.Set(pipeline.RootId, definition, new MemoryCacheEntryOptions { Size = pipeline.Nodes.Count + 1 });
    }

    /// <summary>Drops the tree of a root pipeline that was removed.</summary>
    public void Remove(string rootId) => _cache.Remove(rootId);

    /// <summary>Drops what is kept in memory.</summary>
    public void Clear() => _cache.Clear();

    public void Dispose() => _cache.Dispose();
}

/// <summary>A compiled tree and the number of its root pipeline.</summary>
internal sealed record Definition(long Root, PipelineDefinition Pipeline);
