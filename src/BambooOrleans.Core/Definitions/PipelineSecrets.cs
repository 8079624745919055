using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Definitions;

/// <summary>
/// Where in a pipeline secrets stand: the inputs, context keys and outputs that the tree marks or a component declares, and those
/// that hold the same by the way the tree connects them. Components get all of them as they are; what is shown has them masked.
/// </summary>
/// <remarks>
/// Secret is what refers to a secret key, directly or through others; the key that is the whole of a secret input (<c>${key}</c>); the
/// param of a sub-process and the key that it becomes; and an output and the key that it fills, in both directions.
/// </remarks>
public sealed class PipelineSecrets
{
    private static readonly IReadOnlySet<string> Nothing = new HashSet<string>();

    private readonly Dictionary<string, HashSet<string>> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _outputs = new(StringComparer.Ordinal);
    private bool _grew;

    private PipelineSecrets()
    {
    }

    /// <summary>Finds the secrets of a pipeline; null where it has none.</summary>
    /// <param name="definition">The pipeline.</param>
    /// <param name="declared">The inputs that the component of an activity declares as secret.</param>
    public static PipelineSecrets? Find(PipelineDefinition definition, Func<NodeDefinition, IEnumerable<string>> declared)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(declared);
        return Find(definition.Nodes, definition.Scopes, definition.Settings.Expressions, declared);
    }

    /// <summary>The secret keys in the context of a root pipeline or sub-process.</summary>
    public IReadOnlySet<string> KeysOf(string scopeId) => _keys.GetValueOrDefault(scopeId) ?? Nothing;

    /// <summary>The secret inputs of an activity, or params of a sub-process.</summary>
    public IReadOnlySet<string> InputsOf(string nodeId) => _inputs.GetValueOrDefault(nodeId) ?? Nothing;

    /// <summary>The secret outputs of an activity, sub-process or root pipeline.</summary>
    public IReadOnlySet<string> OutputsOf(string id) => _outputs.GetValueOrDefault(id) ?? Nothing;

    internal static PipelineSecrets? Find(
        IReadOnlyDictionary<string, NodeDefinition> nodes,
        IReadOnlyDictionary<string, ScopeDefinition> scopes,
        ExpressionOptions expressions,
        Func<NodeDefinition, IEnumerable<string>> declared)
    {
        var secrets = new PipelineSecrets();
        foreach (ScopeDefinition scope in scopes.Values.Where(scope => scope.SecretKeys.Count > 0))
        {
            secrets._keys[scope.Id] = new HashSet<string>(scope.SecretKeys, StringComparer.Ordinal);
        }

        foreach (NodeDefinition node in nodes.Values.Where(node => node.Kind is NodeKind.ServiceActivity or NodeKind.SubProcess))
        {
            foreach (string name in node.SecretInputs.Concat(declared(node)))
            {
                secrets.Add(secrets._inputs, node.Id, name);
            }
        }

        if (secrets._keys.Count == 0 && secrets._inputs.Count == 0)
        {
            return null;
        }

        secrets.Spread(nodes, scopes, expressions);
        return secrets;
    }

    // Until nothing more is secret: in as many rounds as the longest way that a value takes, and most trees know one or two.
    private void Spread(
        IReadOnlyDictionary<string, NodeDefinition> nodes, IReadOnlyDictionary<string, ScopeDefinition> scopes, ExpressionOptions expressions)
    {
        (string Scope, string Key, IReadOnlySet<string> References)[] entries =
        [
            .. scopes.Values.SelectMany(scope => scope.InitialContext.Select(entry =>
                (scope.Id, entry.Key, Template.Parse(entry.Value, expressions).References))).Where(entry => entry.References.Count > 0),
        ];
        (NodeDefinition Node, string Name, Value Value, IReadOnlySet<string> References)[] inputs =
        [
            .. nodes.Values.SelectMany(node => node.Inputs.Inputs.Select(input =>
                (node, input.Key, input.Value.Value, Template.Parse(input.Value.Value, expressions).References))),
        ];
        do
        {
            _grew = false;
            foreach ((string scope, string key, IReadOnlySet<string> references) in entries)
            {
                if (references.Overlaps(KeysOf(scope)))
                {
                    Add(_keys, scope, key);
                }
            }

            foreach ((NodeDefinition node, string name, Value value, IReadOnlySet<string> references) in inputs)
            {
                if (references.Overlaps(KeysOf(node.ScopeId)) || (node.Kind == NodeKind.SubProcess && KeysOf(node.Id).Contains(name)))
                {
                    Add(_inputs, node.Id, name);
                }

                if (!InputsOf(node.Id).Contains(name))
                {
                    continue;
                }

                if (references.Count == 1 && value is TextValue text && references.Contains(text.Value))
                {
                    Add(_keys, node.ScopeId, text.Value);
                }

                if (node.Kind == NodeKind.SubProcess)
                {
                    Add(_keys, node.Id, name);
                }
            }

            foreach (NodeDefinition node in nodes.Values)
            {
                SpreadOutputs(node);
            }
        }
        while (_grew);
    }

    private void SpreadOutputs(NodeDefinition node)
    {
        foreach (string key in node.PipelineOutputs.Where(KeysOf(node.ScopeId).Contains))
        {
            Add(_outputs, node.ScopeId, key);
            Add(_outputs, node.Id, key);
        }

        foreach ((string output, string key) in node.OutputKeys)
        {
            if (KeysOf(node.ScopeId).Contains(key))
            {
                Add(_outputs, node.Id, output);
            }
            else if (OutputsOf(node.Id).Contains(output))
            {
                Add(_keys, node.ScopeId, key);
            }
        }

        if (node.Loop is { } loop && OutputsOf(node.Id).Count > 0)
        {
            Add(_keys, node.ScopeId, loop.OutputsKey);
            Add(_keys, node.ScopeId, $"${{{loop.OutputsKey}}}");
        }
    }

    private void Add(Dictionary<string, HashSet<string>> names, string id, string name)
    {
        if (!names.TryGetValue(id, out HashSet<string>? known))
        {
            names[id] = known = new HashSet<string>(StringComparer.Ordinal);
        }

        _grew |= known.Add(name);
    }
}
