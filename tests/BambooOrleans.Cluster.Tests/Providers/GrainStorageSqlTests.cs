// What Orleans says about null differs from version to version.
#nullable disable

using BambooOrleans.TestPostgres;
using Orleans.Runtime;
using Orleans.Storage;

namespace BambooOrleans.Cluster.Tests.Providers;

public sealed class GrainStorageSqlTests(ProviderSilo silo) : IClassFixture<ProviderSilo>
{
    public static TheoryData<string> Keys =>
    [
        "/plain",
        "/" + new string('x', 255),
        "/" + string.Concat(Enumerable.Repeat("𝕏", 127)),
        "/it's \"quoted\" \\ and % _ @GrainIdHash",
        "/Groß", "/groß", "/GROSS",
        "00000000000000000000000000000001",
        "7",
    ];

    [PostgresTheory]
    [MemberData(nameof(Keys))]
    public async Task A_state_is_written_read_and_written_again(string key)
    {
        GrainId grain = GrainId.Create("node", key);
        GrainState<Kept> written = new(new Kept { Text = key });
        await silo.Storage.WriteStateAsync("kept", grain, written);
        written.State.Text += "!";
        await silo.Storage.WriteStateAsync("kept", grain, written);

        GrainState<Kept> read = new(new Kept());
        await silo.Storage.ReadStateAsync("kept", grain, read);

        Assert.Equal(key + "!", read.State.Text);
        Assert.Equal("2", read.ETag);
        Assert.True(read.RecordExists);
    }

    [PostgresFact]
    public async Task Grains_states_and_services_do_not_share_rows()
    {
        GrainId grain = GrainId.Create("node", "/shared");
        await silo.Storage.WriteStateAsync("first", grain, new GrainState<Kept>(new Kept { Text = "1" }));
        await silo.Storage.WriteStateAsync("second", grain, new GrainState<Kept>(new Kept { Text = "2" }));

        GrainState<Kept> read = new(new Kept());
        await silo.Storage.ReadStateAsync("first", grain, read);

        Assert.Equal("1", read.State.Text);
    }

    [PostgresFact]
    public async Task Of_two_activations_that_write_first_one_is_refused()
    {
        GrainId grain = GrainId.Create("node", "/twice");
        GrainState<Kept>[] activations = [.. Enumerable.Range(0, 8).Select(number => new GrainState<Kept>(new Kept { Text = $"{number}" }))];

        Exception[] outcomes = await Task.WhenAll(activations.Select(state =>
            Record.ExceptionAsync(() => silo.Storage.WriteStateAsync("kept", grain, state))));

        Assert.Single(outcomes, outcome => outcome is null);
        Assert.All(outcomes.Where(outcome => outcome is not null), outcome => Assert.IsType<InconsistentStateException>(outcome));
        GrainState<Kept> read = new(new Kept());
        await silo.Storage.ReadStateAsync("kept", grain, read);
        Assert.Equal(activations[Array.IndexOf(outcomes, null)].State.Text, read.State.Text);
    }

    [PostgresFact]
    public async Task A_write_over_a_version_that_is_gone_is_refused_and_changes_nothing()
    {
        GrainId grain = GrainId.Create("node", "/stale");
        GrainState<Kept> current = new(new Kept { Text = "1" });
        await silo.Storage.WriteStateAsync("kept", grain, current);
        GrainState<Kept> stale = new(new Kept());
        await silo.Storage.ReadStateAsync("kept", grain, stale);
        current.State.Text = "2";
        await silo.Storage.WriteStateAsync("kept", grain, current);

        stale.State.Text = "stale";
        await Assert.ThrowsAsync<InconsistentStateException>(() => silo.Storage.WriteStateAsync("kept", grain, stale));
        await Assert.ThrowsAsync<InconsistentStateException>(() => silo.Storage.ClearStateAsync("kept", grain, stale));

        GrainState<Kept> read = new(new Kept());
        await silo.Storage.ReadStateAsync("kept", grain, read);
        Assert.Equal("2", read.State.Text);
    }

    [PostgresFact]
    public async Task A_state_that_was_cleared_is_not_there_and_refuses_an_activation_that_did_not_see_it()
    {
        GrainId grain = GrainId.Create("node", "/cleared");
        GrainState<Kept> state = new(new Kept { Text = "1" });
        await silo.Storage.WriteStateAsync("kept", grain, state);
        GrainState<Kept> stale = new(new Kept());
        await silo.Storage.ReadStateAsync("kept", grain, stale);

        await silo.Storage.ClearStateAsync("kept", grain, state);

        await Assert.ThrowsAsync<InconsistentStateException>(() => silo.Storage.WriteStateAsync("kept", grain, stale));
        GrainState<Kept> read = new(new Kept());
        await silo.Storage.ReadStateAsync("kept", grain, read);
        Assert.False(read.RecordExists);
        read.State.Text = "2";
        await silo.Storage.WriteStateAsync("kept", grain, read);
        GrainState<Kept> again = new(new Kept());
        await silo.Storage.ReadStateAsync("kept", grain, again);
        Assert.Equal("2", again.State.Text);
    }

    [PostgresFact]
    public async Task The_whole_identity_of_a_grain_is_the_primary_key()
    {
        string key = await PrivatePostgres.QueryAsync<string>(
            silo.ConnectionString,
            """
            SELECT string_agg(attname, ',' ORDER BY position) FROM pg_index
            CROSS JOIN unnest(indkey::int[]) WITH ORDINALITY AS column_of(number, position)
            JOIN pg_attribute ON attrelid = indrelid AND attnum = number
            WHERE indrelid = 'orleans_storage'::regclass AND indisprimary
            """);

        Assert.Equal("grain_id_hash,grain_type_hash,grain_id_n0,grain_id_n1,grain_id_text,grain_type,service_id", key);
        Assert.Equal(1, await PrivatePostgres.QueryAsync<long>(
            silo.ConnectionString, "SELECT count(*) FROM pg_index WHERE indrelid = 'orleans_storage'::regclass"));
    }

    public sealed class Kept
    {
        public string Text { get; set; } = "";
    }
}
