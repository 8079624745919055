using BambooOrleans.Core;
using BambooOrleans.Hosting;
using BambooOrleans.Hosting.Validation;
using BambooOrleans.Pipelines;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Cli;

/// <summary>What validation says of a tree, before any database is opened.</summary>
internal static class TreeFindings
{
    public static IReadOnlyList<Finding> Of(PipelineTree tree, RunPipelineOptions options)
    {
        var settings = new EngineSettings();
        ComponentRegistry registry = Session.Registry();
        using ServiceProvider services = new ServiceCollection().BuildServiceProvider();
        using var userCode = new UserCode(registry, services, new UserCodeOptions(), settings);
        return
        [
            .. TreeCheck.Run(tree, options, new SubmissionCheck(registry, settings), userCode)
                .Select(finding => finding.Path == TreeCheck.StartOption ? finding with { Path = "--start" } : finding),
        ];
    }

    /// <summary>Refuses where there is any error, as the engine would.</summary>
    /// <exception cref="BambooException">The first error.</exception>
    public static void ThrowFirst(IReadOnlyList<Finding> findings)
    {
        if (findings.FirstOrDefault(finding => finding.IsError) is { } error)
        {
            throw error.Cause ?? new CliException(error.Code, $"{error.Path}: {error.Message}", error.Path);
        }
    }
}
