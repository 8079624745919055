using BambooOrleans.Hosting.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Reports;

/// <summary>Says which commands would move a token that waits.</summary>
internal sealed class Moves(PipelineTree tree, string database)
{
    public IReadOnlyList<string> Of(WaitInfo wait) =>
    [
        .. wait.Verbs.SelectMany(verb => Of(wait, verb)),
        .. GoesOnAlone(wait) ? [ShellCommand.Resume(tree.Id, database)] : Array.Empty<string>(),
    ];

    // What needs nobody but a process that has the pipeline go on, as no other one has the database open.
    private static bool GoesOnAlone(WaitInfo wait) => wait.Kind switch
    {
        WaitKind.RunningComponent or WaitKind.ComputingVariables or WaitKind.RunningEndEvent or WaitKind.Timer => true,
        WaitKind.Pause => wait.Due is not null && wait.Verbs.Count > 0,
        _ => false,
    };

    private IEnumerable<string> Of(WaitInfo wait, string verb) => verb switch
    {
        "retry_node" => [Command("bamboo node retry", wait.NodeId)],
        "skip_node" => [Command("bamboo node skip", wait.NodeId)],
        "skip_exclusive_gateway" => Flows(wait.NodeId)
            .Select(flow => ShellCommand.Of("bamboo node skip", database, [wait.NodeId], flow)),
        "skip_conditional_parallel_gateway" => [ShellCommand.Of("bamboo node skip", database, [wait.NodeId], Flows(wait.NodeId))],
        "retry_subprocess" => [Command("bamboo subprocess retry", wait.NodeId)],
        "callback" => [Command("bamboo node callback", wait.NodeId, wait.Version!, "{\"result\": true}")],
        "forced_fail_activity" => [Command("bamboo node fail", wait.NodeId)],
        "resume_pipeline" => Resumes("bamboo resume", wait),
        "resume_node_appoint" => Resumes("bamboo node resume", wait),
        _ => [],
    };

    private string Command(string command, params string[] arguments) => ShellCommand.Of(command, database, arguments);

    private string[] Resumes(string command, WaitInfo wait)
    {
        string id = wait.PausedBy ?? wait.NodeId;
        return wait.Due is null
            ? [Command(command, id)]
            : [Command(command, id), ShellCommand.Of(command, database, [id], "--cancel")];
    }

    private IEnumerable<string> Flows(string nodeId) =>
        TreePlaces.Find(tree, nodeId)?.Outgoing.Select(flow => ShellCommand.Option("--flow", flow)) ?? [];
}
