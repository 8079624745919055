using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting.Validation;

/// <summary>Everything that can be said of a tree before it runs: what the engine would refuse, and what is likely a mistake.</summary>
public static class TreeCheck
{
    /// <summary>The name of the option that <see cref="RunPipelineOptions.StartNodeId"/> is, as the path of what is wrong with it.</summary>
    public const string StartOption = "start_node_id";

    /// <summary>Checks a tree that was not read yet.</summary>
    /// <param name="tree">The tree as JSON.</param>
    /// <param name="options">What it would be submitted with.</param>
    /// <param name="check">What the engine checks of a submission.</param>
    /// <param name="userCode">The user code that there is.</param>
    public static IReadOnlyList<Finding> Run(Value tree, RunPipelineOptions options, SubmissionCheck check, UserCode userCode)
    {
        try
        {
            return Run(PipelineTreeReader.Read(tree), options, check, userCode);
        }
        catch (PipelineTreeException refusal)
        {
            return [Finding.Of(refusal)];
        }
    }

    /// <summary>Checks a tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="options">What it would be submitted with.</param>
    /// <param name="check">What the engine checks of a submission.</param>
    /// <param name="userCode">The user code that there is.</param>
    public static IReadOnlyList<Finding> Run(PipelineTree tree, RunPipelineOptions options, SubmissionCheck check, UserCode userCode)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(check);
        ArgumentNullException.ThrowIfNull(userCode);
        var findings = new List<Finding>();
        if (IsGraph(tree, options, findings))
        {
            Start(tree, options, findings);
        }

        CodeCheck.Run(tree, userCode, findings);
        if (!findings.Any(finding => finding.IsError))
        {
            Whole(tree, options, check, findings);
        }

        ExpressionCheck.Run(tree, options, findings);
        return findings;
    }

    // The validator stops at the first rule that is broken, as the reference does.
    private static bool IsGraph(PipelineTree tree, RunPipelineOptions options, List<Finding> findings)
    {
        try
        {
            PipelineValidator.Validate(tree, options.CycleTolerate);
            return true;
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

        return false;
    }

    private static void Start(PipelineTree tree, RunPipelineOptions options, List<Finding> findings)
    {
        if (options.StartNodeId is not { } start)
        {
            return;
        }

        try
        {
            PipelineValidator.ValidateStartNode(tree, start);
        }
        catch (BambooException refusal)
        {
            findings.Add(Finding.Of(refusal, StartOption));
        }
    }

    // Whatever else a submission is refused for.
    private static void Whole(PipelineTree tree, RunPipelineOptions options, SubmissionCheck check, List<Finding> findings)
    {
        try
        {
            check.Check(tree, options);
        }
        catch (BambooException refusal)
        {
            findings.Add(Finding.Of(refusal, "pipeline"));
        }
    }
}
