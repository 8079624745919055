using System.CommandLine;
using BambooOrleans.Server.Http;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo openapi</c>: the description of the HTTP API, for programs that make clients of it.</summary>
internal static class OpenApiCommand
{
    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("openapi", "Write the OpenAPI document of the HTTP API.");
        command.SetAction(_ =>
        {
            terminal.Out.Write(OpenApiDocument.Create());
            return ExitCode.Finished;
        });
        return command;
    }
}
