using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Hosting;

/// <summary>Masks the secrets of one pipeline in what the Engine API shows of it.</summary>
/// <param name="secrets">Where they stand.</param>
/// <param name="values">What they are.</param>
internal sealed class SecretMask(PipelineSecrets secrets, SecretValues values)
{
    // Members of a tree that name things, and would lead nowhere else.
    private static readonly HashSet<string> TreeNames = new(StringComparer.Ordinal)
    {
        "id", "type", "source", "target", "incoming", "outgoing", "code", "version", "source_act", "source_key", "custom_type",
        "converge_gateway_id", "flow_id", "default_condition", "outputs", "pre_render_keys",
    };

    public MapValue Inputs(string nodeId, MapValue inputs) => Named(inputs, secrets.InputsOf(nodeId));

    public MapValue Outputs(string nodeId, MapValue outputs) => Named(outputs, secrets.OutputsOf(nodeId));

    public ExecutionData Of(string nodeId, ExecutionData data) => new(Inputs(nodeId, data.Inputs), Outputs(nodeId, data.Outputs));

    public NodeData Of(string nodeId, NodeData data) => data with
    {
        Inputs = data.Inputs.ToDictionary(
            input => input.Key,
            input => input.Value with
            {
                Value = secrets.InputsOf(nodeId).Contains(input.Key) ? SecretValues.Mask : values.In(input.Value.Value),
            },
            StringComparer.Ordinal),
    };

    public NodeHistory Of(NodeHistory entry) =>
        entry with { Inputs = Inputs(entry.NodeId, entry.Inputs), Outputs = Outputs(entry.NodeId, entry.Outputs) };

    public IReadOnlyList<ContextValue> Context(string scopeId, IReadOnlyList<ContextValue> context) =>
    [
        .. context.Select(entry => entry with
        {
            Value = secrets.KeysOf(scopeId).Contains(entry.Key) ? SecretValues.Mask : values.In(entry.Value),
        }),
    ];

    public WaitInfo Of(WaitInfo wait) =>
        wait with { Text = values.In(wait.Text), Error = wait.Error is { } error ? values.In(error) : null };

    public JournalTurn Of(JournalTurn turn)
    {
        var places = new SecretPlaces(secrets, (_, _) => SecretValues.Mask, values.In);
        return turn with { Events = Value.List(turn.Events.Select(fact => (Value)places.InFact(turn.MachineId, (MapValue)fact))) };
    }

    public VerbOutcome Of(VerbOutcome outcome)
    {
        // What is only tried is in no journal.
        var tried = new SecretValues(values);
        var mask = new SecretMask(secrets, tried);
        mask.Learn(outcome.Turns);
        return new VerbOutcome(outcome.IsDryRun, [.. outcome.Turns.Select(mask.Of)], [.. outcome.Effects.Select(tried.In)]);
    }

    public void Learn(IEnumerable<JournalTurn> turns)
    {
        var places = new SecretPlaces(
            secrets,
            (value, isWritten) =>
            {
                values.Add(value, isWritten);
                return value;
            },
            value => value);
        foreach (JournalTurn turn in turns)
        {
            foreach (Value fact in turn.Events)
            {
                places.InFact(turn.MachineId, (MapValue)fact);
            }
        }
    }

    public SubmittedPipeline Of(SubmittedPipeline pipeline) => pipeline with
    {
        Pipeline = InTree(pipeline.RootId, pipeline.Pipeline),
        Options = pipeline.Options with
        {
            RootPipelineData = pipeline.Options.RootPipelineData is { } data ? values.In(data) : null,
            RootPipelineContext = pipeline.Options.RootPipelineContext is { } context ? Named(context, secrets.KeysOf(pipeline.RootId)) : null,
            SubprocessContext = pipeline.Options.SubprocessContext is { } inner ? values.In(inner) : null,
            Reason = pipeline.Options.Reason is { } reason ? values.In(reason) : null,
        },
    };

    private MapValue Named(MapValue map, IReadOnlySet<string> names)
    {
        MapValue masked = values.In(map);
        if (!map.Keys.Any(names.Contains))
        {
            return masked;
        }

        return Value.Map(map.Select(entry => names.Contains(entry.Key)
            ? (entry.Key, (Value)SecretValues.Mask)
            : (values.In(entry.Key), values.In(entry.Value))));
    }

    private MapValue InTree(string scopeId, MapValue tree) => Value.Map(tree.Select(member => (member.Key, member.Key switch
    {
        "data" when member.Value is MapValue data => Value.Map(data.Select(part => (part.Key, part.Key == "inputs" && part.Value is MapValue variables
            ? Variables(variables, secrets.KeysOf(scopeId))
            : TreeMember(part.Key, part.Value)))),
        "activities" when member.Value is MapValue activities => Value.Map(activities.Select(activity => (activity.Key, activity.Value is MapValue map
            ? InActivity(activity.Key, map)
            : activity.Value))),
        _ => TreeMember(member.Key, member.Value),
    })));

    private MapValue InActivity(string nodeId, MapValue activity) => Value.Map(activity.Select(member => (member.Key, member.Key switch
    {
        "pipeline" when member.Value is MapValue inner => InTree(nodeId, inner),
        "params" when member.Value is MapValue variables => Variables(variables, secrets.InputsOf(nodeId)),
        "component" when member.Value is MapValue component => Value.Map(component.Select(part => (part.Key, part.Key == "inputs" && part.Value is MapValue variables
            ? Variables(variables, secrets.InputsOf(nodeId))
            : TreeMember(part.Key, part.Value)))),
        _ => TreeMember(member.Key, member.Value),
    })));

    private MapValue Variables(MapValue variables, IReadOnlySet<string> names) => Value.Map(variables.Select(variable => (variable.Key,
        variable.Value is not MapValue map ? variable.Value : Value.Map(map.Select(member => (member.Key,
            member.Key != "value" ? TreeMember(member.Key, member.Value)
            : names.Contains(variable.Key) ? SecretValues.Mask
            : values.In(member.Value)))))));

    // Ids are names of members, too, and stay.
    private Value TreeMember(string name, Value value) => TreeNames.Contains(name) ? value : value switch
    {
        MapValue map => Value.Map(map.Select(member => (member.Key, TreeMember(member.Key, member.Value)))),
        _ => values.In(value),
    };
}

/// <summary>Walks over a fact of the journal, and changes secrets and everything else that users gave in it.</summary>
/// <param name="secrets">Where secrets stand.</param>
/// <param name="secret">What becomes of one, and of one as it is written.</param>
/// <param name="other">What becomes of other values.</param>
internal sealed class SecretPlaces(PipelineSecrets secrets, Func<Value, bool, Value> secret, Func<Value, Value> other)
{
    public MapValue InFact(string machine, MapValue fact)
    {
        string about = Text(fact, "nodeId") ?? Text(fact, "scopeId") ?? Text(fact, "rootId") ?? machine;
        return Value.Map(fact.Select(member => (member.Key, member.Key switch
        {
            // What the engine gave: names, times and counters.
            "event" or "time" or "rootId" or "scopeId" or "nodeId" or "version" or "owner" or "verb" or "operator" or "token" or "destination"
                or "by" or "node" or "kind" or "at" or "deadline" or "id" or "startedTime" or "archivedTime" => member.Value,
            "inputs" when Text(fact, "event") == "raw-inputs-replaced" => Each(member.Value, (name, input) => input is MapValue map
                ? map.With("value", Of(map["value"], secrets.InputsOf(about).Contains(name), isWritten: true))
                : other(input)),
            "inputs" => Each(member.Value, (name, value) => Of(value, secrets.InputsOf(about).Contains(name), isWritten: false)),
            "outputs" => Each(member.Value, (name, value) => Of(value, secrets.OutputsOf(about).Contains(name), isWritten: false)),
            "values" => Each(member.Value, (key, value) => Of(value, secrets.KeysOf(about).Contains(key), isWritten: false)),
            "entries" when member.Value is ListValue entries => Value.List(entries.Select(entry => entry is MapValue map
                ? map.With("value", Of(map["value"], Text(map, "key") is { } key && secrets.KeysOf(about).Contains(key), isWritten: true))
                : other(entry))),
            "entry" or "outcome" when member.Value is MapValue inner => InFact(machine, inner),
            _ => other(member.Value),
        })));
    }

    private static string? Text(MapValue map, string name) => map.TryGetValue(name, out Value? value) && value is TextValue text ? text.Value : null;

    private Value Of(Value value, bool isSecret, bool isWritten) => isSecret ? secret(value, isWritten) : other(value);

    private Value Each(Value value, Func<string, Value, Value> change) => value is MapValue map
        ? Value.Map(map.Select(entry => (other(entry.Key) is TextValue name ? name.Value : entry.Key, change(entry.Key, entry.Value))))
        : other(value);
}
