using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Core.Machines;

/// <summary>Says of each token of a root pipeline what it waits for, from the states of the machines alone.</summary>
public static class Waits
{
    private static readonly string[] FailedActivityVerbs = ["retry_node", "skip_node"];

    /// <summary>The waits, by token id.</summary>
    /// <param name="pipeline">The pipeline machine.</param>
    /// <param name="stateOf">The state of a node; null where it has none.</param>
    public static IReadOnlyList<WaitInfo> Of(PipelineMachine pipeline, Func<string, NodeState?> stateOf) =>
    [
        .. pipeline.State.Tokens.Values
            .OrderBy(token => token.Id, StringComparer.Ordinal)
            .Select(token => Of(pipeline, token, stateOf(token.Node))),
    ];

    private static WaitInfo Of(PipelineMachine pipeline, Token token, NodeState? state)
    {
        NodeDefinition node = pipeline.Definition.Nodes[token.Node];
        var wait = new WaitInfo
        {
            TokenId = token.Id,
            NodeId = node.Id,
            NodeName = node.Name,
            ScopeId = token.Scope,
            Kind = WaitKind.RunningComponent,
            Text = "",
            Since = state?.StartedTime,
            Version = state?.Version,
        };
        return token.Phase switch
        {
            TokenPhase.Held => Held(pipeline, token, state, wait),
            TokenPhase.Asleep => Asleep(pipeline, node, state, wait),
            TokenPhase.Joining => wait with
            {
                Kind = WaitKind.Children,
                Since = state?.ArchivedTime,
                BranchesAwaited = token.Awaited,
                Text = $"waits at {node.Id} for {Counted(token.Awaited, "branch", "branches")} to reach {node.ConvergeGatewayId}",
            },
            TokenPhase.Hydrating => wait with
            {
                Kind = WaitKind.ComputingVariables,
                Since = pipeline.State.Scopes[node.Id].StartedTime,
                Version = pipeline.State.Scopes[node.Id].Version,
                Text = $"the lazy variables that the params of {node.Id} need are being computed",
            },
            TokenPhase.Entered => Running(node, state, wait),
            _ => throw new InvalidOperationException($"token {token.Id} is in an unknown phase"),
        };
    }

    private static WaitInfo Held(PipelineMachine pipeline, Token token, NodeState? state, WaitInfo wait)
    {
        string by = token.HeldBy!;
        bool isScope = pipeline.State.Scopes.TryGetValue(by, out ScopeState? scope);
        DateTimeOffset? resumeAt = isScope ? scope!.ResumeAt : state?.ResumeAt;
        string until = resumeAt is { } at ? $", until {ApiTime.Text(at)}" : "";
        bool isRevoked = pipeline.State.Scopes[pipeline.Definition.RootId].State == NodeStateName.Revoked;
        return wait with
        {
            Kind = WaitKind.Pause,
            Since = null,
            PausedBy = by,
            Due = resumeAt,
            Verbs = isRevoked ? [] : isScope ? ["resume_pipeline"] : ["resume_node_appoint"],
            Text = $"is held before {wait.NodeId}: " + (isRevoked ? $"the pipeline {pipeline.Definition.RootId} is revoked"
                : by == pipeline.Definition.RootId ? $"the pipeline {by} is paused{until}"
                : isScope ? $"the sub-process {by} is paused{until}"
                : $"the node is paused by appointment{until}"),
        };
    }

    private static WaitInfo Asleep(PipelineMachine pipeline, NodeDefinition node, NodeState? state, WaitInfo wait)
    {
        if (node.Kind == NodeKind.SubProcess)
        {
            ScopeState scope = pipeline.State.Scopes[node.Id];
            return Failed(wait, scope.State, scope.ArchivedTime, ErrorOf(scope.Outputs), ["retry_subprocess"]) with { Version = scope.Version };
        }

        string[] verbs = node.Kind switch
        {
            NodeKind.ServiceActivity or NodeKind.EmptyStartEvent =>
                [.. FailedActivityVerbs.Where(verb => verb == "retry_node" ? node.CanRetry : node.CanSkip)],
            NodeKind.ExclusiveGateway => ["retry_node", "skip_exclusive_gateway"],
            NodeKind.ConditionalParallelGateway => ["retry_node", "skip_conditional_parallel_gateway"],
            _ => ["retry_node"],
        };
        return Failed(wait, state!.State, state.ArchivedTime, state.Report?.Cause ?? ErrorOf(state.Outputs), verbs);
    }

    private static WaitInfo Failed(WaitInfo wait, NodeStateName state, DateTimeOffset? since, string? error, string[] verbs) =>
        state == NodeStateName.Failed
            ? wait with
            {
                Kind = WaitKind.Operator,
                Since = since,
                Error = error,
                Verbs = verbs,
                Text = $"{wait.NodeId} failed and waits for an operator: {FirstLine(error) ?? "its component gave no error"}",
            }
            : wait with
            {
                Kind = WaitKind.Stuck,
                Text = state == NodeStateName.Ready
                    ? $"{wait.NodeId} failed and was made READY by resume_node_appoint: nothing enters it"
                    : $"could not enter {wait.NodeId}, which was {state.ToApiName()} when it came",
            };

    private static WaitInfo Running(NodeDefinition node, NodeState? state, WaitInfo wait) => state switch
    {
        { State: NodeStateName.Suspended } => wait with
        {
            Kind = WaitKind.Pause,
            PausedBy = node.Id,
            Due = state.ResumeAt,
            Verbs = ["resume_node_appoint"],
            Text = $"{node.Id} was paused while it ran" + (state.ResumeAt is { } at ? $", until {ApiTime.Text(at)}" : ""),
        },
        { Phase: NodePhase.Waiting, Schedule: { Kind: ScheduleKind.Poll } schedule } => wait with
        {
            Kind = WaitKind.Timer,
            Due = schedule.Due,
            Verbs = ["forced_fail_activity"],
            Text = $"{node.Id} waits for its next poll at {ApiTime.Text(schedule.Due)}, after {Counted(schedule.Times, "poll")}",
        },
        { Phase: NodePhase.Waiting, Schedule: { } schedule } => wait with
        {
            Kind = WaitKind.Callback,
            Due = schedule.Deadline,
            Verbs = ["callback", "forced_fail_activity"],
            Text = $"{node.Id} waits for a callback under version {state.Version}"
                + (schedule.Times > 0 ? $", after {Counted(schedule.Times, "callback")}" : "")
                + (schedule.Deadline is { } deadline ? $", until {ApiTime.Text(deadline)}" : ""),
        },
        { Phase: NodePhase.Hydrating } => wait with
        {
            Kind = WaitKind.ComputingVariables,
            Text = $"the lazy variables that {node.Id} needs are being computed",
        },
        { Phase: NodePhase.RunningEndEvent } => wait with
        {
            Kind = WaitKind.RunningEndEvent,
            Text = $"the code of the end event {node.Id} runs",
        },
        _ => wait with
        {
            Kind = WaitKind.RunningComponent,
            Verbs = node.Kind == NodeKind.ServiceActivity ? ["forced_fail_activity"] : [],
            Text = $"the component {node.Code} of {node.Id} runs since {ApiTime.Text(wait.Since)}",
        },
    };

    private static string Counted(int number, string one, string? many = null) => number == 1 ? $"1 {one}" : $"{number} {many ?? one + "s"}";

    private static string? ErrorOf(MapValue? outputs) =>
        outputs is not null && outputs.TryGetValue("ex_data", out Value? error) ? (error as TextValue)?.Value ?? error.ToJson() : null;

    private static string? FirstLine(string? text) => text?.Split('\n', 2)[0].TrimEnd('\r');
}
