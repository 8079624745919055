using System.Collections.Concurrent;
using BambooOrleans.Components;
using System.Globalization;
using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Embedded;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;
using Orleans.Storage;
using Orleans.TestingHost;

namespace BambooOrleans.Cluster.Tests;

/// <summary>
/// A pipeline with an activity of each kind of wait, gateways, and a sub-process comes to the same end whatever happens at
/// whichever of its writes. There is a pipeline for each of its writes, and all meet their fault in one cluster.
/// </summary>
public abstract class CrashTests(StorageKind storage) : IAsyncLifetime
{
    /// <summary>With grain states in Orleans' ADO.NET storage.</summary>
    public sealed class AdoNet() : CrashTests(StorageKind.AdoNet);

    /// <summary>With grain states in the engine's own tables.</summary>
    public sealed class GroupCommit() : CrashTests(StorageKind.GroupCommit);

    private readonly ConcurrentDictionary<int, int> _writes = new();
    private string _undisturbed = "";
    private string _undisturbedJournal = "";

    public enum Fault
    {
        Refused,
        WrittenButReportedFailed,
        Conflict,
        ConflictAfterWrite,
    }

    public enum Death
    {
        BeforeTheWrite,
        AfterTheWrite,
        AfterItsDelivery,
    }

    public async Task InitializeAsync()
    {
        var store = new MemoryStore();
        var bench = new Workbench();
        Fail(bench, 0);
        await using EmbeddedEngine engine = await Engines.OpenAsync(store, bench);
        await Operator.SubmitAsync(() => engine, Tree(0).Build());
        await Operator.FinishAsync(() => engine, $"p{Mark(0)}");
        _undisturbed = await DescribeAsync(engine, 0);
        _undisturbedJournal = await Journals.DescribeAsync(store, $"p{Mark(0)}", Mark(0));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [PostgresFact]
    public async Task Undisturbed_it_comes_to_the_end_of_an_embedded_engine()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 1);
        await CountAsync(silos);
        await CheckAsync(silos, [0]);
    }

    [PostgresTheory]
    [InlineData(Fault.Refused)]
    [InlineData(Fault.WrittenButReportedFailed)]
    [InlineData(Fault.Conflict)]
    [InlineData(Fault.ConflictAfterWrite)]
    public async Task A_write_of_a_grain_that_fails_changes_nothing_of_the_end(Fault fault)
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2);
        int[] cases = [.. Enumerable.Range(1, await CountAsync(silos))];
        silos.Script.OnGrainWrite = async (write, go) =>
        {
            int number = CaseOf(write.RootId);
            bool isNow = Count(number) == number;
            if (!isNow || fault is Fault.WrittenButReportedFailed or Fault.ConflictAfterWrite)
            {
                await go();
            }

            if (isNow)
            {
                throw fault is Fault.Conflict or Fault.ConflictAfterWrite
                    ? new InconsistentStateException("another activation was ahead")
                    : new TimeoutException("the database does not answer");
            }
        };

        await RunAsync(silos, cases);
        await CheckAsync(silos, cases);
    }

    [PostgresFact]
    public async Task Deliveries_reads_and_claims_that_fail_change_nothing_of_the_end()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2);
        int[] cases = [.. Enumerable.Range(1, 20)];

        // Drawn, and not in turn: with every fourth the retries of one pipeline can fall in step with what fails, for good.
        var random = new Random(1);
        var others = new ConcurrentDictionary<string, bool>();
        silos.Script.OnDeliver = async (_, deliver, _) =>
        {
            int number;
            lock (random)
            {
                number = random.Next(4);
            }

            DeliveryOutcome outcome = number == 1 ? DeliveryOutcome.Whole : await deliver();
            return number is 1 or 2 ? throw new StoreUnavailableException("store.unavailable", "the connection broke") : outcome;
        };
        silos.Script.OnOther = what =>
        {
            // Each fails the first time.
            if (CaseOf(what) > 0 && others.TryAdd(what, true))
            {
                throw new StoreUnavailableException("store.unavailable", "the connection broke");
            }
        };

        await RunAsync(silos, cases);
        await CheckAsync(silos, cases);
    }

    [PostgresTheory]
    [InlineData(Death.BeforeTheWrite)]
    [InlineData(Death.AfterTheWrite)]
    [InlineData(Death.AfterItsDelivery)]
    public async Task A_silo_that_dies_at_a_write_of_a_grain_changes_nothing_of_the_end(Death death)
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 1);
        int[] cases = [.. Enumerable.Range(1, await CountAsync(silos))];
        Dictionary<int, TaskCompletionSource> reached = cases.ToDictionary(number => number, _ => NewCompletion());
        Dictionary<int, TaskCompletionSource> written = cases.ToDictionary(number => number, _ => NewCompletion());
        TaskCompletionSource held = NewCompletion();
        TaskCompletionSource delivered = NewCompletion();
        TaskCompletionSource died = NewCompletion();
        bool isDead = false, holdsDeliveries = false;
        silos.Script.OnGrainWrite = async (write, go) =>
        {
            int number = CaseOf(write.RootId);
            if (Volatile.Read(ref isDead) || Count(number) < number)
            {
                await go();
                return;
            }

            // The whole pipeline stands still from this write on, until all stand so.
            bool isLater = held.Task.IsCompleted;
            reached[number].TrySetResult();
            await held.Task;
            if (storage == StorageKind.GroupCommit && isLater)
            {
                await died.Task;
            }

            await go();
            written[number].TrySetResult();
            if (storage == StorageKind.GroupCommit && death == Death.AfterTheWrite)
            {
                // There is no delivery to be lost: it is the silo that never hears of its write.
                await Task.Delay(Timeout.Infinite);
            }
        };
        silos.Script.OnDeliver = async (_, deliver, cancellationToken) =>
        {
            if (storage == StorageKind.GroupCommit || !Volatile.Read(ref holdsDeliveries) || Volatile.Read(ref isDead))
            {
                return await deliver();
            }

            if (death == Death.AfterItsDelivery)
            {
                await deliver();
                delivered.TrySetResult();
            }

            await died.Task.WaitAsync(cancellationToken);
            return await deliver();
        };

        Task run = RunAsync(silos, cases);
        Task finished = Task.WhenAll(cases.Select(number => reached[number].Task)).WaitAsync(Operator.Patience);
        await await Task.WhenAny(run, finished);
        await finished;

        InProcessSiloHandle first = silos.Cluster.Silos[0];
        if (death != Death.BeforeTheWrite)
        {
            Volatile.Write(ref holdsDeliveries, true);
            held.SetResult();
            await Task.WhenAll(cases.Select(number => written[number].Task)).WaitAsync(Operator.Patience);
            if (death == Death.AfterItsDelivery && storage == StorageKind.AdoNet)
            {
                await delivered.Task.WaitAsync(Operator.Patience);
            }
        }

        await silos.Cluster.StartAdditionalSiloAsync();
        silos.Kill(first);

        // What was held comes through now where it was not the dead silo's.
        Volatile.Write(ref isDead, true);
        died.SetResult();
        held.TrySetResult();
        await run;
        await CheckAsync(silos, cases);
    }

    private static string Mark(int number) => $"_k{number}_";

    private static int CaseOf(string text)
    {
        int start = text.IndexOf("_k", StringComparison.Ordinal);
        return start < 0 ? -1 : int.Parse(text[(start + 2)..text.IndexOf('_', start + 2)], CultureInfo.InvariantCulture);
    }

    private static TaskCompletionSource NewCompletion() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TreeSketch Tree(int number)
    {
        string mark = Mark(number);
        string Of(string id) => $"{id}{mark}";
        TreeSketch inner = new TreeSketch(Of("sp"), Of("s"), Of("e")).Flow(Of("s"), Of("y"), Of("e"))
            .Activity(Of("y"), "ok", ("in", "${k}")).Fill("${o}", Of("y"), "in").Outputs("${o}");
        return new TreeSketch(Of("p"), Of("start"), Of("end"))
            .Flow(Of("start"), Of("a"), Of("pg"), Of("b"), Of("cg"), Of("eg"), Of("w"), Of("sp"), Of("f"), Of("end"))
            .Flow(Of("pg"), Of("c"), Of("cg")).Flow(Of("eg"), Of("f"))
            .When(Of("eg"), Of("w"), "${v} == 7").When(Of("eg"), Of("f"), "${v} == 8")
            .Activity(Of("a"), "ok", ("out", 7)).Activity(Of("w"), "wait")
            .Fill("${v}", Of("a"), "out").Fill("${called}", Of("w"), "data").Fill("${o}", Of("sp"), "${o}").Outputs("${called}", "${o}")
            .Sub(Of("sp"), inner, ("${k}", "${v}"));
    }

    // The last activity fails at its first attempt, however often that is run.
    private static void Fail(Workbench bench, int number)
    {
        string? first = null;
        bench.Executions[$"f{Mark(number)}"] = (context, _) =>
        {
            Interlocked.CompareExchange(ref first, context.Version, null);
            return Task.FromResult<ComponentResult>(context.Version != first);
        };
    }

    private static async Task<string> DescribeAsync(IBambooEngine engine, int number) => string.Join(
        '\n', (await engine.Describe($"p{Mark(number)}")).Select(line => line.Replace(Mark(number), "", StringComparison.Ordinal)));

    private int Count(int number) => _writes.AddOrUpdate(number, 1, (_, count) => count + 1);

    // How many writes it makes, and a few more, as writes share more or less.
    private async Task<int> CountAsync(ScriptedSilos silos)
    {
        silos.Script.OnGrainWrite = (write, go) =>
        {
            Count(CaseOf(write.RootId));
            return go();
        };
        await RunAsync(silos, [0]);
        return _writes[0];
    }

    private static async Task RunAsync(ScriptedSilos silos, int[] cases)
    {
        Task all = Task.WhenAll(cases.Select(async number =>
        {
            Fail(silos.Bench, number);
            await Operator.SubmitAsync(() => silos.Engine, Tree(number).Build());
            await Operator.FinishAsync(() => silos.Engine, $"p{Mark(number)}");
        }));
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.True(all.IsCompletedSuccessfully, string.Join('\n', all.Exception?.InnerExceptions.Select(failure => failure.Message) ?? []));
    }

    private async Task CheckAsync(ScriptedSilos silos, int[] cases)
    {
        foreach (int number in cases)
        {
            Assert.Equal($"case {number}\n{_undisturbed}", $"case {number}\n{await DescribeAsync(silos.Engine, number)}");
            Assert.Equal(
                $"case {number}\n{_undisturbedJournal}",
                $"case {number}\n{await Journals.DescribeAsync(silos.Store, $"p{Mark(number)}", Mark(number))}");
        }
    }
}
