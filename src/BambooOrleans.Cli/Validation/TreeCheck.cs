using BambooOrleans.Core;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Validation;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Validation;

/// <summary>Everything that can be said of a tree before it runs: what the engine would refuse, and what is likely a mistake.</summary>
internal static class TreeCheck
{
    public static IReadOnlyList<Finding> Run(PipelineTree tree, RunPipelineOptions options, ComponentRegistry registry)
    {
        var findings = new List<Finding>();
        ValidationResult? graph = Graph(tree, options, findings);
        CodeCheck.Run(tree, registry, findings);
        Start(tree, options, graph, findings);
        if (graph is not null)
        {
            Context(tree, options, graph, findings);
        }

        ExpressionCheck.Run(tree, options, findings);
        return findings;
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

    // The validator stops at the first rule that is broken, as the reference does.
    private static ValidationResult? Graph(PipelineTree tree, RunPipelineOptions options, List<Finding> findings)
    {
        try
        {
            return PipelineValidator.Validate(tree, options.CycleTolerate);
        }
        catch (ConnectionValidateException refusal)
        {
            findings.AddRange(refusal.FailedNodes.SelectMany(node => node.Value.Select(problem =>
                new Finding(true, refusal.Code, TreePlaces.Of(tree, node.Key), problem, refusal))));
        }
        catch (PipelineValidationException refusal)
        {
            string? nodeId = refusal switch
            {
                ConvergeMatchException converge => converge.GatewayId,
                StreamValidateException stream => stream.NodeId,
                IsolateNodeException isolated => isolated.NodeId,
                TreeInvalidException cycle => cycle.Cycle[0],
                _ => null,
            };
            findings.Add(Finding.Of(refusal, nodeId is null ? "pipeline" : TreePlaces.Of(tree, nodeId)));
        }

        return null;
    }

    private static void Start(PipelineTree tree, RunPipelineOptions options, ValidationResult? graph, List<Finding> findings)
    {
        if (graph is null || options.StartNodeId is not { } start)
        {
            return;
        }

        try
        {
            PipelineValidator.ValidateStartNode(tree, start);
        }
        catch (BambooException refusal)
        {
            findings.Add(Finding.Of(refusal, "--start"));
        }
    }

    private static void Context(PipelineTree tree, RunPipelineOptions options, ValidationResult graph, List<Finding> findings)
    {
        try
        {
            PipelineDefinition.Compile(tree, options, graph.ConvergeGateways, new EngineSettings());
        }
        catch (BambooException refusal)
        {
            findings.Add(Finding.Of(refusal, "pipeline"));
        }
    }
}
