using BambooOrleans.Pipelines;

namespace BambooOrleans.Building;

/// <summary>
/// The building of one tree. Elements are taken in breadth from the start; the order of ids, nodes and flows, and the
/// members of each, are those that the reference's builder gives.
/// </summary>
internal sealed class PipelineBuilding(Func<string, string> newId)
{
    private readonly HashSet<SubProcess> _open = [];

    public MapValue Build(EmptyStartEvent start, Data? data, Func<string> pipelineId)
    {
        var level = new Level(newId);
        var queue = new Queue<Element>([start]);
        while (queue.TryDequeue(out Element? element))
        {
            if (level.Take(element))
            {
                foreach (Element next in element.Next)
                {
                    queue.Enqueue(next);
                }

                level.AddFlows(element, element is SubProcess subProcess ? BuildNested(subProcess) : null);
            }
        }

        return level.ToValue(pipelineId(), data);
    }

    private MapValue BuildNested(SubProcess subProcess)
    {
        if (!_open.Add(subProcess))
        {
            throw new PipelineBuildException("builder.circle", subProcess.Id, "is a sub-process that stands in its own pipeline");
        }

        if (_open.Count > PipelineTreeReader.MaxSubProcessDepth)
        {
            throw new PipelineTreeException(
                PipelineTreeErrors.TooDeep,
                "pipeline",
                $"sub-processes are nested deeper than {PipelineTreeReader.MaxSubProcessDepth} levels");
        }

        MapValue nested = Build(subProcess.Start, subProcess.Data, () => subProcess.Id);
        _open.Remove(subProcess);
        return nested;
    }

    /// <summary>One pipeline of the tree while its elements are collected.</summary>
    private sealed class Level(Func<string, string> newId)
    {
        private readonly OrderedDictionary<Element, Taken> _elements = [];
        private readonly Dictionary<string, Element> _ids = new(StringComparer.Ordinal);
        private readonly Dictionary<Element, List<string>> _incoming = [];
        private readonly MapValue.Builder _flows = new();

        /// <summary>Takes an element; false where it was taken before.</summary>
        public bool Take(Element element)
        {
            if (_elements.ContainsKey(element))
            {
                return false;
            }

            string id = element.IdFrom(newId);
            if (!_ids.TryAdd(id, element))
            {
                throw new PipelineBuildException("builder.duplicate-id", id, "has the id of another element");
            }

            _elements.Add(element, new Taken([], null));
            return true;
        }

        public void AddFlows(Element element, MapValue? nested)
        {
            bool isSplit = element is ParallelGateway or ConditionGateway;
            bool isEnd = element is EmptyEndEvent or ExecutableEndEvent;
            if (element.Next.Count == 0 && !isEnd)
            {
                throw new PipelineBuildException("builder.leads-nowhere", element.Id, "leads to no other element, and is no end event");
            }

            if (element.Next.Count > (isEnd ? 0 : isSplit ? int.MaxValue : 1))
            {
                throw new PipelineBuildException(
                    "builder.leads-to-many",
                    element.Id,
                    $"leads to {element.Next.Count} elements, but {element.Type} leads to {(isEnd ? "none" : "one")}");
            }

            string[] outgoing = [.. element.Next.Select(_ => newId("f"))];
            _elements[element] = new Taken(outgoing, nested);
            for (int i = 0; i < outgoing.Length; i++)
            {
                Element next = element.Next[i];
                _flows[outgoing[i]] = Value.Map(
                    ("is_default", false),
                    ("source", element.IdFrom(newId)),
                    ("target", next.IdFrom(newId)),
                    ("id", outgoing[i]));
                (_incoming.TryGetValue(next, out List<string>? incoming) ? incoming : _incoming[next] = []).Add(outgoing[i]);
            }
        }

        public MapValue ToValue(string id, Data? data)
        {
            MapValue? start = null;
            MapValue? end = null;
            var activities = new MapValue.Builder();
            var gateways = new MapValue.Builder();
            foreach ((Element element, Taken taken) in _elements)
            {
                switch (element)
                {
                    case EmptyStartEvent:
                        start = EventToValue(element, string.Empty, taken.Outgoing[0]);
                        break;
                    case EmptyEndEvent or ExecutableEndEvent:
                        end = end is null
                            ? EventToValue(element, IncomingOfEnd(element), string.Empty)
                            : throw new PipelineBuildException("builder.two-ends", element.Id, "is a second end event");
                        break;
                    case ServiceActivity activity:
                        activities[element.Id] = ActivityToValue(activity, taken);
                        break;
                    case SubProcess subProcess:
                        activities[element.Id] = SubProcessToValue(subProcess, taken);
                        break;
                    default:
                        gateways[element.Id] = GatewayToValue(element, taken);
                        break;
                }
            }

            return Value.Map(
                ("id", id),
                ("start_event", start!),
                ("end_event", end ?? throw new PipelineBuildException("builder.no-end", _ids.First().Key, "leads to no end event")),
                ("activities", activities.Build()),
                ("gateways", gateways.Build()),
                ("flows", _flows.Build()),
                ("data", DataToValue(data)));
        }

        private static MapValue EventToValue(Element element, Value incoming, Value outgoing) => Value.Map(
            ("incoming", incoming),
            ("outgoing", outgoing),
            ("type", element.Type),
            ("id", element.Id),
            ("name", element.Name));

        private MapValue ActivityToValue(ServiceActivity activity, Taken taken)
        {
            MapValue component = Value.Map(("code", activity.Component), ("inputs", activity.Inputs.ToValue(newId)));
            MapValue node = Value.Map(
                ("incoming", Incoming(activity)),
                ("outgoing", taken.Outgoing[0]),
                ("type", activity.Type),
                ("id", activity.Id),
                ("name", activity.Name),
                ("error_ignorable", activity.ErrorIgnorable),
                ("timeout", activity.Timeout is { } timeout ? timeout : Value.Null),
                ("skippable", activity.Skippable),
                ("retryable", activity.Retryable),
                ("component", activity.ComponentVersion is { } version ? component.With("version", version) : component),
                ("optional", false));
            return activity.Loop is { } loop ? node.With("loop_config", LoopToValue(loop)) : node;
        }

        private MapValue SubProcessToValue(SubProcess subProcess, Taken taken) => Value.Map(
            ("id", subProcess.Id),
            ("incoming", Incoming(subProcess)),
            ("name", subProcess.Name),
            ("outgoing", taken.Outgoing[0]),
            ("type", subProcess.Type),
            ("params", subProcess.Params.ToValue(newId)),
            ("pipeline", taken.Nested!));

        private MapValue GatewayToValue(Element gateway, Taken taken)
        {
            MapValue node = Value.Map(
                ("id", gateway.Id),
                ("incoming", Incoming(gateway)),
                ("outgoing", gateway is ConvergeGateway ? taken.Outgoing[0] : Texts(taken.Outgoing)),
                ("type", gateway.Type),
                ("name", gateway.Name));
            if (gateway is not ConditionGateway conditional)
            {
                return node;
            }

            node = node
                .With("conditions", ConditionsToValue(conditional, taken.Outgoing))
                .With("default_condition", DefaultToValue(conditional, taken.Outgoing));
            return conditional.ExtraInfo is { } extra ? node.With("extra_info", extra) : node;
        }

        // The default branch needs no condition; any other without one could never be taken.
        private static MapValue ConditionsToValue(ConditionGateway gateway, string[] outgoing)
        {
            var conditions = new MapValue.Builder();
            for (int i = 0; i < outgoing.Length; i++)
            {
                if (gateway.Conditions.TryGetValue(i, out string? condition))
                {
                    conditions[outgoing[i]] = Value.Map(("evaluate", condition));
                }
                else if (i != gateway.DefaultBranch)
                {
                    throw new PipelineBuildException("builder.no-condition", gateway.Id, $"has no condition for branch {i}");
                }
            }

            return conditions.Build();
        }

        private static MapValue DefaultToValue(ConditionGateway gateway, string[] outgoing) => gateway.DefaultBranch switch
        {
            null => MapValue.Empty,
            int branch when branch >= 0 && branch < outgoing.Length => Value.Map(("flow_id", outgoing[branch])),
            int branch => throw new PipelineBuildException(
                "builder.no-condition", gateway.Id, $"has no branch {branch} to be the default"),
        };

        private static MapValue LoopToValue(Loop loop)
        {
            var members = new MapValue.Builder { ["enable"] = true, ["loop_times"] = loop.Times };
            if (loop.FailSkip)
            {
                members["fail_skip"] = true;
            }

            if (loop.Retryable)
            {
                members["retryable"] = true;
            }

            if (loop.Skippable)
            {
                members["skippable"] = true;
            }

            if (loop.OutputsKey is { } key)
            {
                members["outputs_key"] = key;
            }

            return members.Build();
        }

        private MapValue DataToValue(Data? data)
        {
            MapValue members = Value.Map(
                ("inputs", data?.Inputs.ToValue(newId) ?? MapValue.Empty),
                ("outputs", Texts(data?.Outputs ?? [])));
            return data is null ? members : members.With("pre_render_keys", Texts(data.PreRenderKeys));
        }

        private ListValue Incoming(Element element) => Texts(_incoming[element]);

        // The reference writes one id and no list for the only flow into an executable end event, and has no shape for more.
        private Value IncomingOfEnd(Element element) => element is ExecutableEndEvent && _incoming[element] is [var flow] ? flow : Incoming(element);

        private static ListValue Texts(IEnumerable<string> texts) => Value.List(texts.Select(text => (Value)text));

        private sealed record Taken(string[] Outgoing, MapValue? Nested);
    }
}
