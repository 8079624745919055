using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Embedded;

/// <summary>
/// A batch with what may happen once it is durable: answers to callers and calls of user code. Persist, then release: until
/// then nothing outside the engine sees what was decided.
/// </summary>
/// <param name="number">The batch's number, rising.</param>
internal sealed class Commit(long number)
{
    private readonly List<Action<Exception?>> _releases = [];

    public long Number { get; } = number;

    public CommitBatch Batch { get; } = new();

    /// <summary>The ids of the pipelines that the batch removes.</summary>
    public List<string> Removed { get; } = [];

    /// <summary>What its facts are to be traced and measured as; null where nobody wants to know.</summary>
    public TurnNotes? Notes { get; set; }

    public bool IsEmpty => Batch.IsEmpty && _releases.Count == 0;

    /// <summary>Adds something that is to be called when the outcome is known, with the error where it failed.</summary>
    public void OnOutcome(Action<Exception?> release) => _releases.Add(release);

    public void Release(Exception? failure)
    {
        if (failure is null)
        {
            Notes?.Release();
        }

        foreach (Action<Exception?> release in _releases)
        {
            release(failure);
        }
    }
}
