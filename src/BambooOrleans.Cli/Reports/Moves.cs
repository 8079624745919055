using BambooOrleans.Hosting.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Reports;

/// <summary>Says which commands would move a token that waits.</summary>
internal sealed class Moves(PipelineTree tree, string database)
{
    private readonly string _database = Reporter.DatabaseOption(database);

    public IReadOnlyList<string> Of(WaitInfo wait) =>
    [
        .. wait.Verbs.SelectMany(verb => Of(wait, verb)).Select(command => command + _database),
        .. GoesOnAlone(wait) ? [$"bamboo run --resume {Reporter.Quoted(tree.Id)}{_database}"] : Array.Empty<string>(),
    ];

    // What needs nobody but a process that has the pipeline go on, as no other one has the database open.
    private static bool GoesOnAlone(WaitInfo wait) => wait.Kind switch
    {
        WaitKind.RunningComponent or WaitKind.ComputingVariables or WaitKind.RunningEndEvent or WaitKind.Timer => true,
        WaitKind.Pause => wait.Due is not null && wait.Verbs.Count > 0,
        _ => false,
    };

    private IEnumerable<string> Of(WaitInfo wait, string verb)
    {
        string node = Reporter.Quoted(wait.NodeId);
        string pausedBy = Reporter.Quoted(wait.PausedBy ?? wait.NodeId);
        return verb switch
        {
            "retry_node" => [$"bamboo node retry {node}"],
            "skip_node" => [$"bamboo node skip {node}"],
            "skip_exclusive_gateway" => Flows(wait.NodeId).Select(flow => $"bamboo node skip {node} {flow}"),
            "skip_conditional_parallel_gateway" => [$"bamboo node skip {node} {string.Join(" ", Flows(wait.NodeId))}"],
            "retry_subprocess" => [$"bamboo subprocess retry {node}"],
            "callback" => [$"bamboo node callback {node} {wait.Version} '{{\"result\": true}}'"],
            "forced_fail_activity" => [$"bamboo node fail {node}"],
            "resume_pipeline" => Resumes($"bamboo resume {pausedBy}", wait),
            "resume_node_appoint" => Resumes($"bamboo node resume {pausedBy}", wait),
            _ => [],
        };
    }

    private static string[] Resumes(string command, WaitInfo wait) =>
        wait.Due is null ? [command] : [command, $"{command} --cancel"];

    private IEnumerable<string> Flows(string nodeId) =>
        TreePlaces.Find(tree, nodeId)?.Outgoing.Select(flow => $"--flow {Reporter.Quoted(flow)}") ?? [];
}
