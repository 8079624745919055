namespace BambooOrleans.Hosting;

/// <summary>Arguments of verbs that were read from what is shown, and so have masks where secrets stand: each means the value that is there.</summary>
internal static class Unmasked
{
    private const string EscapedKeys = "_escape_render_keys";

    /// <summary>The data of a retry with the inputs of the node in place of masks.</summary>
    public static MapValue Inputs(MapValue data, NodeData? node)
    {
        MapValue.Builder inputs = data.ToBuilder();
        List<Value> escaped = data.TryGetValue(EscapedKeys, out Value? keys) && keys is ListValue list ? [.. list] : [];
        foreach ((string name, Value value) in data)
        {
            if (value is TextValue { Value: SecretValues.Mask } && node?.Inputs.TryGetValue(name, out DataInput? input) == true)
            {
                inputs[name] = input.Value;
                if (!input.NeedRender && !escaped.Contains(name))
                {
                    escaped.Add(name);
                }
            }
        }

        if (escaped.Count > 0)
        {
            inputs[EscapedKeys] = Value.List(escaped);
        }

        return inputs.Build();
    }

    /// <summary>What is no mask: the others stay as they are.</summary>
    public static MapValue Left(MapValue outputs) => Value.Map(
        outputs.Where(output => output.Value is not TextValue { Value: SecretValues.Mask }).Select(output => (output.Key, output.Value)));
}
