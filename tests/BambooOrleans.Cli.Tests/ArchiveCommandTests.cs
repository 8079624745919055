using System.Text;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli.Tests;

/// <summary>purge, export, import and replay.</summary>
public sealed class ArchiveCommandTests : IDisposable
{
    private readonly Bamboo _bamboo = new();
    private readonly Bamboo _other = new();

    public void Dispose()
    {
        _bamboo.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task Purge_removes_what_finished_long_enough_ago_and_a_dry_run_only_tells()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);

        Output young = await _bamboo.OnDatabaseAsync("purge", "--older-than", "30d", "--json");
        Output dry = await _bamboo.OnDatabaseAsync("purge", "--older-than", "0s", "--dry-run");
        Output still = await _bamboo.OnDatabaseAsync("list", "--json");
        Output purged = await _bamboo.OnDatabaseAsync("purge", "--older-than", "0s", "--json");
        Output after = await _bamboo.OnDatabaseAsync("list", "--json");

        young.IsOf(0);
        Assert.Equal(0, young.At("count"));
        dry.IsOf(0);
        Assert.StartsWith("order since ", dry.Text, StringComparison.Ordinal);
        Assert.Contains("1 pipeline would be removed", dry.Text, StringComparison.Ordinal);
        Assert.Equal(["approval", "order"], Ids(still));
        Assert.Equal(1, purged.At("count"));
        Assert.Equal(["approval"], Ids(after));
        (await _bamboo.OnDatabaseAsync("show", "order")).IsOf(2);
        Output again = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"));
        again.IsOf(0);
        Assert.Equal(["order", "approval"], Ids(await _bamboo.OnDatabaseAsync("list", "--json")));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-3d")]
    [InlineData("d")]
    [InlineData("999999999d")]
    public async Task Purge_refuses_a_length_of_time_that_is_none(string length)
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);

        Output output = await _bamboo.OnDatabaseAsync("purge", $"--older-than={length}", "--json");

        output.IsOf(2);
        Assert.Contains(output.At("code"), new Value[] { "invalid-argument", "command-line" });
        (await _bamboo.OnDatabaseAsync("show", "order")).IsOf(0);
    }

    [Fact]
    public async Task Purge_needs_a_length_of_time_and_a_database_that_is_there()
    {
        (await _bamboo.OnDatabaseAsync("purge")).IsOf(2);
        Output output = await _bamboo.OnDatabaseAsync("purge", "--older-than", "1d", "--json");

        output.IsOf(2);
        Assert.Equal("store.not-there", output.At("code"));
    }

    [Fact]
    public async Task An_exported_pipeline_is_the_same_in_another_database()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);
        string file = _bamboo.Write("order.bamboo", "what was there before");

        Output exported = await _bamboo.OnDatabaseAsync("export", "wrap", "--output", file, "--json");
        Output imported = await _other.OnDatabaseAsync("import", file, "--json");
        Output twice = await _other.OnDatabaseAsync("import", file, "--json");

        exported.IsOf(0);
        Assert.Equal("order", exported.At("id"));
        imported.IsOf(0);
        Assert.Equal("FINISHED", imported.At("state"));
        twice.IsOf(2);
        Assert.Equal("already-exists", twice.At("code"));
        Assert.Equal((await _bamboo.OnDatabaseAsync("show", "order", "--json")).Json, (await _other.OnDatabaseAsync("show", "order", "--json")).Json);
        Assert.Equal((await _bamboo.OnDatabaseAsync("journal", "order")).Text, (await _other.OnDatabaseAsync("journal", "order")).Text);
    }

    [Fact]
    public async Task An_unfinished_pipeline_is_imported_and_goes_on_when_it_is_told_to()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        string file = _bamboo.Write("approval.bamboo", "");
        (await _bamboo.OnDatabaseAsync("export", "approval", "--output", file)).IsOf(0);

        Output imported = await _other.OnDatabaseAsync("import", file);

        imported.IsOf(0);
        Assert.Contains("bamboo run --resume approval --db", imported.Text, StringComparison.Ordinal);
        (await _other.OnDatabaseAsync("callback", "approve", "{\"decision\": \"yes\", \"by\": \"ada\"}")).IsOf(0);
        (await _bamboo.OnDatabaseAsync("show", "approval")).IsOf(0);
    }

    [Fact]
    public async Task What_cannot_be_exported_or_imported_is_told_with_its_code()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);
        string text = _bamboo.Write("text.bamboo", "no export");
        string damaged = _bamboo.Write("damaged.bamboo", "");
        (await _bamboo.OnDatabaseAsync("export", "order", "--output", damaged)).IsOf(0);
        await File.WriteAllTextAsync(damaged, (await File.ReadAllTextAsync(damaged)).Replace("books", "boots", StringComparison.Ordinal));

        Assert.Equal("not-found", (await _bamboo.OnDatabaseAsync("export", "nowhere", "--output", text, "--json")).At("code"));
        Assert.Equal("file.unwritable", (await _bamboo.OnDatabaseAsync("export", "order", "--output", "/nowhere/x", "--json")).At("code"));
        Assert.Equal("file.unreadable", (await _other.OnDatabaseAsync("import", "/nowhere/x", "--json")).At("code"));
        Assert.Equal("export.not-an-export", (await _other.OnDatabaseAsync("import", text, "--json")).At("code"));
        Output output = await _other.OnDatabaseAsync("import", damaged, "--json");
        output.IsOf(2);
        Assert.Equal("export.damaged", output.At("code"));
        Assert.Equal("no export", await File.ReadAllTextAsync(text));
        Assert.False(File.Exists(_other.Database));
    }

    [Fact]
    public async Task Replay_finds_the_states_of_a_file_and_of_a_database_in_their_journals()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        string file = _bamboo.Write("approval.bamboo", "");
        (await _bamboo.OnDatabaseAsync("export", "approval", "--output", file)).IsOf(0);

        Output fromFile = await Bamboo.RunAsync(["replay", file]);
        Output fromDatabase = await _bamboo.OnDatabaseAsync("replay", "wrap", "--json");

        fromFile.IsOf(0);
        Assert.Contains("approval equal\n", fromFile.Text, StringComparison.Ordinal);
        Assert.Contains("approve equal\n", fromFile.Text, StringComparison.Ordinal);
        fromDatabase.IsOf(0);
        Assert.Equal(true, fromDatabase.At("equal"));
        Assert.Equal("order", fromDatabase.At("id"));
        Assert.All((ListValue)fromDatabase.At("machines"), machine => Assert.Equal(true, ((MapValue)machine)["equal"]));
        (await _bamboo.OnDatabaseAsync("replay", "nowhere")).IsOf(2);
    }

    [Fact]
    public async Task Replay_of_a_database_whose_state_was_changed_by_hand_ends_with_1_and_the_place()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);
        await using (var store = new SqliteStore(new SqliteStoreOptions { Path = _bamboo.Database }))
        {
            await store.OpenAsync(CancellationToken.None);
            StoredPipeline stored = (await store.LoadAsync("order", CancellationToken.None))!;
            StoredRecord record = stored.Records.Single(record => record is { Kind: RecordKind.Node, Key: "wrap" });
            string changed = Encoding.UTF8.GetString(record.Payload.Span).Replace("\"loop\":1", "\"loop\":7", StringComparison.Ordinal);
            var batch = new CommitBatch();
            batch.Records.Add(new RecordWrite(record.Kind, stored.Root, record.Key, Encoding.UTF8.GetBytes(changed)));
            await store.CommitAsync(batch, CancellationToken.None);
        }

        Output text = await _bamboo.OnDatabaseAsync("replay", "order");
        Output json = await _bamboo.OnDatabaseAsync("replay", "order", "--json");

        text.IsOf(1);
        Assert.Contains("wrap DIFFERENT at state.loop: stored 7, replayed 1", text.Text, StringComparison.Ordinal);
        Assert.Contains("pick equal", text.Text, StringComparison.Ordinal);
        json.IsOf(1);
        Assert.Equal(false, json.At("equal"));
    }

    private static IEnumerable<string> Ids(Output output) =>
        ((ListValue)output.At("pipelines")).Select(row => ((TextValue)((MapValue)row)["id"]).Value);
}
