namespace BambooOrleans.Conformance.Corpus;

/// <summary>
/// The ids in a recorded tree at all levels of nesting. Read from the JSON, because some recorded trees are malformed on purpose.
/// </summary>
internal static class TreeIds
{
    /// <summary>The ids of the root pipeline and of every sub-process.</summary>
    public static IEnumerable<string> Pipelines(MapValue pipeline)
    {
        if (pipeline.Text("id") is string id)
        {
            yield return id;
        }

        foreach (Value activity in pipeline.Map("activities").Values)
        {
            foreach (string inner in activity.Member("pipeline") is MapValue nested ? Pipelines(nested) : [])
            {
                yield return inner;
            }
        }
    }

    /// <summary>The ids of all pipelines, events, activities and gateways.</summary>
    public static IReadOnlyList<string> All(MapValue pipeline)
    {
        var ids = new OrderedDictionary<string, bool>(StringComparer.Ordinal);
        Collect(pipeline, id => ids[id] = true);
        return [.. ids.Keys];
    }

    private static void Collect(MapValue pipeline, Action<string> add)
    {
        foreach (Value? holder in new[] { pipeline, pipeline.Member("start_event"), pipeline.Member("end_event") })
        {
            if (holder.Text("id") is string id)
            {
                add(id);
            }
        }

        foreach (string id in pipeline.Map("gateways").Keys)
        {
            add(id);
        }

        foreach ((string id, Value activity) in pipeline.Map("activities"))
        {
            add(id);
            if (activity.Member("pipeline") is MapValue nested)
            {
                Collect(nested, add);
            }
        }
    }
}
