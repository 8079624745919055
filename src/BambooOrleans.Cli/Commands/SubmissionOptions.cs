using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary>The options that go with a pipeline when it is submitted, or validated.</summary>
internal static class SubmissionOptions
{
    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Data of the root pipeline, which components see.",
        HelpName = "JSON|@file",
    };

    private static readonly Option<string?> Context = new("--context")
    {
        Description = "Context of the root pipeline, by key ${name} or name. A key that the file has too is refused.",
        HelpName = "JSON|@file",
    };

    private static readonly Option<string?> Start = new("--start")
    {
        Description = "The node to start from, as the file names it.",
        HelpName = "NODE",
    };

    private static readonly Option<bool> CycleTolerate = new("--cycle-tolerate")
    {
        Description = "Allow flows that lead back.",
    };

    public static void AddTo(Command command)
    {
        command.Options.Add(Data);
        command.Options.Add(Context);
        command.Options.Add(Start);
        command.Options.Add(CycleTolerate);
    }

    public static async Task<RunPipelineOptions> ReadAsync(ParseResult command, CancellationToken cancellationToken) => new()
    {
        RootPipelineData = await PipelineInput.MapAsync(command.GetValue(Data), "--data", cancellationToken).ConfigureAwait(false),
        RootPipelineContext = PipelineInput.ContextKeys(
            await PipelineInput.MapAsync(command.GetValue(Context), "--context", cancellationToken).ConfigureAwait(false)),
        StartNodeId = command.GetValue(Start),
        CycleTolerate = command.GetValue(CycleTolerate),
    };
}
