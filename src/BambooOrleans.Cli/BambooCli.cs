using System.CommandLine;
using BambooOrleans.Cli.Commands;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli;

/// <summary>The command line <c>bamboo</c>, apart from its process.</summary>
public static class BambooCli
{
    private static readonly ParserConfiguration Parsing = new()
    {
        // @file is how --data and --context name a file.
        ResponseFileTokenReplacer = null,
    };

    /// <summary>Carries out one command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="terminal">What is read from and written to.</param>
    /// <param name="cancellationToken">Closes the engine in good order; what was done is kept.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(string[] args, CliTerminal terminal, CancellationToken cancellationToken = default) =>
        RunAsync(args, terminal, machine: null, cancellationToken);

    // What bamboo doctor finds out of the machine is what a test says, where it says something.
    internal static async Task<int> RunAsync(
        string[] args, CliTerminal terminal, Doctor.Machine? machine, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(terminal);
        ParseResult command = Root(terminal, machine).Parse(args, Parsing);
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        try
        {
            if (command.Errors.Count > 0)
            {
                throw new CliException("command-line", string.Join(" ", command.Errors.Select(error => error.Message)));
            }

            return await command.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = terminal.Out,
                    Error = terminal.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (BambooException refusal)
        {
            return report.Error(refusal);
        }
        catch (IOException failure)
        {
            // A file that a command names is told of where it is read or written: what is left is what the command has to say,
            // so that only the other way out may still take something.
            try
            {
                terminal.Error.WriteLine($"error: the output cannot be written: {failure.Message} [file.unwritable]");
            }
            catch (IOException)
            {
                // Then the exit code has to say it.
            }

            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return report.Stopped();
        }
    }

    private static RootCommand Root(CliTerminal terminal, Doctor.Machine? machine)
    {
        var root = new RootCommand("Runs pipelines on this machine. docs/command-line.md tells more.")
        {
            CommonOptions.Json,
            RunCommand.Create(terminal),
            ValidateCommand.Create(terminal),
            SimCommand.Create(terminal),
            ShowCommand.Create(terminal),
            ListCommand.Create(terminal),
            DefinitionCommand.Create(terminal),
            PauseCommand.Create(terminal),
            ResumeCommand.Create(terminal),
            RevokeCommand.Create(terminal),
            NodeCommand.Create(terminal),
            NodeCommand.CreateForSubProcess(terminal),
            ContextCommand.Create(terminal),
            HistoryCommand.Create(terminal),
            DataCommand.Create(terminal),
            JournalCommand.Create(terminal),
            WhyCommand.Create(terminal),
            PreviewCommand.Create(terminal),
            PurgeCommand.Create(terminal),
            ExportCommand.Create(terminal),
            ImportCommand.Create(terminal),
            ReplayCommand.Create(terminal),
            ServeCommand.Create(terminal),
            DevCommand.Create(terminal),
            KeyCommand.Create(terminal),
            OpenApiCommand.Create(terminal),
            DoctorCommand.Create(terminal, machine),

            // Short for those below bamboo node.
            CallbackCommand.Create(terminal),
            RetryCommand.Create(terminal),
            SkipCommand.Create(terminal),
        };
        return root;
    }
}
