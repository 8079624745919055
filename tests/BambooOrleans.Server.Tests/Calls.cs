using BambooOrleans.Hosting.Wire;

namespace BambooOrleans.Server.Tests;

/// <summary>Calls of every function, good and bad, that leave the pipelines of <see cref="Served"/> as they are.</summary>
internal static class Calls
{
    public static IReadOnlyList<(string Function, MapValue Arguments)> All { get; } = [.. Make()];

    private static IEnumerable<(string Function, MapValue Arguments)> Make()
    {
        foreach (EngineFunction function in EngineDispatcher.Functions.Values.OrderBy(function => function.Name, StringComparer.Ordinal))
        {
            foreach (string id in new[] { "dev_finished", "dev_failed", "dev_waiting", "dev_rest", "dev_approve", "dev_greet", "nobody" })
            {
                // How long something has run that still runs is another answer each time.
                if (function.Name.Contains("execution_time", StringComparison.Ordinal) && id is not ("dev_finished" or "dev_greet" or "nobody" or "dev_rest"))
                {
                    continue;
                }

                yield return (function.Name, Value.Map(function.Arguments
                    .Where(argument => argument.IsRequired || argument.Name is "dry_run" or "wait_seconds" or "limit")
                    .Where(argument => !(function.Name == "run_pipeline" && argument.Name == "dry_run"))
                    .Select(argument => (argument.Name, Of(argument, id)))));
            }
        }
    }

    private static Value Of(EngineArgument argument, string id) => argument.Name switch
    {
        // Taken already, all of them: nothing is submitted.
        "pipeline" => Served.Tree(id == "nobody" ? "dev_finished" : id, ("a", "log", Value.Map(("message", "hello")))),
        "dry_run" => true,
        "wait_seconds" => 1,
        "limit" => 3,
        "flow_ids" => Value.List("f"),
        "data" => Value.Map(("n", 1.0)),
        "outputs" => Value.Map(("o", 1)),
        "context_values" => Value.List(Value.Map(("key", "${x}"), ("type", "plain"), ("value", 1))),
        _ => argument.Expected == "text" ? id : throw new NotSupportedException(argument.Name),
    };

    /// <summary>What two answers of one call have in common: of a dry run, not what it would cause, which has new versions in it.</summary>
    public static string Comparable(MapValue answer) =>
        answer["data"] is MapValue data && data.ContainsKey("dry_run") ? answer.With("data", "dry run").ToJson() : answer.ToJson();
}
