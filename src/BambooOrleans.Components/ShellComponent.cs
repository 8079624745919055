using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace BambooOrleans.Components.BuiltIn;

/// <summary>
/// Runs a command of the system's shell, where <see cref="ShellOptions.IsEnabled"/> says that it may. The command and
/// everything it started are killed when its time is up or the engine closes.
/// </summary>
/// <remarks>
/// A command runs again when the process died while it ran. It finds the attempt's version in the environment as
/// <c>BAMBOO_VERSION</c>, the same in both runs.
/// </remarks>
/// <param name="options">What it may do; null for nothing.</param>
[Component("shell", Description = "Runs a command of the system's shell. Off unless it is enabled.")]
public sealed class ShellComponent(ShellOptions? options = null) : BuiltInComponent
{
    private readonly ShellOptions _options = options ?? new ShellOptions();

    /// <inheritdoc/>
    public override TimeSpan? TimeLimit => _options.TimeLimitMax + TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Inputs { get; } =
    [
        new("command", "text", true, "The command, for /bin/sh -c, or cmd /c on Windows. Templates in it are not quoted for the shell: hand values over by environment."),
        new("environment", "map", false, "Variables that are added to the environment."),
        new("directory", "text", false, "Where the command runs; the directory of the process where it is left out."),
        new("timeout_seconds", "float", false, "How long it may run, in seconds."),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Outputs { get; } =
    [
        new("exit_code", "int", true, "The command's exit code; anything but 0 fails the node."),
        new("stdout", "text", true, "What it wrote, up to the limit."),
        new("stderr", "text", true, "What it wrote as errors, up to the limit."),
        new("is_truncated", "bool", true, "Whether it wrote more than that."),
    ];

    /// <inheritdoc/>
    protected override async Task<ComponentResult> RunAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        if (!_options.IsEnabled)
        {
            return context.Fail("shell commands are off; the engine's operator can enable them (bamboo run --allow-shell)");
        }

        string command = context.RequiredText("command");
        double seconds = context.OptionalNumber("timeout_seconds", 0.001, _options.TimeLimitMax.TotalSeconds)
            ?? _options.TimeLimit.TotalSeconds;
        using var process = new Process { StartInfo = StartInfo(command, context) };
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            return context.Fail($"the command cannot be started: {failure.Message}");
        }

        timeUp.CancelAfter(TimeSpan.FromSeconds(seconds));
        process.StandardInput.Close();
        try
        {
            Task<Written> readingOutput = ReadAsync(process.StandardOutput.BaseStream, timeUp.Token);
            Task<Written> readingError = ReadAsync(process.StandardError.BaseStream, timeUp.Token);
            await Task.WhenAll(readingOutput, readingError, process.WaitForExitAsync(timeUp.Token)).ConfigureAwait(false);
            Written output = await readingOutput.ConfigureAwait(false);
            Written error = await readingError.ConfigureAwait(false);
            context.SetOutput("exit_code", process.ExitCode);
            context.SetOutput("stdout", output.Text);
            context.SetOutput("stderr", error.Text);
            context.SetOutput("is_truncated", output.IsTruncated || error.IsTruncated);
            return process.ExitCode == 0
                ? ComponentResult.Ok
                : context.Fail($"the command ended with exit code {process.ExitCode}: {LastLine(error.Text)}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return context.Fail(string.Create(CultureInfo.InvariantCulture, $"the command ran longer than {seconds} s and was killed"));
        }
        finally
        {
            Kill(process);
        }
    }

    private static ProcessStartInfo StartInfo(string command, ComponentContext context)
    {
        var start = new ProcessStartInfo
        {
            FileName = OperatingSystem.IsWindows() ? "cmd.exe" : "/bin/sh",
            WorkingDirectory = context.OptionalText("directory") ?? "",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(OperatingSystem.IsWindows() ? "/c" : "-c");
        start.ArgumentList.Add(command);
        start.Environment["BAMBOO_NODE_ID"] = context.NodeId;
        start.Environment["BAMBOO_VERSION"] = context.Version;
        foreach ((string name, Value value) in context.OptionalMap("environment"))
        {
            start.Environment[name] = BuiltIn.Inputs.AsText(value);
        }

        return start;
    }

    // What is beyond the limit is read all the same: a command whose pipe is full would wait for ever.
    private async Task<Written> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        byte[] buffer = new byte[8192];
        bool isTruncated = false;
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            int room = Math.Min(read, _options.OutputBytesMax - (int)kept.Length);
            kept.Write(buffer, 0, room);
            isTruncated |= room < read;
        }

        return new Written(Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length), isTruncated);
    }

    private static string LastLine(string text) =>
        text.TrimEnd().Split('\n')[^1].Trim() is { Length: > 0 } line ? line : "(it wrote no error)";

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // It is ending, or is not ours to kill any more.
        }
    }

    private sealed record Written(string Text, bool IsTruncated);
}
