using System.Reflection;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Serving;

/// <summary>The pipelines of <c>bamboo dev</c>: one that finishes, one that fails until its inputs are put right, one that waits for a callback.</summary>
internal static class SeedPipelines
{
    public static IReadOnlyList<string> Names { get; } = ["finished", "failed", "waiting"];

    /// <summary>Submits those that are not there yet, and waits until they have settled.</summary>
    /// <returns>The ids of all three.</returns>
    public static async Task<IReadOnlyList<string>> SubmitAsync(IBambooEngine engine, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        foreach (string name in Names)
        {
            PipelineTree tree = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
            EngineApiResult submitted = await engine.RunPipelineAsync(tree, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (submitted.Error is not AlreadyExistsException)
            {
                submitted.OrThrow();
                (await engine.WaitUntilSettledAsync(tree.Id, cancellationToken).ConfigureAwait(false)).OrThrow();
            }

            ids.Add(tree.Id);
        }

        return ids;
    }

    private static async Task<PipelineTree> ReadAsync(string name, CancellationToken cancellationToken)
    {
        Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"seeds/{name}.json")
            ?? throw new InvalidOperationException($"the pipeline {name} is not in the assembly");
        using var reader = new StreamReader(stream);
        return PipelineTreeReader.Read(await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false));
    }
}
