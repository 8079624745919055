using BambooOrleans.Core;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>A pipeline that passed every check and is ready to be stored.</summary>
/// <param name="Definition">What the machines need.</param>
/// <param name="Options">What is kept beside the tree.</param>
/// <param name="Ids">Every id in it.</param>
public sealed record Submission(PipelineDefinition Definition, StoredOptions Options, IReadOnlyCollection<string> Ids);

/// <summary>Everything that is checked of a pipeline before anything of it is stored.</summary>
/// <param name="registry">The user code that there is.</param>
/// <param name="settings">The engine's settings.</param>
public sealed class SubmissionCheck(ComponentRegistry registry, EngineSettings settings)
{
    /// <summary>Checks a submission and compiles it.</summary>
    /// <exception cref="BambooException">Something is wrong with it.</exception>
    public Submission Check(PipelineTree tree, RunPipelineOptions options)
    {
        CheckOptions(options);
        ValidationResult validation = PipelineValidator.Validate(tree, options.CycleTolerate);
        if (options.StartNodeId is { } start && start != tree.StartEvent.Id)
        {
            PipelineValidator.ValidateStartNode(tree, start);
        }

        PipelineDefinition definition = PipelineDefinition.Compile(tree, options, validation.ConvergeGateways, settings);
        UnknownCode.Check(definition, registry);

        // The pipeline's own id first: where the same pipeline comes twice, that is the one to name.
        HashSet<string> ids = new([tree.Id, .. definition.Nodes.Keys], StringComparer.Ordinal);
        CheckTexts(definition, ids);
        return new Submission(definition, new StoredOptions(options, validation.ConvergeGateways), ids);
    }

    private static void CheckOptions(RunPipelineOptions options)
    {
        foreach ((string name, MapValue? value) in new[]
        {
            ("root_pipeline_data", options.RootPipelineData),
            ("root_pipeline_context", options.RootPipelineContext),
            ("subprocess_context", options.SubprocessContext),
        })
        {
            if (value is not null)
            {
                Arguments.Keepable(value, name);
            }
        }
    }

    // Whatever becomes a key of the store: one that it has to refuse would fail a batch that others share.
    private static void CheckTexts(PipelineDefinition definition, IEnumerable<string> ids)
    {
        foreach (string id in ids)
        {
            Arguments.CheckText(id, "the id");
        }

        IEnumerable<string> keys = definition.Scopes.Values.SelectMany(scope => scope.InitialContext.Select(entry => entry.Key))
            .Concat(definition.Nodes.Values.SelectMany(node => node.OutputKeys.Values))
            .Concat(definition.Nodes.Values.Select(node => node.Loop?.OutputsKey).OfType<string>())
            .Concat(definition.Nodes.Values.Where(node => node.Kind == NodeKind.SubProcess).SelectMany(node => node.Inputs.Inputs.Keys));
        foreach (string key in keys)
        {
            Arguments.CheckText(key, "the context key");
        }
    }

    /// <summary>Makes the definition of a tree that was not checked, and need not be whole.</summary>
    /// <exception cref="BambooException">A context key is given twice, or is too long.</exception>
    /// <exception cref="KeyNotFoundException">A flow that a node names is not there.</exception>
    public PipelineDefinition CompileUnchecked(PipelineTree tree, RunPipelineOptions options) =>
        PipelineDefinition.Compile(tree, options, new Dictionary<string, string>(), settings);

    /// <summary>Makes the definition of a pipeline that passed the checks when it was submitted.</summary>
    public PipelineDefinition Compile(StoredPipeline stored) => Compile(stored.Tree.Span, stored.Options.Span);

    /// <summary>Makes the definition of a pipeline that passed the checks when it was submitted.</summary>
    /// <param name="tree">The tree, as JSON in UTF-8.</param>
    /// <param name="options">Its <see cref="StoredOptions"/>, as JSON in UTF-8.</param>
    public PipelineDefinition Compile(ReadOnlySpan<byte> tree, ReadOnlySpan<byte> options)
    {
        return Compile(PipelineTreeReader.Read(ValueJson.Parse(tree)), MachineJson.ReadOptions(options));
    }

    /// <summary>Makes the definition of a tree that passed the checks.</summary>
    public PipelineDefinition Compile(PipelineTree tree, StoredOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return PipelineDefinition.Compile(tree, options.Options, options.ConvergeGateways, settings, options.DeclaredSecrets);
    }
}
