using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Definitions;

/// <summary>
/// A submitted pipeline as the machines need it: every node and scope by id, connected, with templates parsed. Made once
/// from the tree and the options, and again from the same two after a restart: it is a pure function of them.
/// </summary>
public sealed class PipelineDefinition
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoneDeclared = new Dictionary<string, IReadOnlyList<string>>();

    private PipelineDefinition(
        PipelineTree tree,
        RunPipelineOptions options,
        EngineSettings settings,
        IReadOnlyDictionary<string, NodeDefinition> nodes,
        IReadOnlyDictionary<string, ScopeDefinition> scopes,
        IReadOnlyDictionary<string, IReadOnlyList<string>> declaredSecrets)
    {
        DeclaredSecrets = declaredSecrets;
        Tree = tree;
        Options = options;
        Settings = settings;
        Nodes = nodes;
        Scopes = scopes;
        RootData = options.RootPipelineData ?? MapValue.Empty;
    }

    /// <summary>The tree.</summary>
    public PipelineTree Tree { get; }

    /// <summary>What the pipeline was submitted with.</summary>
    public RunPipelineOptions Options { get; }

    /// <summary>The engine's settings.</summary>
    public EngineSettings Settings { get; }

    /// <summary>The root pipeline's id.</summary>
    public string RootId => Tree.Id;

    /// <summary>Every node of every scope, by id.</summary>
    public IReadOnlyDictionary<string, NodeDefinition> Nodes { get; }

    /// <summary>The root pipeline and every sub-process, by id.</summary>
    public IReadOnlyDictionary<string, ScopeDefinition> Scopes { get; }

    /// <summary>By node, the inputs that components declared as secret when the pipeline was submitted: where it is shown they may not be there.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> DeclaredSecrets { get; }

    /// <summary>The root pipeline's data, which components and lazy variables see.</summary>
    public MapValue RootData { get; }

    /// <summary>The id of the node that the pipeline starts from.</summary>
    public string StartNodeId => Options.StartNodeId ?? Tree.StartEvent.Id;

    /// <summary>Makes the definition of a validated tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="options">What it was submitted with.</param>
    /// <param name="convergeGateways">Which gateway each parallel gateway's branches meet at, as validation found it.</param>
    /// <param name="settings">The engine's settings.</param>
    /// <param name="declaredSecrets">By node, the inputs that components declare as secret; null for none.</param>
    /// <exception cref="AlreadyExistsException">A context key is given twice.</exception>
    /// <exception cref="InvalidArgumentException">The key of a lazy input is too long.</exception>
    public static PipelineDefinition Compile(
        PipelineTree tree,
        RunPipelineOptions options,
        IReadOnlyDictionary<string, string> convergeGateways,
        EngineSettings settings,
        IReadOnlyDictionary<string, IReadOnlyList<string>>? declaredSecrets = null)
    {
        declaredSecrets ??= NoneDeclared;
        var nodes = new Dictionary<string, NodeDefinition>(StringComparer.Ordinal);
        var scopes = new Dictionary<string, ScopeDefinition>(StringComparer.Ordinal);
        var waiting = new Stack<(PipelineTree Tree, string Id, IReadOnlyList<string> Stack)>();
        waiting.Push((tree, tree.Id, [tree.Id]));
        while (waiting.TryPop(out (PipelineTree Tree, string Id, IReadOnlyList<string> Stack) next))
        {
            var compiler = new ScopeCompiler(next.Tree, next.Id, next.Stack, options, convergeGateways, settings);
            scopes.Add(next.Id, compiler.Compile(nodes));
            foreach (TreeSubProcess subProcess in next.Tree.Activities.Values.OfType<TreeSubProcess>())
            {
                waiting.Push((subProcess.Pipeline, subProcess.Id, [.. next.Stack, subProcess.Id]));
            }
        }

        // Of nodes, also those that are secret by what they refer to.
        if (PipelineSecrets.Find(nodes, scopes, settings.Expressions, node => declaredSecrets.GetValueOrDefault(node.Id) ?? []) is { } secrets)
        {
            foreach (NodeDefinition node in nodes.Values.Where(node => secrets.InputsOf(node.Id).Count > 0).ToArray())
            {
                nodes[node.Id] = node with { SecretInputs = secrets.InputsOf(node.Id) };
            }
        }

        return new PipelineDefinition(tree, options, settings, nodes, scopes, declaredSecrets);
    }
}
