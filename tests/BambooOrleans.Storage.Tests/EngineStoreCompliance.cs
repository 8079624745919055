using static BambooOrleans.Storage.Tests.Stored;

namespace BambooOrleans.Storage.Tests;

/// <summary>What every store has to do, whatever it keeps its rows in; a class per store derives from this.</summary>
public abstract partial class EngineStoreCompliance : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    protected IEngineStore Store { get; private set; } = null!;

    protected StoreOpening Opening { get; private set; } = null!;

    /// <summary>A store that keeps nothing yet, to be opened.</summary>
    protected abstract IEngineStore Create();

    /// <summary>What a new process would open after <paramref name="closed"/>.</summary>
    protected abstract IEngineStore AfterRestart(IEngineStore closed);

    /// <summary>The names of the tables in which a row has this root number, beside those that statistics know.</summary>
    protected abstract Task<IReadOnlyList<string>> TablesWithAsync(long root);

    /// <summary>Another engine's way to the same store, while the first has it open.</summary>
    protected abstract IEngineStore Rival(IEngineStore owner);

    public virtual async Task InitializeAsync()
    {
        Store = Create();
        Opening = await Store.OpenAsync(None);
    }

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    [ComplianceFact]
    public void Numbering_begins_at_one() => Assert.Equal(new StoreOpening(1, 1), Opening);

    [ComplianceFact]
    public async Task What_was_committed_is_there_after_a_restart_and_numbering_goes_on()
    {
        await Commit(Pipeline(1, "first", "a"), Pipeline(2, "second"), Record(1, "a", "state of a"), Turns(1, 1, 3), Turns(2, 4, 2));
        await Commit(History(1, "a", 1), new PipelineStatus(2, "FINISHED", Noon), Turns(1, 6, 5));

        await Restart();

        Assert.Equal(new StoreOpening(3, 11), Opening);
        Assert.Equal("state of a", Text(Assert.Single((await Load("first")).Records).Payload));
        Assert.Equal("first", await Store.FindRootAsync("a", None));
        Assert.Equal(["first"], await Store.ReadUnfinishedAsync(None));
        Assert.Single(await Store.ReadHistoriesAsync("first", "a", null, None));
        Assert.Equal([1, 4, 6], (await Store.ReadJournalAsync(0, null, 10, None)).Select(row => row.Position));
    }

    [ComplianceFact]
    public async Task A_restarted_store_takes_more_commits()
    {
        await Commit(Pipeline(1, "first"), Turns(1, 1));
        await Restart();

        await Commit(Pipeline(2, "second"), Record(1, "a", "later"), Turns(2, 2));

        await Restart();
        Assert.Equal(new StoreOpening(3, 3), Opening);
        Assert.Equal("later", Text(Assert.Single((await Load("first")).Records).Payload));
    }

    [ComplianceFact]
    public async Task A_store_has_one_owner_and_the_rival_is_told_at_once()
    {
        StoreUnavailableException refusal =
            await Assert.ThrowsAsync<StoreUnavailableException>(() => Rival(Store).OpenAsync(None));

        Assert.Equal("store.in-use", refusal.Code);
        await Commit(Pipeline(1, "still-writable"));
    }

    [ComplianceFact]
    public async Task A_store_that_its_owner_closed_can_be_opened_by_another()
    {
        await Commit(Pipeline(1, "first"));
        await Store.DisposeAsync();

        IEngineStore next = Rival(Store);
        StoreOpening opening = await next.OpenAsync(None);

        Assert.Equal(2, opening.NextRoot);
        await next.DisposeAsync();
    }

    [ComplianceFact]
    public async Task Closing_twice_does_nothing()
    {
        await Store.DisposeAsync();
        await Store.DisposeAsync();
    }

    [ComplianceFact]
    public async Task A_store_that_is_not_open_is_not_usable()
    {
        await Store.DisposeAsync();

        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => Store.ReadUnfinishedAsync(None));
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => Commit(Pipeline(1, "first")));
    }

    [ComplianceFact]
    public async Task An_empty_batch_can_be_committed() => await Commit();

    [ComplianceFact]
    public async Task A_cancelled_commit_writes_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.CommitAsync(Batch(Pipeline(1, "first")), new CancellationToken(canceled: true)));

        Assert.Empty(await Store.ListAsync(PipelineFilter.All, null, 10, None));
        await Commit(Pipeline(1, "first"));
    }

    [ComplianceFact]
    public async Task A_pipeline_is_loaded_as_it_was_submitted()
    {
        await Commit(Pipeline(7, "root", "a", "b"));

        StoredPipeline loaded = await Load("root");

        Assert.Equal(7, loaded.Root);
        Assert.Equal("root", loaded.RootId);
        Assert.Equal("tree of root", Text(loaded.Tree));
        Assert.Equal("options of root", Text(loaded.Options));
        Assert.Equal(Noon.AddSeconds(7), loaded.CreatedTime);
        Assert.Empty(loaded.Records);
    }

    [ComplianceFact]
    public async Task What_was_never_stored_is_not_found()
    {
        await Commit(Pipeline(1, "root", "node"));

        Assert.Null(await Store.LoadAsync("nowhere", None));
        Assert.Null(await Store.LoadAsync("node", None));
        Assert.Null(await Store.FindRootAsync("nowhere", None));
        Assert.Empty(await Store.ReadHistoriesAsync("nowhere", "node", null, None));
        Assert.Empty(await Store.ReadHistoriesAsync("root", "nowhere", null, None));
        Assert.Empty(await Store.ReadJournalAsync(0, "nowhere", 10, None));
        Assert.Empty(await Store.FindClaimedAsync(["nowhere"], None));
        Assert.Empty(await Store.FindClaimedAsync([], None));
    }

    [ComplianceFact]
    public async Task Records_come_back_by_kind_with_their_bytes()
    {
        RecordKind[] kinds = Enum.GetValues<RecordKind>();
        await Commit(Pipeline(1, "root"), Pipeline(2, "other"), Record(2, "same", "of another root"));
        await Commit([.. kinds.Reverse().Select(kind => (object)Record(1, "same", $"a {kind}", kind))]);

        StoredPipeline loaded = await Load("root");

        Assert.Equal(kinds, loaded.Records.Select(record => record.Kind));
        Assert.Equal(kinds.Select(kind => $"a {kind}"), loaded.Records.Select(record => Text(record.Payload)));
        Assert.All(loaded.Records, record => Assert.Equal("same", record.Key));
    }

    [ComplianceTheory]
    [InlineData(RecordKind.Scope)]
    [InlineData(RecordKind.Token)]
    [InlineData(RecordKind.Node)]
    [InlineData(RecordKind.Data)]
    [InlineData(RecordKind.Context)]
    [InlineData(RecordKind.RawInputs)]
    public async Task A_record_is_replaced_by_a_later_write_and_gone_after_a_delete(RecordKind kind)
    {
        await Commit(Pipeline(1, "root"), Record(1, "kept", "first", kind), Record(1, "dropped", "first", kind));

        await Commit(Record(1, "kept", "a second and longer one", kind), Deleted(1, "dropped", kind), Deleted(1, "never", kind));

        StoredRecord record = Assert.Single((await Load("root")).Records);
        Assert.Equal((kind, "kept", "a second and longer one"), (record.Kind, record.Key, Text(record.Payload)));
    }

    [ComplianceFact]
    public async Task A_deleted_record_can_be_written_again()
    {
        await Commit(Pipeline(1, "root"), Record(1, "a", "first"));
        await Commit(Deleted(1, "a"));
        await Commit(Record(1, "a", "again"));

        Assert.Equal("again", Text(Assert.Single((await Load("root")).Records).Payload));
    }

    [ComplianceTheory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    public async Task Every_record_of_a_batch_is_written_whatever_its_size(int count)
    {
        await Commit(Pipeline(1, "root"));
        await Commit([.. Enumerable.Range(0, count).Select(i => (object)Record(1, $"node-{i}", $"state {i}"))]);

        StoredPipeline loaded = await Load("root");

        Assert.Equal(
            Enumerable.Range(0, count).ToDictionary(i => $"node-{i}", i => $"state {i}"),
            loaded.Records.ToDictionary(record => record.Key, record => Text(record.Payload)));
    }

    [ComplianceFact]
    public async Task The_store_keeps_bytes_of_its_own()
    {
        byte[] payload = "as committed"u8.ToArray();
        await Commit(Pipeline(1, "root"), new RecordWrite(RecordKind.Node, 1, "a", payload));

        payload.AsSpan().Clear();

        Assert.Equal("as committed", Text(Assert.Single((await Load("root")).Records).Payload));
    }

    [ComplianceTheory]
    [InlineData(RecordKind.Node)]
    [InlineData(RecordKind.Data)]
    [InlineData(RecordKind.Context)]
    public async Task Large_and_empty_payloads_are_kept_byte_for_byte(RecordKind kind)
    {
        byte[] large = new byte[10 * 1024 * 1024];
        new Random(1).NextBytes(large);
        byte[] other = [.. large.Reverse()];
        await Commit(
            Pipeline(1, "root"), new RecordWrite(kind, 1, "large", large),
            new RecordWrite(kind, 1, "empty", ReadOnlyMemory<byte>.Empty));
        Assert.True((await Load("root")).Records.Single(record => record.Key == "large").Payload.Span.SequenceEqual(large));

        await Commit(new RecordWrite(kind, 1, "large", other));

        StoredPipeline loaded = await Load("root");
        Assert.True(loaded.Records.Single(record => record.Key == "large").Payload.Span.SequenceEqual(other));
        Assert.Equal(0, loaded.Records.Single(record => record.Key == "empty").Payload.Length);
    }

    [ComplianceFact]
    public async Task Large_trees_histories_and_journal_rows_are_kept_byte_for_byte()
    {
        byte[] large = new byte[10 * 1024 * 1024];
        new Random(2).NextBytes(large);
        await Commit(
            Pipeline(1, "root") with { Tree = large, Options = large }, new HistoryWrite(1, "a", 1, 1, large), new JournalWrite(1, 1, 1, large));

        StoredPipeline loaded = await Load("root");
        Assert.True(loaded.Tree.Span.SequenceEqual(large));
        Assert.True(loaded.Options.Span.SequenceEqual(large));
        Assert.True(Assert.Single(await Store.ReadHistoriesAsync("root", "a", null, None)).Payload.Span.SequenceEqual(large));
        Assert.True(Assert.Single(await Store.ReadJournalAsync(0, null, 10, None)).Payload.Span.SequenceEqual(large));
    }

    [ComplianceFact]
    public async Task Opened_again_after_a_commit_that_failed_the_store_goes_on_from_what_is_durable()
    {
        await Commit(Pipeline(1, "first"), Turns(1, 1, 3));
        await AssertRefused(Pipeline(2, "second", "first"), Turns(2, 4, 2));

        Assert.Equal(new StoreOpening(2, 4), await Store.ReopenAsync(None));

        await Commit(Pipeline(2, "second"), Turns(2, 4, 2));
        Assert.Equal(new StoreOpening(3, 6), await Store.ReopenAsync(None));
    }

    [ComplianceFact]
    public async Task Ids_and_keys_are_any_text_and_case_sensitive()
    {
        string[] ids = ["root", "Root", "ROOT", "", "узел", "節點🎋", "a\0b", "a", "a\0", "line\nand\ttab", "e\u0301", "\u00e9", "' OR 1=1 --"];
        for (int i = 0; i < ids.Length; i++)
        {
            await Commit(
                Pipeline(i + 1, ids[i]), Record(i + 1, ids[i], $"node {i}"), Record(i + 1, ids[i], $"context {i}", RecordKind.Context),
                History(i + 1, ids[i], i + 1), Turns(i + 1, i + 1));
        }

        for (int i = 0; i < ids.Length; i++)
        {
            StoredPipeline loaded = await Load(ids[i]);
            Assert.Equal(ids[i], loaded.RootId);
            Assert.Equal(
                [(ids[i], $"node {i}"), (ids[i], $"context {i}")],
                loaded.Records.Select(record => (record.Key, Text(record.Payload))));
            Assert.Equal(ids[i], await Store.FindRootAsync(ids[i], None));
            Assert.Equal(i + 1, Assert.Single(await Store.ReadHistoriesAsync(ids[i], ids[i], null, None)).Sequence);
            Assert.Equal(ids[i], Assert.Single(await Store.ReadJournalAsync(0, ids[i], 10, None)).RootId);
        }

        Assert.Equal(ids, await Store.FindClaimedAsync(ids, None));
        Assert.Equal(ids, await Store.ReadUnfinishedAsync(None));
        Assert.Equal(ids.Reverse(), (await Store.ListAsync(PipelineFilter.All, null, 100, None)).Select(row => row.RootId));
    }

    [ComplianceFact]
    public async Task Half_a_surrogate_pair_is_refused_and_never_found()
    {
        string broken = "a\uD83C";

        await AssertRefused(Pipeline(1, "root", broken));
        await Commit(Pipeline(1, "root", "a\uFFFD"));
        await AssertRefused(Record(1, broken, "x"));
        await AssertRefused(History(1, broken, 1));

        Assert.Null(await Store.FindRootAsync(broken, None));
        Assert.Null(await Store.LoadAsync(broken, None));
        Assert.Empty(await Store.FindClaimedAsync([broken], None));
        Assert.Empty(await Store.ReadHistoriesAsync("root", broken, null, None));
        Assert.Empty(await Store.ReadHistoriesAsync(broken, "a", null, None));
        Assert.Empty(await Store.ReadJournalAsync(0, broken, 10, None));
    }

    [ComplianceFact]
    public async Task Every_id_of_a_pipeline_leads_to_its_root()
    {
        await Commit(Pipeline(1, "first", "a", "b"), Pipeline(2, "second", "c"));

        Assert.Equal("first", await Store.FindRootAsync("first", None));
        Assert.Equal("first", await Store.FindRootAsync("b", None));
        Assert.Equal("second", await Store.FindRootAsync("c", None));
        Assert.Equal(["c", "a"], await Store.FindClaimedAsync(["c", "free", "a"], None));
    }

    [ComplianceFact]
    public async Task A_claimed_id_refuses_the_batch_and_leaves_nothing_of_it()
    {
        await Commit(Pipeline(1, "first", "shared"), Record(1, "a", "before"), Turns(1, 1));

        await AssertRefused(
            Pipeline(2, "innocent", "other"), Pipeline(3, "second", "fresh", "shared"), Record(1, "a", "after"),
            new PipelineStatus(1, "FINISHED", Noon), History(1, "a", 1), Turns(1, 2));

        Assert.Equal("before", Text(Assert.Single((await Load("first")).Records).Payload));
        Assert.Equal(["first"], (await Store.ListAsync(PipelineFilter.All, null, 10, None)).Select(row => row.RootId));
        Assert.Equal(["first"], await Store.ReadUnfinishedAsync(None));
        Assert.Empty(await Store.FindClaimedAsync(["innocent", "other", "second", "fresh"], None));
        Assert.Empty(await Store.ReadHistoriesAsync("first", "a", null, None));
        Assert.Single(await Store.ReadJournalAsync(0, null, 10, None));
        await Commit(Pipeline(2, "second", "fresh"), Record(1, "a", "after"), Turns(1, 2));
        Assert.Equal("after", Text(Assert.Single((await Load("first")).Records).Payload));
    }

    [ComplianceFact]
    public async Task Two_pipelines_of_one_batch_cannot_claim_the_same_id() =>
        await AssertRefused(Pipeline(1, "first", "shared"), Pipeline(2, "second", "shared"));

    [ComplianceFact]
    public async Task What_would_break_the_numbering_is_refused()
    {
        await Commit(Pipeline(1, "first"), History(1, "a", 1), Turns(1, 1, 3));

        await AssertRefused(Pipeline(1, "number-taken"));
        await AssertRefused(new NewPipeline(2, "first", Bytes("t"), Bytes("o"), ["not-the-id"], "RUNNING", Noon, null));
        await AssertRefused(History(1, "a", 1));
        await AssertRefused(Turns(1, 3));
        await AssertRefused(Turns(1, 4, 0));
        await AssertRefused(Turns(1, 6), Turns(1, 5));

        await Commit(History(1, "a", 2), Turns(1, 4), Turns(1, 5));
        Assert.Equal([1, 4, 5], (await Store.ReadJournalAsync(0, null, 10, None)).Select(row => row.Position));
    }

    [ComplianceFact]
    public async Task Rows_of_a_pipeline_that_is_not_there_are_refused()
    {
        await AssertRefused(Record(1, "a", "x"));
        await AssertRefused(Record(1, "a", "x", RecordKind.Context));
        await AssertRefused(new PipelineStatus(1, "FINISHED", Noon));
        await AssertRefused(History(1, "a", 1));
        await AssertRefused(Turns(1, 1));
    }

    [ComplianceFact]
    public async Task Unfinished_pipelines_are_listed_oldest_first_until_they_are_archived()
    {
        await Commit(Pipeline(3, "third"), Pipeline(1, "first"), Pipeline(2, "second"));

        await Commit(new PipelineStatus(2, "FINISHED", Noon), new PipelineStatus(3, "FAILED", null));
        Assert.Equal(["first", "third"], await Store.ReadUnfinishedAsync(None));

        await Commit(new PipelineStatus(2, "RUNNING", null), new PipelineStatus(1, "REVOKED", Noon));
        Assert.Equal(["second", "third"], await Store.ReadUnfinishedAsync(None));
    }

    [ComplianceFact]
    public async Task Pipelines_are_listed_newest_first_up_to_the_limit()
    {
        DateTimeOffset archived = new(2026, 3, 4, 21, 0, 0, 1, 2, TimeSpan.FromHours(8));
        await Commit(Pipeline(1, "first"), Pipeline(2, "second"), Pipeline(3, "third"));
        await Commit(new PipelineStatus(2, "REVOKED", archived), new PipelineStatus(3, "SUSPENDED", null));

        Assert.Equal(
            [
                new PipelineRow("third", null, "SUSPENDED", Noon.AddSeconds(3), null),
                new PipelineRow("second", null, "REVOKED", Noon.AddSeconds(2), archived),
            ],
            await Store.ListAsync(PipelineFilter.All, null, 2, None));
        Assert.Equal(3, (await Store.ListAsync(PipelineFilter.All, null, 100, None)).Count);
        Assert.Empty(await Store.ListAsync(PipelineFilter.All, null, 0, None));
    }

    [ComplianceFact]
    public async Task Times_are_kept_to_the_microsecond_and_come_back_in_utc()
    {
        DateTimeOffset early = new(1969, 12, 31, 20, 0, 0, 5, 6, TimeSpan.FromHours(-3));
        await Commit(Pipeline(1, "root") with { CreatedTime = early.AddTicks(3) });

        DateTimeOffset loaded = (await Load("root")).CreatedTime;

        Assert.Equal(early, loaded);
        Assert.Equal(TimeSpan.Zero, loaded.Offset);
    }

    [ComplianceFact]
    public async Task A_status_of_a_pipeline_submitted_in_the_same_batch_holds()
    {
        await Commit(new PipelineStatus(1, "FINISHED", Noon), Pipeline(1, "root"));

        Assert.Equal("FINISHED", Assert.Single(await Store.ListAsync(PipelineFilter.All, null, 10, None)).State);
        Assert.Empty(await Store.ReadUnfinishedAsync(None));
    }

    [ComplianceFact]
    public async Task Histories_of_a_node_come_in_order_and_by_loop()
    {
        await Commit(Pipeline(1, "root", "a", "b"), Pipeline(2, "other"), History(1, "a", 2, 1), History(1, "a", 1, 1), History(1, "b", 1, 1));
        await Commit(History(1, "a", 3, 2), History(1, "a", 10, 2), History(2, "a", 4, 1));

        IReadOnlyList<HistoryRow> all = await Store.ReadHistoriesAsync("root", "a", null, None);
        IReadOnlyList<HistoryRow> second = await Store.ReadHistoriesAsync("root", "a", 2, None);

        Assert.Equal([(1, 1), (2, 1), (3, 2), (10, 2)], all.Select(row => ((int)row.Sequence, row.Loop)));
        Assert.Equal("entry 10 of a", Text(all[^1].Payload));
        Assert.Equal([3, 10], second.Select(row => row.Sequence));
        Assert.Empty(await Store.ReadHistoriesAsync("root", "a", 3, None));
    }

    [ComplianceTheory]
    [InlineData(0, new long[] { 1, 4, 5, 9, 10 })]
    [InlineData(1, new long[] { 1, 4, 5, 9, 10 })]
    [InlineData(3, new long[] { 1, 4, 5, 9, 10 })]
    [InlineData(4, new long[] { 4, 5, 9, 10 })]
    [InlineData(5, new long[] { 5, 9, 10 })]
    [InlineData(8, new long[] { 5, 9, 10 })]
    [InlineData(9, new long[] { 9, 10 })]
    [InlineData(11, new long[] { 10 })]
    [InlineData(12, new long[] { })]
    public async Task The_journal_is_read_from_the_row_that_holds_a_position(long from, long[] expected)
    {
        await CommitJournal();

        Assert.Equal(expected, (await Store.ReadJournalAsync(from, null, 100, None)).Select(row => row.Position));
    }

    [ComplianceTheory]
    [InlineData(0, new long[] { 1, 5, 9 })]
    [InlineData(3, new long[] { 1, 5, 9 })]
    [InlineData(4, new long[] { 5, 9 })]
    [InlineData(8, new long[] { 5, 9 })]
    [InlineData(10, new long[] { })]
    public async Task The_journal_of_one_root_is_read_from_the_row_that_holds_a_position(long from, long[] expected)
    {
        await CommitJournal();

        Assert.Equal(expected, (await Store.ReadJournalAsync(from, "first", 100, None)).Select(row => row.Position));
    }

    [ComplianceFact]
    public async Task The_journal_is_read_up_to_the_limit()
    {
        await CommitJournal();

        Assert.Equal([4, 5], (await Store.ReadJournalAsync(4, null, 2, None)).Select(row => row.Position));
        Assert.Equal([1, 5], (await Store.ReadJournalAsync(2, "first", 2, None)).Select(row => row.Position));
        Assert.Empty(await Store.ReadJournalAsync(0, null, 0, None));
    }

    [ComplianceFact]
    public async Task A_journal_row_carries_its_turns_root_and_payload()
    {
        await CommitJournal();

        JournalRow row = Assert.Single(await Store.ReadJournalAsync(8, null, 1, None));

        Assert.Equal((5, 4, "first", "turns from 5"), (row.Position, row.Turns, row.RootId, Text(row.Payload)));
    }

    [ComplianceFact]
    public async Task Statistics_count_rows_and_bytes_of_every_table()
    {
        await Commit(
            Pipeline(1, "root", "узел"), Record(1, "узел", "12345"), Record(1, "b", "", RecordKind.Context),
            Record(1, "d", "12", RecordKind.Data), Record(1, "s", "1", RecordKind.Scope), Record(1, "t\0t", "1", RecordKind.Token),
            Record(1, "r", "1", RecordKind.RawInputs), History(1, "b", 1), Turns(1, 1), new PipelineStatus(1, "READY", null));

        Assert.Equal(
            [
                new TableStatistics("pipelines", 1, 4 + 5),
                new TableStatistics("trees", 1, "tree of root".Length + "options of root".Length),
                new TableStatistics("claims", 2, 4 + 8),
                new TableStatistics("scopes", 1, 2),
                new TableStatistics("tokens", 1, 4),
                new TableStatistics("nodes", 1, 8 + 5),
                new TableStatistics("data", 1, 3),
                new TableStatistics("context", 1, 1),
                new TableStatistics("raw_inputs", 1, 2),
                new TableStatistics("histories", 1, 1 + "entry 1 of b".Length),
                new TableStatistics("journal", 1, "turns from 1".Length),
            ],
            await Store.ReadStatisticsAsync(None));
    }

    [ComplianceFact]
    public async Task Statistics_of_an_empty_store_are_zero() =>
        Assert.All(await Store.ReadStatisticsAsync(None), table => Assert.Equal((0, 0), (table.Rows, table.PayloadBytes)));

    [ComplianceFact]
    public async Task Readers_beside_the_writer_see_whole_batches()
    {
        const int Batches = 200;
        await Commit(Pipeline(1, "root"), Record(1, "a", "0"), Record(1, "b", "0", RecordKind.Context));
        Task[] readers = [.. Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            int seen = 0;
            while (seen < Batches)
            {
                StoredPipeline loaded = await Load("root");
                Assert.Equal(Text(loaded.Records[0].Payload), Text(loaded.Records[1].Payload));
                int now = int.Parse(Text(loaded.Records[0].Payload));
                Assert.True(now >= seen, "a committed batch went out of sight");
                seen = now;
            }
        }))];

        for (int i = 1; i <= Batches; i++)
        {
            await Commit(Record(1, "a", $"{i}"), Record(1, "b", $"{i}", RecordKind.Context), Turns(1, i));
        }

        await Task.WhenAll(readers);
    }

    private protected Task Commit(params object[] parts) => Store.CommitAsync(Batch(parts), None);

    private protected async Task AssertRefused(params object[] parts)
    {
        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => Commit(parts));
        Assert.Equal("store.refused", refusal.Code);
    }

    private protected async Task<StoredPipeline> Load(string rootId)
    {
        StoredPipeline? loaded = await Store.LoadAsync(rootId, None);
        Assert.NotNull(loaded);
        return loaded;
    }

    private protected async Task Restart()
    {
        await Store.DisposeAsync();
        Store = AfterRestart(Store);
        Opening = await Store.OpenAsync(None);
    }

    /// <summary>Rows of 3, 1, 4, 1 and 2 turns, of the roots first, second, first, first, second.</summary>
    private async Task CommitJournal()
    {
        await Commit(Pipeline(1, "first"), Pipeline(2, "second"), Turns(1, 1, 3), Turns(2, 4, 1));
        await Commit(Turns(1, 5, 4), Turns(1, 9, 1), Turns(2, 10, 2));
    }
}
