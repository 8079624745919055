using BambooOrleans.Storage;

namespace BambooOrleans.Cluster.Tests.Faults;

/// <summary>What becomes of the writes of a cluster's silos. Each part is given the write and what carries it out.</summary>
internal sealed class StorageScript
{
    public Func<GrainWrite, Func<Task>, Task> OnGrainWrite { get; set; } = (_, write) => write();

    public Func<ClusterBatch, Func<Task<DeliveryOutcome>>, CancellationToken, Task<DeliveryOutcome>> OnDeliver { get; set; } =
        (_, deliver, _) => deliver();

    /// <summary>Called before a grain's record is read, a pipeline is held or a submission is taken in: it throws to make that fail.</summary>
    public Action<string> OnOther { get; set; } = _ => { };
}

/// <summary>A write of a grain's record.</summary>
internal readonly record struct GrainWrite(string RootId, string Machine, long Sequence, int Bytes);

/// <summary>What connects one silo to its storage. Once it is cut, nothing comes through and nothing is heard, as if the process were gone.</summary>
internal sealed class Lifeline
{
    private volatile bool _isCut;

    public void Cut() => _isCut = true;

    public async Task ThroughAsync(CancellationToken cancellationToken = default)
    {
        if (_isCut)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }
}
