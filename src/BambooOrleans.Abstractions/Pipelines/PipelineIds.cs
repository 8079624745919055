namespace BambooOrleans.Pipelines;

/// <summary>
/// Gives a tree other ids. Ids are unique in the whole engine, so that one tree can be submitted twice only under other
/// ids. The reference's <c>replace_all_id</c>.
/// </summary>
/// <remarks>
/// Every pipeline, node and flow is renamed, and everything that the engine looks up by such an id: the flows of nodes, the
/// ends of flows, conditions and default flows, converge gateways, and the nodes that fill variables. Templates are left as
/// they are: one that names the context key of a lazy input by its node (<c>${key_node}</c>) names the old node.
/// </remarks>
public static class PipelineIds
{
    /// <summary>Every id that a tree claims when it is submitted: its own, and those of all nodes on all levels.</summary>
    public static IReadOnlyCollection<string> Of(PipelineTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var ids = new HashSet<string>(StringComparer.Ordinal) { tree.Id };
        var open = new Stack<PipelineTree>([tree]);
        while (open.TryPop(out PipelineTree? pipeline))
        {
            foreach (TreeNode node in pipeline.Nodes)
            {
                ids.Add(node.Id);
                if (node is TreeSubProcess subProcess)
                {
                    open.Push(subProcess.Pipeline);
                }
            }
        }

        return ids;
    }

    /// <summary>The tree with <c>-suffix</c> behind every id.</summary>
    /// <exception cref="PipelineTreeException">An id becomes too long.</exception>
    public static PipelineTree Replace(PipelineTree tree, string suffix)
    {
        ArgumentException.ThrowIfNullOrEmpty(suffix);
        return Replace(tree, id => $"{id}-{suffix}");
    }

    /// <summary>The tree with every id renamed; the tree that is given stays as it is.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="rename">The new id of an old one: always the same for the same, and different for different ones.</param>
    /// <exception cref="PipelineTreeException">The new ids are too long, or two are equal.</exception>
    public static PipelineTree Replace(PipelineTree tree, Func<string, string> rename)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(rename);
        return PipelineTreeReader.Read(Pipeline(tree.Source, rename));
    }

    // The tree was read before, so that members are known to be of the types that the reader asks for.
    private static MapValue Pipeline(MapValue pipeline, Func<string, string> rename)
    {
        MapValue.Builder members = pipeline.ToBuilder();
        Change(members, "id", id => Id(id, rename));
        Change(members, "start_event", start => Node((MapValue)start, rename));
        Change(members, "end_event", end => Node((MapValue)end, rename));
        Change(members, "activities", activities => Each(activities, rename, activity => Activity(activity, rename)));
        Change(members, "gateways", gateways => Each(gateways, rename, gateway => Gateway(gateway, rename)));
        Change(members, "flows", flows => Each(flows, rename, flow => Flow(flow, rename)));
        Change(members, "data", data => Data((MapValue)data, rename));
        return members.Build();
    }

    private static MapValue Node(MapValue node, Func<string, string> rename)
    {
        MapValue.Builder members = node.ToBuilder();
        Change(members, "id", id => Id(id, rename));
        Change(members, "incoming", flows => Ids(flows, rename));
        Change(members, "outgoing", flows => Ids(flows, rename));
        return members.Build();
    }

    private static MapValue Activity(MapValue activity, Func<string, string> rename)
    {
        MapValue node = Node(activity, rename);
        return node.TryGetValue("type", out Value? type) && type.Equals(NodeTypes.SubProcess)
            ? node.With("pipeline", Pipeline((MapValue)node["pipeline"], rename))
            : node;
    }

    private static MapValue Gateway(MapValue gateway, Func<string, string> rename)
    {
        MapValue.Builder members = Node(gateway, rename).ToBuilder();
        Change(members, "conditions", conditions => Each(conditions, rename, condition => condition));
        Change(members, "default_condition", condition =>
        {
            if (condition is not MapValue map)
            {
                return condition;
            }

            MapValue.Builder inner = map.ToBuilder();
            Change(inner, "flow_id", id => Id(id, rename));
            return inner.Build();
        });
        Change(members, "converge_gateway_id", id => Id(id, rename));
        return members.Build();
    }

    private static MapValue Flow(MapValue flow, Func<string, string> rename)
    {
        MapValue.Builder members = flow.ToBuilder();
        Change(members, "id", id => Id(id, rename));
        Change(members, "source", id => Id(id, rename));
        Change(members, "target", id => Id(id, rename));
        return members.Build();
    }

    private static MapValue Data(MapValue data, Func<string, string> rename)
    {
        MapValue.Builder members = data.ToBuilder();
        Change(members, "inputs", inputs => inputs is MapValue variables
            ? Value.Map(variables.Select(variable => (variable.Key, Variable(variable.Value, rename))))
            : inputs);
        return members.Build();
    }

    private static Value Variable(Value variable, Func<string, string> rename)
    {
        if (variable is not MapValue map)
        {
            return variable;
        }

        MapValue.Builder members = map.ToBuilder();
        Change(members, "source_act", sources => sources is ListValue list
            ? Value.List(list.Select(source => Variable(source, rename)))
            : Id(sources, rename));
        return members.Build();
    }

    private static Value Each(Value items, Func<string, string> rename, Func<MapValue, Value> change) => items is MapValue map
        ? Value.Map(map.Select(item => (rename(item.Key), item.Value is MapValue members ? change(members) : item.Value)))
        : items;

    private static Value Ids(Value ids, Func<string, string> rename) => ids is ListValue list
        ? Value.List(list.Select(id => Id(id, rename)))
        : Id(ids, rename);

    // Empty text stands for none: an event's incoming, a variable without a source.
    private static Value Id(Value id, Func<string, string> rename) => id is TextValue { Value.Length: > 0 } text ? rename(text.Value) : id;

    private static void Change(MapValue.Builder members, string name, Func<Value, Value> change)
    {
        if (members.TryGetValue(name, out Value? value))
        {
            members[name] = change(value);
        }
    }
}
