using BambooOrleans.Building;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Console.Tests.Support;

/// <summary>Pipelines for the tests. Nodes have ids that begin with that of the pipeline.</summary>
internal static class Trees
{
    /// <summary>Activities one after the other, each named by its component.</summary>
    public static PipelineTree Chain(string id, params ServiceActivity[] activities) => Chain(id, null, activities);

    public static PipelineTree Chain(string id, Data? data, params ServiceActivity[] activities)
    {
        var start = new EmptyStartEvent($"{id}_start");
        Element at = start;
        foreach (ServiceActivity activity in activities)
        {
            at = at.Extend(activity);
        }

        at.Extend(new EmptyEndEvent($"{id}_end"));
        return Build(id, start, data);
    }

    /// <summary>The tree behind a start event, with a name that people would give it.</summary>
    public static PipelineTree Build(string id, EmptyStartEvent start, Data? data = null)
    {
        int flows = 0;
        PipelineTree tree = PipelineBuilder.BuildTree(start, data, id, prefix => $"{id}_{prefix}{++flows}");
        return PipelineTreeReader.Read(tree.Source.With("name", $"The {id}"));
    }

    public static ServiceActivity Held(string id) => new("held", id, $"Hold {id}");

    public static ServiceActivity Picky(string id, Var answer) => new("picky", id, $"Ask {id}") { Inputs = { { "answer", answer } } };

    public static ServiceActivity Echo(string id, string? name = null) => new("echo", id, name ?? $"Echo {id}") { Inputs = { { "said", id } } };

    public static ServiceActivity Callback(string id) => new("wait_callback", id, $"Wait {id}");
}
