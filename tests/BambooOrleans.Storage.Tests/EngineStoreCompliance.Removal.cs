using static BambooOrleans.Storage.Tests.Stored;

namespace BambooOrleans.Storage.Tests;

/// <summary>Removing finished pipelines, and reading one whole.</summary>
public abstract partial class EngineStoreCompliance
{
    private static readonly DateTimeOffset Ever = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [ComplianceFact]
    public async Task A_removed_pipeline_is_seen_by_no_read_and_the_others_are_as_they_were()
    {
        await CommitFinished();

        await Commit(new Removal(1));

        Assert.Null(await Store.LoadAsync("gone", None));
        Assert.Null(await Store.ExportAsync("gone", None));
        Assert.Null(await Store.FindRootAsync("gone", None));
        Assert.Null(await Store.FindRootAsync("a", None));
        Assert.Empty(await Store.ReadHistoriesAsync("gone", "a", null, None));
        Assert.Empty(await Store.ReadJournalAsync(0, "gone", 100, None));
        Assert.Equal(["kept"], (await Store.ListAsync(PipelineFilter.All, null, 10, None)).Select(row => row.RootId));
        Assert.Empty(await Store.ReadArchivedAsync(Ever, null, 10, None));
        Assert.Equal([4, 9], (await Store.ReadJournalAsync(0, null, 100, None)).Select(row => row.Position));
        Assert.Equal("state of b", Text(Assert.Single((await Load("kept")).Records).Payload));
        Assert.Equal("kept", await Store.FindRootAsync("b", None));
    }

    [ComplianceTheory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(1000)]
    public async Task No_row_of_a_removed_pipeline_is_left_in_any_table_after_as_many_steps_as_it_takes(int rowsMax)
    {
        await Commit(Pipeline(2, "kept", "b"), Record(2, "b", "state of b"), History(2, "b", 1), Turns(2, 1));
        IReadOnlyList<TableStatistics> before = await Store.ReadStatisticsAsync(None);
        await Commit(
            [
                Pipeline(1, "gone", "a", "a2"), History(1, "a", 1), History(1, "a", 2), Turns(1, 2, 3), Turns(1, 5),
                .. Enum.GetValues<RecordKind>().Select(kind => (object)Record(1, "a", "x", kind)),
                new PipelineStatus(1, "FINISHED", Noon),
            ]);
        Assert.NotEqual(before, await Store.ReadStatisticsAsync(None));
        await Commit(new Removal(1));

        int steps = 0;
        for (int rows; (rows = await Store.RemoveRowsAsync(rowsMax, None)) > 0; steps++)
        {
            Assert.True(rows <= rowsMax, $"{rows} rows in a step of {rowsMax}");
        }

        Assert.Equal(before, await Store.ReadStatisticsAsync(None));
        Assert.Empty(await TablesWithAsync(1));
        Assert.Equal(rowsMax switch { 1 => 13, 4 => 4, _ => 1 }, steps);
    }

    [ComplianceFact]
    public async Task The_ids_of_a_removed_pipeline_are_taken_until_its_rows_are_gone_and_free_then()
    {
        await CommitFinished();
        await Commit(new Removal(1));
        Assert.Equal(["gone", "a"], await Store.FindClaimedAsync(["gone", "a"], None));

        await RemoveAllRows();
        Assert.Empty(await Store.FindClaimedAsync(["gone", "a"], None));
        await Commit(Pipeline(3, "gone", "a"), Record(3, "a", "anew"), Turns(3, 10));

        Assert.Equal("anew", Text(Assert.Single((await Load("gone")).Records).Payload));
        Assert.Empty(await Store.ReadHistoriesAsync("gone", "a", null, None));
        Assert.Equal([10], (await Store.ReadJournalAsync(0, "gone", 10, None)).Select(row => row.Position));
    }

    [ComplianceFact]
    public async Task Numbers_and_positions_of_what_was_removed_are_not_given_again_after_a_restart()
    {
        await Commit(Pipeline(1, "kept"), Turns(1, 1), Pipeline(2, "gone", "a"), Turns(2, 2, 5), new PipelineStatus(2, "FINISHED", Noon));
        await Commit(new Removal(2));
        await RemoveAllRows();

        await Restart();

        Assert.Equal(new StoreOpening(3, 7), Opening);
        await AssertRefused(Turns(1, 6));
        Assert.Equal([1], (await Store.ReadJournalAsync(0, null, 10, None)).Select(row => row.Position));
    }

    [ComplianceFact]
    public async Task A_restart_in_the_middle_of_a_removal_leaves_the_pipeline_unseen_and_the_removal_goes_on()
    {
        await CommitFinished();
        await Commit(new Removal(1));
        Assert.Equal(2, await Store.RemoveRowsAsync(2, None));

        await Restart();

        Assert.Null(await Store.LoadAsync("gone", None));
        Assert.Equal(["gone"], await Store.FindClaimedAsync(["gone"], None));
        await RemoveAllRows();
        Assert.Empty(await TablesWithAsync(1));
        Assert.Empty(await Store.FindClaimedAsync(["gone", "a"], None));
    }

    [ComplianceFact]
    public async Task An_unfinished_pipeline_is_not_removed_and_fails_the_batch_whole()
    {
        await Commit(Pipeline(1, "running", "a"), Pipeline(2, "done"), new PipelineStatus(2, "FINISHED", Noon));

        await AssertRefused(new Removal(2), new Removal(1), Record(1, "a", "x"));

        Assert.Empty((await Load("running")).Records);
        await Load("done");
        Assert.Equal(0, await Store.RemoveRowsAsync(10, None));
    }

    [ComplianceFact]
    public async Task A_pipeline_that_is_not_there_can_be_removed_and_nothing_happens()
    {
        await CommitFinished();
        await Commit(new Removal(1));
        await Commit(new Removal(1), new Removal(77));
        await RemoveAllRows();
        await Commit(new Removal(1));

        Assert.Equal(0, await Store.RemoveRowsAsync(10, None));
        await Load("kept");
    }

    [ComplianceFact]
    public async Task Archived_pipelines_are_read_the_longest_ago_first_page_by_page()
    {
        await Commit(Pipeline(1, "first"), Pipeline(2, "second"), Pipeline(3, "third"), Pipeline(4, "fourth"), Pipeline(5, "running"));
        await Commit(
            new PipelineStatus(1, "FINISHED", Noon.AddHours(2)), new PipelineStatus(2, "REVOKED", Noon.AddHours(1)),
            new PipelineStatus(3, "FINISHED", Noon.AddHours(2)), new PipelineStatus(4, "FINISHED", Noon.AddHours(3)));

        IReadOnlyList<ArchivedRoot> page = await Store.ReadArchivedAsync(Noon.AddHours(3), null, 2, None);
        IReadOnlyList<ArchivedRoot> rest = await Store.ReadArchivedAsync(Noon.AddHours(3), page[^1], 2, None);

        Assert.Equal(
            [new ArchivedRoot(2, "second", Noon.AddHours(1)), new ArchivedRoot(1, "first", Noon.AddHours(2))], page);
        Assert.Equal(["third"], rest.Select(root => root.RootId));
        Assert.Empty(await Store.ReadArchivedAsync(Noon.AddHours(1), null, 10, None));
    }

    [ComplianceTheory]
    [InlineData(2, new long[] { 4, 9 })]
    [InlineData(4, new long[] { 4, 9 })]
    [InlineData(5, new long[] { 9 })]
    [InlineData(7, new long[] { 9 })]
    [InlineData(9, new long[] { 9 })]
    [InlineData(10, new long[] { })]
    public async Task The_journal_is_read_over_the_gaps_that_removed_pipelines_leave(long from, long[] expected)
    {
        await CommitFinished();
        await Commit(new Removal(1));
        await RemoveAllRows();

        Assert.Equal(expected, (await Store.ReadJournalAsync(from, null, 100, None)).Select(row => row.Position));
        Assert.Equal(expected.Take(1), (await Store.ReadJournalAsync(from, null, 1, None)).Select(row => row.Position));
    }

    [ComplianceFact]
    public async Task An_export_has_everything_of_one_pipeline_and_nothing_of_others()
    {
        await CommitFinished();

        PipelineExport? export = await Store.ExportAsync("gone", None);
        PipelineExport? running = await Store.ExportAsync("kept", None);

        Assert.NotNull(export);
        Assert.Equal((1, "gone", "FINISHED", Noon), (export.Stored.Root, export.Stored.RootId, export.State, export.ArchivedTime));
        Assert.Equal(["state of a", "a's context"], export.Stored.Records.Select(record => Text(record.Payload)));
        Assert.Equal(
            [("a", 1, 1, "entry 1 of a"), ("a", 2, 3, "entry 2 of a"), ("b'", 1, 1, "entry 1 of b'")],
            export.Histories.Select(history =>
                (history.NodeId, (int)history.Entry.Sequence, history.Entry.Loop, Text(history.Entry.Payload))));
        Assert.Equal(
            [(1, 3, "gone", "turns from 1"), (5, 4, "gone", "turns from 5")],
            export.Journal.Select(row => ((int)row.Position, row.Turns, row.RootId, Text(row.Payload))));
        Assert.Null(running!.ArchivedTime);
        Assert.Null(await Store.ExportAsync("nowhere", None));
        Assert.Null(await Store.ExportAsync("a", None));
    }

    private async Task RemoveAllRows()
    {
        while (await Store.RemoveRowsAsync(3, None) > 0)
        {
            // A step of many.
        }
    }

    /// <summary>A finished pipeline with the number 1 and one that runs with the number 2, their turns mixed: 1 to 3 and 5 to 8; 4 and 9.</summary>
    private async Task CommitFinished()
    {
        await Commit(
            Pipeline(1, "gone", "a", "b'"), Pipeline(2, "kept", "b"), Record(1, "a", "state of a"),
            Record(1, "a", "a's context", RecordKind.Context), Record(2, "b", "state of b"), Turns(1, 1, 3), Turns(2, 4, 1));
        await Commit(
            History(1, "a", 1), History(1, "a", 2, 3), History(1, "b'", 1), History(2, "b", 1), Turns(1, 5, 4), Turns(2, 9),
            new PipelineStatus(1, "FINISHED", Noon));
    }
}
