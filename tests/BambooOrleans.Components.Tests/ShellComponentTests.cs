using BambooOrleans.Components.BuiltIn;

namespace BambooOrleans.Components.Tests;

public sealed class ShellComponentTests
{
    private static readonly ShellOptions Enabled = new() { IsEnabled = true };

    [Fact]
    public async Task It_refuses_unless_it_is_enabled()
    {
        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(new ShellComponent(), ("command", "echo hello"));

        Assert.False(success);
        Assert.StartsWith("shell commands are off", context.ExData(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_command_writes_becomes_outputs()
    {
        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(
            new ShellComponent(Enabled),
            ("command", "echo out $WHO $BAMBOO_VERSION; echo err >&2"),
            ("environment", Value.Map(("WHO", "ada"))));

        Assert.True(success);
        Assert.Equal("out ada v1\n", context.Outputs["stdout"]);
        Assert.Equal("err\n", context.Outputs["stderr"]);
        Assert.Equal(0, context.Outputs["exit_code"]);
        Assert.Equal(false, context.Outputs["is_truncated"]);
    }

    [Fact]
    public async Task An_exit_code_that_is_not_0_fails()
    {
        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(
            new ShellComponent(Enabled), ("command", "echo first >&2; echo no such thing >&2; exit 3"));

        Assert.False(success);
        Assert.Equal("the command ended with exit code 3: no such thing", context.ExData());
        Assert.Equal(3, context.Outputs["exit_code"]);
    }

    [Fact]
    public async Task A_command_that_takes_too_long_is_given_up()
    {
        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(
            new ShellComponent(Enabled), ("command", "sleep 600"), ("timeout_seconds", 0.05));

        Assert.False(success);
        Assert.Equal("the command ran longer than 0.05 s and was killed", context.ExData());
    }

    [Fact]
    public async Task A_command_that_is_given_up_is_killed_with_what_it_started()
    {
        string pipe = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Value environment = Value.Map(("PIPE", pipe));
        await Attempts.ExecuteAsync(new ShellComponent(Enabled), ("command", "mkfifo \"$PIPE\""), ("environment", environment));
        using var stop = new CancellationTokenSource();

        Task<ComponentResult> running = new ShellComponent(Enabled).ExecuteAsync(
            Attempts.Context(Value.Map(
                ("command", "sh -c 'echo $$ > \"$PIPE\"; sleep 600; :' & wait"), ("environment", environment))),
            stop.Token);
        int child = int.Parse(await File.ReadAllTextAsync(pipe));
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        while (IsRunning(child))
        {
            // The system ends it in its own time; a test that never ends is one that failed.
            await Task.Yield();
        }

        File.Delete(pipe);
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(9, true)]
    public async Task Output_is_kept_up_to_the_limit_and_the_command_goes_on(int bytesMax, bool isTruncated)
    {
        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(
            new ShellComponent(Enabled with { OutputBytesMax = bytesMax }), ("command", "printf 0123456789"));

        Assert.True(success);
        Assert.Equal(isTruncated, context.Outputs["is_truncated"]);
        Assert.Equal("0123456789"[..bytesMax], context.Outputs["stdout"]);
    }

    [Fact]
    public async Task Nothing_waits_for_standard_input()
    {
        (bool success, _) = await Attempts.ExecuteAsync(new ShellComponent(Enabled), ("command", "cat"));

        Assert.True(success);
    }

    // A process that was killed and not yet collected by its parent counts as ended.
    private static bool IsRunning(int id)
    {
        string status = $"/proc/{id}/stat";
        return File.Exists(status) && File.ReadAllText(status).Split(") ")[^1][0] is not ('Z' or 'X');
    }
}
