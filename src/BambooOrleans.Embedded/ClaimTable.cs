using System.Collections.Concurrent;
using BambooOrleans.Storage;

namespace BambooOrleans.Embedded;

/// <summary>
/// Keeps two submissions from taking the same ids. A submission holds its ids here from before it looks into the store until
/// it is durable or refused; the store's unique key is the last guard.
/// </summary>
internal sealed class ClaimTable(IEngineStore store)
{
    private readonly ConcurrentDictionary<string, byte> _held = new(StringComparer.Ordinal);

    /// <exception cref="AlreadyExistsException">An id is taken; none is held.</exception>
    public async Task HoldAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var held = new List<string>(ids.Count);
        foreach (string id in ids)
        {
            if (!_held.TryAdd(id, 0))
            {
                Release(held);
                throw Taken(id);
            }

            held.Add(id);
        }

        try
        {
            IReadOnlyList<string> taken = await store.FindClaimedAsync(ids, cancellationToken).ConfigureAwait(false);
            if (taken.Count > 0)
            {
                throw Taken(taken[0]);
            }
        }
        catch
        {
            Release(held);
            throw;
        }
    }

    public void Release(IEnumerable<string> ids)
    {
        foreach (string id in ids)
        {
            _held.TryRemove(id, out _);
        }
    }

    private static AlreadyExistsException Taken(string id) => new($"the id {id} belongs to a pipeline that was submitted already");
}
