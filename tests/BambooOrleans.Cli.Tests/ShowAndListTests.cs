namespace BambooOrleans.Cli.Tests;

public sealed class ShowAndListTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Fact]
    public async Task Show_tells_states_data_and_context()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);

        Output text = await _bamboo.OnDatabaseAsync("show", "order");
        Output json = await _bamboo.OnDatabaseAsync("show", "order", "--json");

        text.IsOf(0);
        Assert.Contains("warehouse (Warehouse) FINISHED", text.Text, StringComparison.Ordinal);
        Assert.Contains("  pick (Pick) FINISHED", text.Text, StringComparison.Ordinal);
        Assert.Contains("  ${customer} = \"Ada\"", text.Text, StringComparison.Ordinal);
        Assert.Equal("a parcel with 3 books", json.At("data", "wrap", "outputs", "parcel"));
        Assert.Equal("Ada", json.At("context", "${customer}"));
        Assert.Equal("FINISHED", json.At("states", "order", "children", "pack", "state"));
    }

    [Fact]
    public async Task Show_finds_a_pipeline_by_its_nodes_and_leaves_it_as_it_is()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        Output first = await _bamboo.OnDatabaseAsync("show", "approve", "--json");

        Output second = await _bamboo.OnDatabaseAsync("show", "approval", "--json");

        first.IsOf(0);
        Assert.Equal("waiting", first.At("outcome"));
        Assert.Equal(first.Json, second.Json);
    }

    [Fact]
    public async Task List_has_the_newest_first_up_to_the_limit()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);

        Output all = await _bamboo.OnDatabaseAsync("list", "--json");
        Output one = await _bamboo.OnDatabaseAsync("list", "--limit", "1");

        Assert.Equal(["approval", "order"], ((ListValue)all.At("pipelines")).Select(row => ((TextValue)((MapValue)row)["id"]).Value));
        Assert.StartsWith("approval RUNNING ", one.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("order", one.Text, StringComparison.Ordinal);
    }
}
