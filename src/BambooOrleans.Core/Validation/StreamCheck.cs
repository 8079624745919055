using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Validation;

/// <summary>
/// Checks that every node stands on exactly one stream: the main one, or one branch of one parallel gateway. A flow from
/// one branch into another, or into a block from outside, puts a node on two.
/// </summary>
internal static class StreamCheck
{
    private const int NoStream = -1;
    private const int MainStream = 0;

    public static void Check(PipelineGraph graph, int[] converge)
    {
        int[] firstBranch = NumberBranches(graph);
        int[] parallelOf = ParallelGatewaysByConverge(graph, converge);
        int[] streams = new int[graph.Count];
        Array.Fill(streams, NoStream);
        streams[PipelineGraph.Start] = MainStream;
        streams[PipelineGraph.End] = MainStream;

        bool[] isVisited = new bool[graph.Count];
        var open = new Queue<int>();
        open.Enqueue(PipelineGraph.Start);
        while (open.TryDequeue(out int node))
        {
            // Flowing twice from one node adds nothing, so once is enough.
            if (!isVisited[node])
            {
                isVisited[node] = true;
                Flow(node);
            }
        }

        int unreached = Array.IndexOf(streams, NoStream);
        if (unreached >= 0)
        {
            throw new StreamValidateException(graph.Id(unreached), "cannot be reached from the start event");
        }

        void Flow(int node)
        {
            bool isParallel = graph.IsParallel(node);
            if (isParallel)
            {
                Blend(converge[node], streams[node]);
            }

            int[] targets = graph.Targets[node];
            for (int branch = 0; branch < targets.Length; branch++)
            {
                int target = targets[branch];
                if (!EndsBlock(node, target))
                {
                    Blend(target, isParallel ? firstBranch[node] + branch : streams[node]);
                }
                else if (streams[target] == NoStream)
                {
                    throw new StreamValidateException(graph.Id(target), "is reached before the parallel gateway that it converges");
                }

                open.Enqueue(target);
            }
        }

        // A branch that meets its own converge gateway ends there; the stream goes on from the parallel gateway itself.
        bool EndsBlock(int node, int target)
        {
            int parallel = parallelOf[target];
            if (parallel == PipelineGraph.None)
            {
                return false;
            }

            int branch = streams[node] - firstBranch[parallel];
            return (branch >= 0 && branch < graph.Targets[parallel].Length) || converge[node] == target;
        }

        void Blend(int node, int stream)
        {
            if (streams[node] == NoStream)
            {
                streams[node] = stream;
            }
            else if (streams[node] != stream)
            {
                throw new StreamValidateException(
                    graph.Id(node), "stands on two branches of parallel gateways at once, or on one of them and outside of it");
            }
        }
    }

    private static int[] NumberBranches(PipelineGraph graph)
    {
        int[] firstBranch = new int[graph.Count];
        int next = MainStream + 1;
        for (int node = graph.FirstGateway; node < graph.Count; node++)
        {
            firstBranch[node] = next;
            next += graph.IsParallel(node) ? graph.Targets[node].Length : 0;
        }

        return firstBranch;
    }

    // Where several parallel gateways have one converge gateway, the last one counts.
    private static int[] ParallelGatewaysByConverge(PipelineGraph graph, int[] converge)
    {
        int[] parallelOf = new int[graph.Count];
        Array.Fill(parallelOf, PipelineGraph.None);
        for (int node = graph.FirstGateway; node < graph.Count; node++)
        {
            if (graph.IsParallel(node))
            {
                parallelOf[converge[node]] = node;
            }
        }

        return parallelOf;
    }
}
