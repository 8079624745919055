using BambooOrleans.Building;

namespace BambooOrleans.Cli.Tests;

/// <summary>No command writes what is marked as secret.</summary>
public sealed class SecretTests : IDisposable
{
    private const string Secret = "planted-secret-0815";

    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Fact]
    public async Task No_command_writes_a_secret()
    {
        string file = _bamboo.Write("p.json", RunCommandTests.Tree(
            new ServiceActivity("log", "a") { Inputs = { { "message", new Var(Pipelines.TreeVariableType.Plain, $"logged {Secret}") { IsSecret = true } } } },
            new ServiceActivity("assign", "b") { Inputs = { { "x", new Var(Pipelines.TreeVariableType.Plain, Secret) { IsSecret = true } } } },
            new ServiceActivity("sleep", "c") { Inputs = { { "seconds", new Var(Pipelines.TreeVariableType.Plain, Secret) { IsSecret = true } } } }));
        Assert.Contains(Secret, await File.ReadAllTextAsync(file), StringComparison.Ordinal);

        Output run = await _bamboo.OnDatabaseAsync("run", file);
        Assert.Contains("******", run.Text + run.Error, StringComparison.Ordinal);
        foreach (string[] command in new string[][]
        {
            ["run", file, "--json", "--fresh-ids"], ["validate", file, "--json"], ["preview", file, "b"], ["show", "p"], ["show", "p", "--json"], ["why", "p"],
            ["why", "p", "--json"], ["data", "a"], ["data", "b"], ["data", "c", "--json"], ["definition", "p"], ["definition", "p", "--json"],
            ["journal"], ["journal", "p", "--json"], ["node", "retry", "c", "--dry-run"], ["node", "retry", "c"], ["history", "c"], ["history", "c", "--json"],
            ["list", "--json"], ["replay", "p"], ["node", "skip", "c"], ["show", "p"],
        })
        {
            Output output = command[0] is "validate" or "preview" ? await Bamboo.RunAsync(command) : await _bamboo.OnDatabaseAsync(command);
            Assert.True(output.Text.Length + output.Error.Length > 0, string.Join(' ', command));
            Assert.False(
                (output.Text + output.Error).Contains(Secret, StringComparison.Ordinal), $"bamboo {string.Join(' ', command)}:\n{output.Text}\n{output.Error}");
        }

        Assert.DoesNotContain(Secret, run.Text + run.Error, StringComparison.Ordinal);
    }
}
