using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;

namespace BambooOrleans.Hosting;

/// <summary>Errors of nodes as logs and traces have them.</summary>
internal static class NodeErrors
{
    /// <summary>An error with the secret inputs of its node masked.</summary>
    public static string Shown(NodeDefinition node, NodeState state, string error)
    {
        if (node.SecretInputs.Count == 0)
        {
            return error;
        }

        var secrets = new SecretValues();
        foreach (MapValue inputs in new[] { state.RunningInputs, state.Inputs }.OfType<MapValue>())
        {
            foreach (string name in node.SecretInputs)
            {
                if (inputs.TryGetValue(name, out Value? value))
                {
                    secrets.Add(value);
                }
            }
        }

        return secrets.In(error);
    }

    /// <summary>The error of a sub-process, which fails before its params are known.</summary>
    public static string Shown(NodeDefinition subProcess, string error) =>
        subProcess.SecretInputs.Count == 0 ? error : "it is not shown, as the sub-process has secret params";

    /// <summary>An exception; of a node with secret inputs only its type, as it may tell them.</summary>
    public static Exception Shown(NodeDefinition node, Exception failure) => node.SecretInputs.Count == 0
        ? failure
        : new InvalidOperationException($"{failure.GetType().FullName}, which is not shown, as the node has secret inputs");
}
