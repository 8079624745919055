using System.Text.Json;
using BambooOrleans.TestPostgres;
using static BambooOrleans.Storage.Tests.Stored;

namespace BambooOrleans.Storage.Tests;

public sealed class PostgresClusterStoreTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private PrivatePostgres _server = null!;
    private string _database = null!;
    private PostgresClusterStore _store = null!;

    public async Task InitializeAsync()
    {
        if (PrivatePostgres.WhyNotAvailable is null)
        {
            _server = await PrivatePostgres.SharedAsync();
            _database = await _server.CreateDatabaseAsync();
            _store = await PostgresClusterStore.OpenAsync(_database, ClusterStates.InTables);
        }
    }

    public async Task DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
            await _server.DropDatabaseAsync(_database);
        }
    }

    [PostgresFact]
    public async Task A_submission_is_awake_in_epoch_one_and_its_ids_lead_to_it()
    {
        long root = await Submit("root", "a", "b\0");

        Assert.Equal(1, root);
        Assert.Equal("root", await _store.FindRootAsync("b\0", None));
        Assert.Equal(new AwakeRoot(1, "root", "host 1"), Assert.Single(await _store.ReadAwakeAsync(0, 10, None)));
        StoredTree? tree = await _store.ReadTreeAsync("root", None);
        Assert.Equal(("tree of root", "options of root"), (Text(tree!.Tree), Text(tree.Options)));
        Assert.Equal((1, "root", Noon), (tree.Root, tree.RootId, tree.CreatedTime));
        Assert.Null(await _store.ReadTreeAsync("a", None));
        Assert.Equal(2, (await _store.HoldAsync("root", "host 2", None))!.Epoch);
    }

    [PostgresFact]
    public async Task A_clash_of_ids_names_the_id_and_leaves_nothing()
    {
        await Submit("first", "shared");

        AlreadyExistsException clash = await Assert.ThrowsAsync<AlreadyExistsException>(() => Submit("second", "fresh", "shared"));

        Assert.Equal("the id shared belongs to a pipeline that was submitted already", clash.Message);
        Assert.Null(await _store.FindRootAsync("fresh", None));
        Assert.Null(await _store.LoadAsync("second", None));
        Assert.Single(await _store.ListAsync(PipelineFilter.All, null, 10, None));
    }

    [PostgresFact]
    public async Task An_id_that_is_given_twice_is_refused()
    {
        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => Submit("root", "a", "a"));

        Assert.Equal("store.refused", refusal.Code);
    }

    [PostgresFact]
    public async Task Of_submissions_with_an_id_in_common_exactly_one_goes_through()
    {
        Task<bool>[] submissions = [.. Enumerable.Range(0, 16).Select(number => Task.Run(async () =>
        {
            // Each names the ids in an order of its own.
            string[] ids = [.. Enumerable.Range(0, 20).Select(id => $"shared {id}").OrderBy(id => id.GetHashCode() ^ number)];
            try
            {
                await Submit($"root {number}", ids);
                return true;
            }
            catch (AlreadyExistsException)
            {
                return false;
            }
        }))];

        Assert.Single(await Task.WhenAll(submissions), won => won);
        Assert.Single(await _store.ListAsync(PipelineFilter.All, null, 100, None));
    }

    [PostgresFact]
    public async Task What_was_delivered_is_there_for_the_next_holder()
    {
        long root = await Submit("root", "node");
        await Deliver(
            Write(root, "root", 1, records: [Record(root, "root", "scope", RecordKind.Scope)], turns: 2),
            Write(
                root, "node", 1, records: [Record(root, "node", "state"), Record(root, "gone", "state")], histories: [History(root, "node", 1)],
                turns: 1, timers: [new TimerWrite("node", Noon)]),
            Write(root, "root", 2, status: new PipelineStatus(root, "FINISHED", Noon), turns: 1),
            Write(root, "node", 2, records: [Record(root, "node", "state 2"), Deleted(root, "gone")]));

        HeldPipeline held = (await _store.HoldAsync("root", "host 2", None))!;

        Assert.Equal((2, 2, true), (held.Epoch, held.Sequence, held.IsAwake));
        Assert.Equal(
            [(RecordKind.Scope, "root", "scope"), (RecordKind.Node, "node", "state 2")],
            held.Stored.Records.Select(record => (record.Kind, record.Key, Text(record.Payload))));
        Assert.Equal("FINISHED", Assert.Single(await _store.ListAsync(PipelineFilter.All, null, 10, None)).State);
        Assert.Single(await _store.ReadHistoriesAsync("root", "node", null, None));
        Assert.Equal(new DueTimer("root", "node", Noon), Assert.Single(await _store.ReadDueAsync(Noon.AddTicks(10), 10, None)));
        JournalRow row = Assert.Single(await _store.ReadJournalAsync(0, null, 10, None));
        Assert.Equal((1, 4), (row.Position, row.Turns));
        Assert.Equal(["root 1.0", "root 1.1", "node 1.0", "root 2.0"], Turns(row));
    }

    [PostgresFact]
    public async Task A_delivery_that_was_made_already_changes_nothing()
    {
        long root = await Submit("root", "node");
        MachineWrite first = Write(
            root, "node", 1, records: [Record(root, "node", "1")], histories: [History(root, "node", 1)], turns: 3,
            timers: [new TimerWrite("node", Noon)]);
        MachineWrite second = Write(root, "node", 2, records: [Record(root, "node", "2")], turns: 2, timers: [new TimerWrite("node", null)]);
        await Deliver(first, second);

        await Deliver(first);
        await Deliver(first, second);
        await Deliver(second, Write(root, "node", 3, records: [Record(root, "other", "3")], turns: 1), Write(root, "root", 1, turns: 1));

        Assert.Equal(["2", "3"], (await _store.LoadAsync("root", None))!.Records.Select(record => Text(record.Payload)));
        Assert.Empty(await _store.ReadDueAsync(Noon.AddDays(1), 10, None));
        Assert.Single(await _store.ReadHistoriesAsync("root", "node", null, None));
        IReadOnlyList<JournalRow> rows = await _store.ReadJournalAsync(0, null, 10, None);
        Assert.Equal([(1, 5), (6, 2)], rows.Select(row => ((int)row.Position, row.Turns)));
        Assert.Equal(
            ["node 1.0", "node 1.1", "node 1.2", "node 2.0", "node 2.1", "node 3.0", "root 1.0"], rows.SelectMany(Turns));
    }

    [PostgresFact]
    public async Task A_write_that_stands_twice_in_a_batch_counts_once()
    {
        long root = await Submit("root");
        MachineWrite write = Write(root, "root", 1, turns: 1);

        await Deliver(write, write);

        Assert.Equal(1, Assert.Single(await _store.ReadJournalAsync(0, null, 10, None)).Turns);
    }

    [PostgresFact]
    public async Task A_delivery_to_a_root_that_is_not_there_is_left_out_and_what_comes_with_it_is_not()
    {
        long root = await Submit("root");

        await Deliver(Write(99, "other", 1, turns: 1), Write(root, "root", 1, records: [Record(root, "a", "x")], turns: 1));

        Assert.Single((await _store.LoadAsync("root", None))!.Records);
        JournalRow row = Assert.Single(await _store.ReadJournalAsync(0, null, 10, None));
        Assert.Equal((1, 1), (row.Position, row.Turns));
    }

    [PostgresFact]
    public async Task A_journal_that_is_no_array_is_refused()
    {
        long root = await Submit("root");

        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => Deliver(new MachineWrite(root, "root", 1, [], [], null, 1, Bytes("{}"), [])));

        Assert.Equal("store.refused", refusal.Code);
    }

    [PostgresFact]
    public async Task Wakes_of_an_epoch_that_is_over_are_left_out_and_given_back()
    {
        long root = await Submit("root");
        long other = await Submit("other");
        await _store.HoldAsync("root", "host 2", None);
        WakeWrite late = new(root, 1, false);
        WakeWrite lateToo = new(root, 1, true, "node");
        WakeWrite unknown = new(99, 1, true);

        IReadOnlyList<WakeWrite> left = await Wake(late, new WakeWrite(other, 1, false), lateToo, unknown);

        Assert.Equal([late, lateToo, unknown], left);
        Assert.Equal(["root"], (await _store.ReadAwakeAsync(0, 10, None)).Select(awake => awake.RootId));
        Assert.Empty(await Wake(new WakeWrite(root, 2, false)));
        Assert.Empty(await _store.ReadAwakeAsync(0, 10, None));
    }

    [PostgresFact]
    public async Task Asked_nodes_gather_until_the_pipeline_goes_to_rest()
    {
        long root = await Submit("root");

        await Wake(new WakeWrite(root, 1, true, "a"), new WakeWrite(root, 1, true), new WakeWrite(root, 1, true, "b\0"));
        await Wake(new WakeWrite(root, 1, true, "a"), new WakeWrite(root, 1, true, "c"));
        Assert.Equal(["a", "b\0", "c"], (await _store.HoldAsync("root", "host", None))!.Asked);

        await Wake(new WakeWrite(root, 2, true, "d"), new WakeWrite(root, 2, false), new WakeWrite(root, 2, true, "e"));
        HeldPipeline held = (await _store.HoldAsync("root", "host", None))!;
        Assert.True(held.IsAwake);
        Assert.Equal(["e"], held.Asked);

        await Wake(new WakeWrite(root, 3, false));
        held = (await _store.HoldAsync("root", "host", None))!;
        Assert.False(held.IsAwake);
        Assert.Empty(held.Asked);
    }

    [PostgresFact]
    public async Task A_revoked_pipeline_that_keeps_tokens_is_over_as_its_wakes_say()
    {
        long root = await Submit("root");
        DateTimeOffset revoked = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        async Task<IEnumerable<DateTimeOffset>> OverAsync() =>
            (await _store.ReadArchivedAsync(DateTimeOffset.MaxValue, null, 10, None)).Select(over => over.ArchivedTime);
        WakeWrite rest = new(root, 1, false);
        WakeWrite wake = new(root, 1, true) { Revoked = new RevokedStatus(null) };

        await Wake(rest);
        Assert.Empty(await OverAsync());
        await Wake(rest with { Revoked = new RevokedStatus(revoked) });
        Assert.Equal([revoked], await OverAsync());
        await Wake(new WakeWrite(root, 1, true), rest);
        Assert.Equal([revoked], await OverAsync());
        await Wake(wake);
        Assert.Empty(await OverAsync());
        await Wake(wake, rest with { Revoked = new RevokedStatus(revoked) }, new WakeWrite(root, 1, true));
        Assert.Equal([revoked], await OverAsync());
    }

    [PostgresFact]
    public async Task Awake_roots_come_in_pages_of_all_hosts_or_of_one()
    {
        for (int i = 0; i < 10; i++)
        {
            await Submit($"root {i}", i % 2 == 0 ? "even" : "odd", []);
        }

        await Wake(new WakeWrite(5, 1, false));

        Assert.Equal([1, 2, 3, 4], (await _store.ReadAwakeAsync(0, 4, None)).Select(awake => awake.Root));
        Assert.Equal([6, 7, 8, 9], (await _store.ReadAwakeAsync(4, 4, None)).Select(awake => awake.Root));
    }

    [PostgresFact]
    public async Task Due_timers_come_earliest_first_up_to_the_limit()
    {
        long root = await Submit("root");
        await Deliver(Write(root, "root", 1, timers:
            [new TimerWrite("c", Noon.AddSeconds(3)), new TimerWrite("a", Noon.AddSeconds(1)), new TimerWrite("b", Noon.AddSeconds(2))]));
        await Deliver(Write(root, "root", 2, timers: [new TimerWrite("a", Noon.AddSeconds(4)), new TimerWrite("c", null)]));

        Assert.Equal(["b", "a"], (await _store.ReadDueAsync(Noon.AddSeconds(5), 10, None)).Select(timer => timer.Id));
        Assert.Equal(["b"], (await _store.ReadDueAsync(Noon.AddSeconds(4), 10, None)).Select(timer => timer.Id));
        Assert.Equal(["b"], (await _store.ReadDueAsync(Noon.AddSeconds(5), 1, None)).Select(timer => timer.Id));
    }

    [PostgresFact]
    public async Task A_pipeline_that_is_not_there_cannot_be_held()
    {
        Assert.Null(await _store.HoldAsync("nowhere", "host", None));
        Assert.Null(await _store.HoldAsync("a\uD83C", "host", None));
    }

    [PostgresFact]
    public async Task Deliveries_of_several_silos_leave_no_gap_and_no_reader_sees_one()
    {
        const int Silos = 3;
        const int Rounds = 60;
        long root = await Submit("root", [.. Enumerable.Range(0, Silos).Select(silo => $"node {silo}")]);
        long shared = await Submit("shared");
        using CancellationTokenSource ended = new();
        Task<int> reader = Task.Run(async () =>
        {
            int reads = 0;
            while (!ended.IsCancellationRequested)
            {
                AssertWithoutGap(await _store.ReadJournalAsync(0, null, 10_000, None));
                reads++;
            }

            return reads;
        });
        await Task.WhenAll(Enumerable.Range(0, Silos).Select(silo => Task.Run(async () =>
        {
            await using PostgresClusterStore store = await PostgresClusterStore.OpenAsync(_database, ClusterStates.InTables);
            for (int round = 1; round <= Rounds; round++)
            {
                ClusterBatch batch = new();
                batch.Writes.Add(Write(
                    root, $"node {silo}", round, records: [Record(root, $"node {silo}", $"{round}")], turns: 1 + (round % 3)));

                // One machine that all silos deliver for, as after a hand-over.
                batch.Writes.Add(Write(shared, "shared", round, records: [Record(shared, "shared", $"{round}")], turns: 1));
                batch.Wakes.Add(new WakeWrite(silo % 2 == 0 ? root : shared, 1, true, $"node {silo}"));
                batch.Wakes.Add(new WakeWrite(silo % 2 == 0 ? shared : root, 1, true));
                Assert.Empty((await store.DeliverAsync(batch, None)).LeftOut);
            }
        })));
        await ended.CancelAsync();

        Assert.True(await reader > 0);
        IReadOnlyList<JournalRow> rows = await _store.ReadJournalAsync(0, null, 10_000, None);
        AssertWithoutGap(rows);
        string[] turns = [.. rows.SelectMany(Turns)];
        for (int silo = 0; silo < Silos; silo++)
        {
            Assert.Equal(
                Enumerable.Range(1, Rounds).SelectMany(round => Enumerable.Range(0, 1 + (round % 3)).Select(turn => $"node {silo} {round}.{turn}")),
                turns.Where(turn => turn.StartsWith($"node {silo} ")));
        }

        Assert.Equal(
            Enumerable.Range(1, Rounds).Select(round => $"shared {round}.0"), turns.Where(turn => turn.StartsWith("shared ")));
        Assert.Equal($"{Rounds}", Text(Assert.Single((await _store.LoadAsync("shared", None))!.Records).Payload));
    }

    [PostgresFact]
    public async Task Records_alone_do_not_wait_for_a_delivery_with_turns()
    {
        long root = await Submit("root", "node");
        await using Npgsql.NpgsqlConnection slow = new(_database);
        await slow.OpenAsync();
        await using Npgsql.NpgsqlTransaction transaction = await slow.BeginTransactionAsync();
        await using (Npgsql.NpgsqlCommand hold = new("UPDATE bamboo_counters SET next_position = next_position", slow))
        {
            await hold.ExecuteNonQueryAsync();
        }

        Task turns = Deliver(Write(root, "root", 1, turns: 1));
        await Deliver(Write(root, "node", 1, records: [Record(root, "node", "x")]));
        await Wake(new WakeWrite(root, 1, true, "node"));

        Assert.False(turns.IsCompleted);
        await transaction.RollbackAsync();
        await turns;
    }

    [PostgresFact]
    public async Task Silos_and_an_embedded_engine_keep_each_other_out()
    {
        await using PostgresStore engine = new(new PostgresStoreOptions { ConnectionString = _database });
        await AssertInUse(() => engine.OpenAsync(None));

        await _store.DisposeAsync();
        await engine.OpenAsync(None);
        await AssertInUse(() => PostgresClusterStore.OpenAsync(_database, ClusterStates.InTables));
    }

    [PostgresFact]
    public async Task A_cluster_goes_on_where_an_embedded_engine_stopped_and_back()
    {
        await _store.DisposeAsync();
        await using (PostgresStore engine = new(new PostgresStoreOptions { ConnectionString = _database }))
        {
            await engine.OpenAsync(None);
            await engine.CommitAsync(Batch(Pipeline(1, "one"), Pipeline(7, "seven"), Stored.Turns(7, 1, 5)), None);
        }

        _store = await PostgresClusterStore.OpenAsync(_database, ClusterStates.InTables);
        Assert.Equal(8, await Submit("eight"));
        await Deliver(Write(8, "eight", 1, turns: 2));
        Assert.Equal([1, 6], (await _store.ReadJournalAsync(0, null, 10, None)).Select(row => row.Position));
        await _store.DisposeAsync();

        await using PostgresStore again = new(new PostgresStoreOptions { ConnectionString = _database });
        Assert.Equal(new StoreOpening(9, 8), await again.OpenAsync(None));
    }

    [PostgresFact]
    public async Task States_that_stand_elsewhere_are_not_taken_over_while_a_pipeline_is_unfinished()
    {
        long root = await Submit("root", "node");
        await _store.DisposeAsync();
        await AssertOtherStates(() => PostgresClusterStore.OpenAsync(_database, ClusterStates.InGrainStorage));

        _store = await PostgresClusterStore.OpenAsync(_database, ClusterStates.InTables);
        await Deliver(Write(root, "root", 1, status: new PipelineStatus(root, "FINISHED", DateTimeOffset.UnixEpoch)));
        await _store.DisposeAsync();
        _store = await PostgresClusterStore.OpenAsync(_database, ClusterStates.InGrainStorage);
        await Submit("other");
        await _store.DisposeAsync();
        await AssertOtherStates(() => PostgresClusterStore.OpenAsync(_database, ClusterStates.InTables));
        await using PostgresStore engine = new(new PostgresStoreOptions { ConnectionString = _database });
        await AssertOtherStates(() => engine.OpenAsync(None));

        _store = await PostgresClusterStore.OpenAsync(_database, ClusterStates.InGrainStorage);
    }

    [PostgresFact]
    public async Task A_silo_of_an_earlier_cluster_that_comes_back_after_an_embedded_engine_writes_nothing()
    {
        long root = await Submit("root", "node");
        await Deliver(Write(root, "node", 1, records: [Record(root, "node", "old")]) with { IsFenced = true });
        await Deliver(Write(root, "node", 2, timers: [new TimerWrite("node", DateTimeOffset.UnixEpoch)]));
        await _store.DisposeAsync();
        await using (PostgresStore engine = new(new PostgresStoreOptions { ConnectionString = _database }))
        {
            await engine.OpenAsync(None);
        }

        _store = await PostgresClusterStore.OpenAsync(_database, ClusterStates.InTables);
        Assert.Empty(await _store.ReadDueAsync(DateTimeOffset.MaxValue, 10, None));
        MachineWrite late = Write(root, "node", 3, records: [Record(root, "node", "late")]) with { IsFenced = true };
        Assert.Same(late, Assert.Single(await Deliver(late)));
        Assert.Equal(3, (await _store.ReadMachineAsync("node", None))!.Sequence);
    }

    [PostgresFact]
    public async Task A_finished_pipeline_at_rest_is_removed_with_all_its_rows_and_its_ids_are_free_at_the_last()
    {
        string empty = string.Join('\n', await _store.ReadStatisticsAsync(None));
        DateTimeOffset time = DateTimeOffset.UnixEpoch;
        long root = await Submit("root", "node", "other\0node");
        await Deliver(
            Write(
                root, "node", 1, [Record(root, "node", "x")], [new HistoryWrite(root, "node", 1, 1, "{}"u8.ToArray())],
                new PipelineStatus(root, "FINISHED", time), turns: 1, timers: [new TimerWrite("node", time)]));
        Assert.Empty(await _store.ReadArchivedAsync(time, null, 10, None));
        Assert.Equal(root, Assert.Single(await _store.ReadArchivedAsync(time.AddTicks(10), null, 10, None)).Root);

        await _store.RemoveAsync([root], None);
        Assert.Empty(await _store.ReadRemovedAsync(10, None)); // it is awake

        await Wake(new WakeWrite(root, 1, false));
        await _store.RemoveAsync([root], None);
        Assert.Null(await _store.LoadAsync("root", None));
        RemovedRoot removed = Assert.Single(await _store.ReadRemovedAsync(10, None));
        Assert.Equal((root, "root"), (removed.Root, removed.RootId));
        Assert.Equal(["node", "other\0node", "root"], removed.Ids.Order(StringComparer.Ordinal));

        // What comes late for it is delivered as far as that goes, and holds up nobody.
        long next = await Submit("next");
        MachineWrite late = Write(root, "node", 2, turns: 1) with { IsFenced = true };
        Assert.Same(late, Assert.Single(await Deliver(late, Write(root, "root", 1, turns: 1), Write(next, "next", 1, turns: 1))));
        Assert.Single(await _store.ReadJournalAsync(0, "next", 10, None));

        Assert.Equal(0, await _store.RemoveRowsAsync([next], 10, None));
        int rows = 0;
        while (await _store.RemoveRowsAsync([root], 1, None) is > 0 and int gone)
        {
            rows += gone;
            Assert.Equal(await _store.ReadRemovedAsync(10, None) is { Count: 0 }, await _store.FindClaimedAsync(["root"], None) is { Count: 0 });
        }

        Assert.InRange(rows, 5, 100);
        await Deliver(Write(next, "next", 2, status: new PipelineStatus(next, "FINISHED", time)));
        await Wake(new WakeWrite(next, 1, false));
        await _store.RemoveAsync([next], None);
        await _store.RemoveRowsAsync([next], 100, None);
        Assert.Equal(empty, string.Join('\n', await _store.ReadStatisticsAsync(None)));
        await Submit("root", "node");
    }

    private static async Task AssertOtherStates(Func<Task> call) =>
        Assert.Equal("store.other-states", (await Assert.ThrowsAsync<StoreUnavailableException>(call)).Code);

    private static void AssertWithoutGap(IReadOnlyList<JournalRow> rows)
    {
        long next = 1;
        foreach (JournalRow row in rows)
        {
            Assert.Equal(next, row.Position);
            next += row.Turns;
        }
    }

    private static async Task AssertInUse(Func<Task> call) =>
        Assert.Equal("store.in-use", (await Assert.ThrowsAsync<StoreUnavailableException>(call)).Code);

    private static MachineWrite Write(
        long root, string machine, long sequence, RecordWrite[]? records = null, HistoryWrite[]? histories = null, PipelineStatus? status = null,
        int turns = 0, TimerWrite[]? timers = null) => new(
        root, machine, sequence, records ?? [], histories ?? [], status, turns,
        turns == 0
            ? default
            : JsonSerializer.SerializeToUtf8Bytes(Enumerable.Range(0, turns).Select(turn => new { machine, events = new[] { $"{sequence}.{turn}" } })),
        timers ?? []);

    private static string[] Turns(JournalRow row)
    {
        using JsonDocument turns = JsonDocument.Parse(row.Payload);
        Assert.Equal(row.Turns, turns.RootElement.GetArrayLength());
        return [.. turns.RootElement.EnumerateArray().Select(turn =>
            $"{turn.GetProperty("machine").GetString()} {turn.GetProperty("events")[0].GetString()}")];
    }

    [PostgresFact]
    public async Task Of_two_fenced_writes_with_one_sequence_the_second_is_a_conflict_and_the_others_of_its_batch_are_kept()
    {
        long root = await Submit("p", "a", "b");
        MachineWrite first = Write(root, "a", 1, records: [Record(root, "a", "first")], turns: 1) with { IsFenced = true };
        MachineWrite second = Write(root, "a", 1, records: [Record(root, "a", "second")], turns: 1) with { IsFenced = true };
        MachineWrite other = Write(root, "b", 1, records: [Record(root, "b", "other")], turns: 1) with { IsFenced = true };

        Assert.Empty(await Deliver(first));
        Assert.Same(second, Assert.Single(await Deliver(second, other)));
        MachineWrite twin = Write(root, "b", 2, turns: 1) with { IsFenced = true };
        Assert.Same(twin, Assert.Single(await Deliver(Write(root, "b", 2, turns: 1) with { IsFenced = true }, twin)));

        StoredMachine a = (await _store.ReadMachineAsync("a", None))!;
        Assert.Equal(("p", root, 1L, "first"), (a.RootId, a.Root, a.Sequence, System.Text.Encoding.UTF8.GetString(a.State.Span)));
        Assert.Null(a.Data);
        await Deliver(Write(root, "a", 2, records: [new RecordWrite(RecordKind.Data, root, "a", "large"u8.ToArray())]));
        Assert.Equal("large", System.Text.Encoding.UTF8.GetString((await _store.ReadMachineAsync("a", None))!.Data!.Value.Span));
        Assert.Equal(2L, (await _store.ReadMachineAsync("b", None))!.Sequence);
        Assert.Null(await _store.ReadMachineAsync("p", None));
        Assert.Null(await _store.ReadMachineAsync("nobody", None));
    }

    private Task<long> Submit(string rootId, params string[] otherIds) => Submit(rootId, "host 1", otherIds);

    private Task<long> Submit(string rootId, string host, string[] otherIds) => _store.SubmitAsync(
        new ClusterSubmission(
            rootId, Bytes($"tree of {rootId}"), Bytes($"options of {rootId}"), [rootId, .. otherIds], "RUNNING", Noon, host,
            $"Name of {rootId}"),
        None);

    private async Task<IReadOnlyList<MachineWrite>> Deliver(params MachineWrite[] writes)
    {
        ClusterBatch batch = new();
        batch.Writes.AddRange(writes);
        return (await _store.DeliverAsync(batch, None)).Conflicts;
    }

    private async Task<IReadOnlyList<WakeWrite>> Wake(params WakeWrite[] wakes)
    {
        ClusterBatch batch = new();
        batch.Wakes.AddRange(wakes);
        return (await _store.DeliverAsync(batch, None)).LeftOut;
    }
}
