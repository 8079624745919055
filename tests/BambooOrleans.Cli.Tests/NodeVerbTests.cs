using BambooOrleans.Building;

namespace BambooOrleans.Cli.Tests;

public sealed class NodeVerbTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Fact]
    public async Task A_failed_node_is_retried_with_other_inputs()
    {
        await RunFailingAsync();

        Output output = await _bamboo.OnDatabaseAsync("retry", "a", "--data", """{"seconds": 0}""", "--json");

        output.IsOf(0);
        Assert.Equal(1, output.At("states", "p", "children", "a", "retry"));
        Assert.Equal("FINISHED", output.At("states", "p", "children", "b", "state"));
    }

    [Fact]
    public async Task A_retry_that_fails_again_says_so()
    {
        await RunFailingAsync();

        (await _bamboo.OnDatabaseAsync("retry", "a")).IsOf(1);
    }

    [Fact]
    public async Task A_failed_node_is_skipped()
    {
        await RunFailingAsync();

        Output output = await _bamboo.OnDatabaseAsync("skip", "a", "--json");

        output.IsOf(0);
        Assert.Equal(true, output.At("states", "p", "children", "a", "skip"));
    }

    private async Task RunFailingAsync()
    {
        string file = _bamboo.Write("p.json", RunCommandTests.Tree(
            new ServiceActivity("sleep", "a") { Inputs = { { "seconds", -1 } } }, new ServiceActivity("assign", "b")));
        (await _bamboo.OnDatabaseAsync("run", file)).IsOf(1);
    }
}
