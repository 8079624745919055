using System.Text.Json;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli;

/// <summary>Reads what a command line gives as a file or as JSON.</summary>
internal static class PipelineInput
{
    /// <summary>A tree from a file, or from standard input where the name is <c>-</c>.</summary>
    public static async Task<PipelineTree> TreeAsync(string file, CliTerminal terminal, CancellationToken cancellationToken) =>
        PipelineTreeReader.Read(file == "-"
            ? await terminal.In.ReadToEndAsync(cancellationToken).ConfigureAwait(false)
            : await FileAsync(file, "FILE", cancellationToken).ConfigureAwait(false));

    /// <summary>A map as JSON, or from the file whose name follows <c>@</c>; null where the option is not there.</summary>
    public static async Task<MapValue?> MapAsync(string? argument, string option, CancellationToken cancellationToken) =>
        argument is null
            ? null
            : await ValueAsync(argument, option, cancellationToken).ConfigureAwait(false) as MapValue
                ?? throw new CliException("invalid-argument", $"{option} must be a JSON object", option);

    /// <summary>Any JSON, or from the file whose name follows <c>@</c>.</summary>
    public static async Task<Value> ValueAsync(string argument, string option, CancellationToken cancellationToken)
    {
        string json = argument.StartsWith('@')
            ? await FileAsync(argument[1..], option, cancellationToken).ConfigureAwait(false)
            : argument;
        try
        {
            return Value.ParseJson(json);
        }
        catch (JsonException failure)
        {
            throw new CliException("invalid-argument", $"{option} is not JSON: {WireJson.Problem(failure)}", option);
        }
    }

    /// <summary>Context by key: bare names become <c>${name}</c>.</summary>
    public static MapValue? ContextKeys(MapValue? context) => context is null
        ? null
        : Value.Map(context.Select(entry =>
            (entry.Key.StartsWith("${", StringComparison.Ordinal) && entry.Key.EndsWith('}') ? entry.Key : $"${{{entry.Key}}}", entry.Value)));

    private static async Task<string> FileAsync(string file, string option, CancellationToken cancellationToken)
    {
        if (Directory.Exists(file))
        {
            throw new CliException("file.unreadable", $"{option} {file} cannot be read: it is a directory", file);
        }

        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException("file.unreadable", $"{option} {file} cannot be read: {failure.Message}", file);
        }
    }
}
