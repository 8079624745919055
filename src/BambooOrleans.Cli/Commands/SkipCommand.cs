using System.CommandLine;
using BambooOrleans.Core.Validation;
using BambooOrleans.Hosting.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Commands;

/// <summary>
/// <c>bamboo node skip</c>: passes over a failed node, and follows the pipeline until it has settled again. A gateway is passed
/// over along flows that are named.
/// </summary>
internal static class SkipCommand
{
    private static readonly Option<bool> Loop = new("--loop")
    {
        Description = "Only the failed round of the node's own loop.",
    };

    private static readonly Option<string[]> Flows = new("--flow")
    {
        Description = "Of a gateway: the flow to go on along; of a conditional parallel gateway one or more.",
        HelpName = "FLOW",
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("skip", "Pass over a failed node.") { ControlOptions.Node, Loop, Flows };
        ControlOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ControlCommand.GoOnAsync(
            terminal,
            parsed,
            ControlOptions.Node,
            call => SkipAsync(call, parsed.GetValue(Flows) ?? [], parsed.GetValue(Loop), cancellationToken),
            cancellationToken));
        return command;
    }

    private static async Task<EngineApiResult<VerbOutcome>> SkipAsync(
        ControlCall call, string[] flows, bool isLoop, CancellationToken cancellationToken)
    {
        PipelineTree tree = await call.Session.TreeAsync(call.RootId, cancellationToken).ConfigureAwait(false);
        TreeNode? node = TreePlaces.Find(tree, call.Id);
        switch (node?.Type)
        {
            case NodeTypes.ExclusiveGateway:
                RequireFlows(node, flows.Length == 1, isLoop, "the one flow");
                return await call.Engine.SkipExclusiveGatewayAsync(call.Id, flows[0], call.Options, cancellationToken).ConfigureAwait(false);
            case NodeTypes.ConditionalParallelGateway:
                RequireFlows(node, flows.Length > 0, isLoop, "the flows");
                string converge = PipelineValidator.Validate(tree, cycleTolerate: true).ConvergeGateways[call.Id];
                return await call.Engine.SkipConditionalParallelGatewayAsync(call.Id, flows, converge, call.Options, cancellationToken)
                    .ConfigureAwait(false);
            case { } type when flows.Length > 0:
                throw new CliException("invalid-argument", $"--flow is for gateways with conditions, but {call.Id} is a {type}", "--flow");
            default:
                return await call.Engine.SkipNodeAsync(call.Id, isLoop, call.Options, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void RequireFlows(TreeNode node, bool isRight, bool isLoop, string which)
    {
        if (isLoop)
        {
            throw new CliException("invalid-argument", $"--loop is for nodes that loop, but {node.Id} is a {node.Type}", "--loop");
        }

        if (!isRight)
        {
            throw new CliException(
                "invalid-argument",
                $"{node.Id} is a {node.Type}: name {which} to go on along with --flow, of {string.Join(", ", node.Outgoing)}",
                "--flow");
        }
    }
}
