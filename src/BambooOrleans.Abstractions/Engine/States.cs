namespace BambooOrleans;

/// <summary>The state of a pipeline, a sub-process or a node. Names are those of the Engine API, in upper case there.</summary>
public enum NodeStateName
{
    /// <summary>Waits to be entered again, after a retry or the end of an appointed pause.</summary>
    Ready,

    /// <summary>Waits to be entered again for a retried round of its own loop.</summary>
    LoopReady,

    /// <summary>Works, or waits for a poll, a callback or its children.</summary>
    Running,

    /// <summary>Paused.</summary>
    Suspended,

    /// <summary>Done.</summary>
    Finished,

    /// <summary>Failed; waits for an operator.</summary>
    Failed,

    /// <summary>Revoked; goes nowhere from here.</summary>
    Revoked,
}

/// <summary>The names of states as the Engine API writes them.</summary>
public static class NodeStateNames
{
    /// <summary>The name as the Engine API writes it, such as <c>RUNNING</c>.</summary>
    public static string ToApiName(this NodeStateName state) => state switch
    {
        NodeStateName.Ready => "READY",
        NodeStateName.LoopReady => "LOOP_READY",
        NodeStateName.Running => "RUNNING",
        NodeStateName.Suspended => "SUSPENDED",
        NodeStateName.Finished => "FINISHED",
        NodeStateName.Failed => "FAILED",
        NodeStateName.Revoked => "REVOKED",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    /// <summary>The state of a name as the Engine API writes it.</summary>
    /// <exception cref="ArgumentException">There is no such state.</exception>
    public static NodeStateName Parse(string name)
    {
        foreach (NodeStateName state in Enum.GetValues<NodeStateName>())
        {
            if (state.ToApiName() == name)
            {
                return state;
            }
        }

        throw new ArgumentException($"there is no state {name}", nameof(name));
    }
}
