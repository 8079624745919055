using System.CommandLine;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo context set</c>: replaces values of a context. Keys that it does not have are refused.</summary>
internal static class ContextCommand
{
    private static readonly Argument<string[]> Values = new("KEY=JSON")
    {
        Description = "A key, as ${name} or name, and its value as JSON or as @file.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Create(CliTerminal terminal)
    {
        var set = new Command("set", "Replace values of the context of a pipeline or sub-process.") { ControlOptions.Pipeline, Values };
        ControlOptions.AddTo(set);
        set.SetAction(async (parsed, cancellationToken) =>
        {
            MapValue values = await ReadAsync(parsed.GetValue(Values)!, cancellationToken).ConfigureAwait(false);
            return await ControlCommand.SteerAsync(
                terminal,
                parsed,
                ControlOptions.Pipeline,
                async call =>
                {
                    await RequireKeysAsync(call, values, cancellationToken).ConfigureAwait(false);
                    return await call.Engine.UpdateContextValuesAsync(
                        call.Id,
                        [.. values.Select(entry => new ContextValue(entry.Key, ContextValueType.Plain, entry.Value, null))],
                        call.Options,
                        cancellationToken).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        });
        return new Command("context", "Change the context of a pipeline.") { set };
    }

    private static async Task<MapValue> ReadAsync(string[] pairs, CancellationToken cancellationToken)
    {
        var values = new MapValue.Builder();
        foreach (string pair in pairs)
        {
            int end = pair.IndexOf('=', StringComparison.Ordinal);
            if (end < 1)
            {
                throw new CliException("invalid-argument", $"{pair} is not KEY=JSON", "KEY=JSON");
            }

            values[pair[..end]] = await PipelineInput.ValueAsync(pair[(end + 1)..], pair[..end], cancellationToken).ConfigureAwait(false);
        }

        return PipelineInput.ContextKeys(values.Build())!;
    }

    // The engine passes over keys that the context does not have, which a person would take for done.
    private static async Task RequireKeysAsync(ControlCall call, MapValue values, CancellationToken cancellationToken)
    {
        IReadOnlyList<ContextValue> context =
            (await call.Engine.GetContextAsync(call.Id, cancellationToken).ConfigureAwait(false)).OrThrow();
        if (values.Keys.FirstOrDefault(key => context.All(entry => entry.Key != key)) is { } unknown)
        {
            throw new CliException(
                "invalid-argument",
                context.Count == 0
                    ? $"{call.Id} has no context"
                    : $"the context of {call.Id} has no key {unknown}; it has {string.Join(", ", context.Select(entry => entry.Key).Order(StringComparer.Ordinal))}",
                unknown);
        }
    }
}
