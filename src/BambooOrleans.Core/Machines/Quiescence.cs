using BambooOrleans.Components;

namespace BambooOrleans.Core.Machines;

/// <summary>Whether anything in a root pipeline goes on without a call from outside, from the states of its machines alone.</summary>
public static class Quiescence
{
    /// <summary>
    /// Whether nothing goes on at a token without a callback or an operator, but for deadlines and appointed resumes. That no user code
    /// runs there is for the caller to know.
    /// </summary>
    /// <param name="token">The token.</param>
    /// <param name="state">The state of the node that it stands at; null where it has none.</param>
    public static bool IsQuiet(Token token, NodeState? state) => token.Phase switch
    {
        TokenPhase.Held or TokenPhase.Asleep or TokenPhase.Joining => true,
        TokenPhase.Hydrating => false,
        _ => state is { State: NodeStateName.Suspended } or { Phase: NodePhase.Waiting, Schedule.WaitsForCallback: true },
    };

    /// <summary>
    /// Whether a root pipeline is over: it is finished, or it is revoked and nothing in it goes on by itself. A revoked one may
    /// keep tokens for good, at nodes that failed or wait for a callback (observed: its nodes stay as they are); a call to one of
    /// them begins it once more, until that token has ended.
    /// </summary>
    /// <param name="pipeline">The pipeline machine's state.</param>
    /// <param name="rootId">The root pipeline.</param>
    /// <param name="stateOf">The state of a node; null where it has none.</param>
    public static bool IsOver(PipelineState pipeline, string rootId, Func<string, NodeState?> stateOf) =>
        pipeline.Tokens.Count == 0
        || (pipeline.Scopes.TryGetValue(rootId, out ScopeState? root)
            && root.State == NodeStateName.Revoked
            && pipeline.Scopes.Values.All(scope => scope is not { State: NodeStateName.Suspended, ResumeAt: not null })
            && pipeline.Tokens.Values.All(token => IsOver(token, stateOf(token.Node))));

    private static bool IsOver(Token token, NodeState? state) => IsQuiet(token, state) && state?.NextTimer is null;
}
