using static BambooOrleans.Storage.Tests.Stored;

namespace BambooOrleans.Storage.Tests;

/// <summary>Lists: what filters take, pages, and counts.</summary>
public abstract partial class EngineStoreCompliance
{
    [ComplianceFact]
    public async Task A_page_goes_on_after_the_last_of_the_page_before_whatever_comes_and_goes()
    {
        // Two each of one time, submitted in another order than that of their times.
        NewPipeline[] all =
        [
            .. Enumerable.Range(1, 12).Select(number => Pipeline(number, $"p{number:00}") with
            {
                CreatedTime = Noon.AddMicroseconds(number * 5 % 12 / 2),
            }),
        ];
        await Commit([.. all]);
        string[] expected = [.. all.OrderByDescending(pipeline => pipeline.CreatedTime).ThenByDescending(pipeline => pipeline.RootId).Select(pipeline => pipeline.RootId)];

        List<string> seen = [];
        PipelinePosition? after = null;
        for (int page = 0; page < 3; page++)
        {
            IReadOnlyList<PipelineRow> rows = await Store.ListAsync(PipelineFilter.All, after, 5, None);
            seen.AddRange(rows.Select(row => row.RootId));
            after = new PipelinePosition(rows[^1].CreatedTime, rows[^1].RootId);

            // A newer one, which is before every page, and the end of the one that the next page begins after.
            await Commit(
                Pipeline(100 + page, $"newer{page}"), new PipelineStatus(all.Single(pipeline => pipeline.RootId == rows[^1].RootId).Root, "FINISHED", Noon));
            await Commit(new Removal(all.Single(pipeline => pipeline.RootId == rows[^1].RootId).Root));
        }

        Assert.Equal(expected, seen);
        Assert.Empty(await Store.ListAsync(PipelineFilter.All, after, 5, None));
    }

    [ComplianceFact]
    public async Task A_filter_takes_what_all_of_its_members_take()
    {
        await Commit(
            Named(1, "nightly-1", "Nightly BACKUP of Zürich"),
            Named(2, "nightly-2", null),
            Named(3, "Weekly", "the straße"),
            Named(4, "ночь", "ВЕЧЕР"),
            Named(5, "odd%_", "100 % \0 of \u0001 it"));
        await Commit(new PipelineStatus(2, "FINISHED", Noon), new PipelineStatus(3, "SUSPENDED", null), new PipelineStatus(4, "REVOKED", Noon));

        await Takes(new PipelineFilter(), "odd%_", "ночь", "Weekly", "nightly-2", "nightly-1");
        await Takes(new PipelineFilter { Text = "NIGHTLY" }, "nightly-2", "nightly-1");
        await Takes(new PipelineFilter { Text = "zÜRich" }, "nightly-1");
        await Takes(new PipelineFilter { Text = "ОЧЬ" }, "ночь");
        await Takes(new PipelineFilter { Text = "вечер" }, "ночь");
        await Takes(new PipelineFilter { Text = "" }, "odd%_", "ночь", "Weekly", "nightly-2", "nightly-1");
        await Takes(new PipelineFilter { Text = "%" }, "odd%_");
        await Takes(new PipelineFilter { Text = "_" }, "odd%_");
        await Takes(new PipelineFilter { Text = "'; --" });
        await Takes(new PipelineFilter { Text = "a\uD83C" });
        await Takes(new PipelineFilter { Name = "nightly" }, "nightly-1");
        await Takes(new PipelineFilter { Name = "\0 of \u0001" }, "odd%_");
        await Takes(new PipelineFilter { Name = "backup", Text = "-1" }, "nightly-1");
        await Takes(new PipelineFilter { Name = "backup", Text = "-2" });
        await Takes(new PipelineFilter { States = States(NodeStateName.Finished) }, "nightly-2");
        await Takes(new PipelineFilter { States = States(NodeStateName.Running, NodeStateName.Finished, NodeStateName.Revoked) }, "odd%_", "ночь", "nightly-2", "nightly-1");
        await Takes(new PipelineFilter { States = States() });
        await Takes(new PipelineFilter { States = States(NodeStateName.Running, NodeStateName.Suspended), Text = "e" }, "Weekly");
        await Takes(new PipelineFilter { CreatedFrom = Noon.AddSeconds(2), CreatedBefore = Noon.AddSeconds(4) }, "Weekly", "nightly-2");
        await Takes(new PipelineFilter { CreatedFrom = Noon.AddSeconds(4).ToOffset(TimeSpan.FromHours(9)), States = States(NodeStateName.Running) }, "odd%_");
        await Takes(new PipelineFilter { CreatedBefore = Noon });
        await Takes(new PipelineFilter { CreatedFrom = DateTimeOffset.MinValue, CreatedBefore = DateTimeOffset.MaxValue, Text = "week" }, "Weekly");

        PipelineRow named = (await Store.ListAsync(new PipelineFilter { Text = "odd" }, null, 10, None))[0];
        Assert.Equal("100 % \0 of \u0001 it", named.Name);
        Assert.Null((await Store.ListAsync(new PipelineFilter { Text = "-2" }, null, 10, None))[0].Name);

        // In pages of one, after each, and the counts of the same.
        async Task Takes(PipelineFilter filter, params string[] expected)
        {
            List<string> seen = [];
            PipelinePosition? after = null;
            while (await Store.ListAsync(filter, after, 1, None) is [var row])
            {
                seen.Add(row.RootId);
                after = new PipelinePosition(row.CreatedTime, row.RootId);
            }

            Assert.Equal(expected, seen);
            IReadOnlyList<PipelineRow> whole = await Store.ListAsync(filter, null, 100, None);
            Assert.Equal(expected, whole.Select(row => row.RootId));
            Assert.Equal(
                whole.GroupBy(row => row.State).Select(state => (state.Key, (long)state.Count())).OrderBy(state => state.Key),
                (await Store.CountAsync(filter, None)).Select(state => (state.Key, state.Value)).OrderBy(state => state.Key));
        }
    }

    [ComplianceFact]
    public async Task Counts_follow_states_and_removals()
    {
        await Commit(Pipeline(1, "first"), Pipeline(2, "second"), Pipeline(3, "third"));
        Assert.Equal(("RUNNING", 3L), Single(await Store.CountAsync(PipelineFilter.All, None)));

        await Commit(new PipelineStatus(2, "FINISHED", Noon), new PipelineStatus(3, "FINISHED", Noon), new PipelineStatus(1, "REVOKED", Noon));
        await Commit(new Removal(1), new Removal(2));

        Assert.Equal(("FINISHED", 1L), Single(await Store.CountAsync(PipelineFilter.All, None)));

        static (string, long) Single(IReadOnlyDictionary<string, long> counts) => (Assert.Single(counts).Key, counts.Values.Single());
    }

    [ComplianceFact]
    public async Task The_journals_end_is_where_the_next_turn_goes()
    {
        Assert.Equal(1, await Store.ReadJournalEndAsync(None));
        await Commit(Pipeline(1, "first"), Turns(1, 1, 3), Turns(1, 4, 2));
        Assert.Equal(6, await Store.ReadJournalEndAsync(None));

        await Commit(new PipelineStatus(1, "FINISHED", Noon), Turns(1, 6));
        await Commit(new Removal(1));
        while (await Store.RemoveRowsAsync(100, None) > 0)
        {
        }

        Assert.Equal(7, await Store.ReadJournalEndAsync(None));
        await Restart();
        Assert.Equal(7, await Store.ReadJournalEndAsync(None));
    }

    [ComplianceFact]
    public async Task The_tree_of_a_root_is_read_with_how_it_was_submitted()
    {
        await Commit(Pipeline(1, "first", "a"));

        StoredTree tree = (await Store.ReadTreeAsync("first", None))!;

        Assert.Equal((1L, "first", Noon.AddSeconds(1)), (tree.Root, tree.RootId, tree.CreatedTime));
        Assert.Equal(("tree of first", "options of first"), (Text(tree.Tree), Text(tree.Options)));
        Assert.Null(await Store.ReadTreeAsync("a", None));
        Assert.Null(await Store.ReadTreeAsync("a\uD83C", None));
    }

    [ComplianceFact]
    public async Task That_a_pipeline_has_secrets_is_known_of_it_and_of_its_journal()
    {
        await Commit(Pipeline(1, "first") with { HasSecrets = true }, Pipeline(2, "second"), Turns(1, 1), Turns(2, 2));

        Assert.Equal(1, await Store.FindSecretRootAsync("first", None));
        Assert.Null(await Store.FindSecretRootAsync("second", None));
        Assert.Null(await Store.FindSecretRootAsync("nobody", None));
        Assert.Equal([true, false], (await Store.ReadJournalAsync(1, null, 10, None)).Select(row => row.HasSecrets));
        Assert.True(Assert.Single(await Store.ReadJournalAsync(1, "first", 10, None)).HasSecrets);
        Assert.False(Assert.Single(await Store.ReadJournalAsync(1, "second", 10, None)).HasSecrets);
    }

    [ComplianceFact]
    public async Task A_name_that_is_no_unicode_is_refused() => await AssertRefused(Named(1, "first", "a\uD83C"));

    private static NewPipeline Named(long root, string rootId, string? name) => Pipeline(root, rootId) with { Name = name };

    private static HashSet<NodeStateName> States(params NodeStateName[] states) => [.. states];
}
