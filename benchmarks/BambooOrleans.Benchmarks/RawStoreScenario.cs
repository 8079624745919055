using System.Diagnostics;
using BambooOrleans.Storage;

namespace BambooOrleans.Benchmarks;

/// <summary>
/// The store alone: one state row and one journal row for each step, of the sizes that a step of the engine has. What an
/// engine on this store cannot be faster than by much.
/// </summary>
internal sealed record RawStoreScenario(string Name, int Commits, int StepsPerCommit) : Scenario(Name)
{
    /// <summary>The scenario that all others are compared with.</summary>
    public const string ComparedName = "raw-64";

    private const int StateBytes = 1500;
    private const int JournalBytes = 300;

    protected override async Task<Result> MeasureAsync(CountingStore store)
    {
        await using (store.ConfigureAwait(false))
        {
            StoreOpening opening = await store.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            long root = opening.NextRoot;
            var submission = new CommitBatch();
            submission.Pipelines.Add(new NewPipeline(
                root, Trees.NewId("p"), "{}"u8.ToArray(), "{}"u8.ToArray(), [], "RUNNING", DateTimeOffset.UtcNow, null));
            await store.CommitAsync(submission, CancellationToken.None).ConfigureAwait(false);
            long steps = (long)Commits * StepsPerCommit;
            string[] keys = [.. Enumerable.Range(0, (int)steps).Select(_ => Trees.NewId("n"))];
            byte[] state = Text(StateBytes);
            byte[] journal = Text(JournalBytes);
            return await MeasureAsync(steps, store, async () =>
            {
                var latencies = new TimeSpan[Commits];
                long position = opening.NextPosition;
                for (int commit = 0; commit < Commits; commit++)
                {
                    long start = Stopwatch.GetTimestamp();
                    var batch = new CommitBatch();
                    for (int step = 0; step < StepsPerCommit; step++)
                    {
                        string key = keys[(commit * StepsPerCommit) + step];
                        batch.Records.Add(new RecordWrite(RecordKind.Node, root, key, state));
                        batch.Journal.Add(new JournalWrite(position++, 1, root, journal));
                    }

                    await store.CommitAsync(batch, CancellationToken.None).ConfigureAwait(false);
                    latencies[commit] = Stopwatch.GetElapsedTime(start);
                }

                return latencies;
            }).ConfigureAwait(false);
        }
    }

    private static byte[] Text(int bytes)
    {
        byte[] text = new byte[bytes];
        Array.Fill(text, (byte)'x');
        return text;
    }
}
