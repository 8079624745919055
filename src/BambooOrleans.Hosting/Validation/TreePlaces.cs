using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting.Validation;

/// <summary>Finds where in a tree things stand, as paths from <c>pipeline</c> down.</summary>
public static class TreePlaces
{
    /// <summary>Every pipeline of a tree with its path, the root first.</summary>
    public static IEnumerable<(PipelineTree Pipeline, string Path, TreeSubProcess? Around)> Pipelines(PipelineTree root)
    {
        var open = new Queue<(PipelineTree Pipeline, string Path, TreeSubProcess? Around)>([(root, "pipeline", null)]);
        while (open.TryDequeue(out (PipelineTree Pipeline, string Path, TreeSubProcess? Around) at))
        {
            yield return at;
            foreach (TreeSubProcess subProcess in at.Pipeline.Activities.Values.OfType<TreeSubProcess>())
            {
                open.Enqueue((subProcess.Pipeline, $"{at.Path}.activities.{subProcess.Id}.pipeline", subProcess));
            }
        }
    }

    /// <summary>A node of any pipeline in a tree; null where there is none of this id.</summary>
    public static TreeNode? Find(PipelineTree root, string nodeId) =>
        Pipelines(root).SelectMany(at => at.Pipeline.Nodes).FirstOrDefault(node => node.Id == nodeId);

    /// <summary>The path of a node; its id where it is in no pipeline of the tree.</summary>
    public static string Of(PipelineTree root, string nodeId)
    {
        foreach ((PipelineTree pipeline, string path, _) in Pipelines(root))
        {
            if (pipeline.Activities.ContainsKey(nodeId))
            {
                return $"{path}.activities.{nodeId}";
            }

            if (pipeline.Gateways.ContainsKey(nodeId))
            {
                return $"{path}.gateways.{nodeId}";
            }

            if (pipeline.StartEvent.Id == nodeId)
            {
                return $"{path}.start_event";
            }

            if (pipeline.EndEvent.Id == nodeId)
            {
                return $"{path}.end_event";
            }
        }

        return nodeId;
    }
}
