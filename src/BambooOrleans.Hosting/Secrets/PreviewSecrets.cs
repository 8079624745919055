using BambooOrleans.Core.Definitions;
using BambooOrleans.Hosting.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting;

/// <summary>The secrets of a preview: of a tree that is not stored, and of the values that it is computed with.</summary>
internal sealed class PreviewSecrets
{
    private readonly PipelineSecrets _secrets;
    private readonly SecretValues _values;

    private PreviewSecrets(PipelineSecrets secrets, SecretValues values)
    {
        _secrets = secrets;
        _values = values;
    }

    /// <summary>The secrets of a tree; null where it has none.</summary>
    /// <exception cref="InvalidArgumentException">It has some, and what refers to them cannot be found: the tree is not whole.</exception>
    public static PreviewSecrets? Of(PipelineTree tree, SecretMasks masks, UserCode userCode)
    {
        if (!HasAny(tree, userCode))
        {
            return null;
        }

        try
        {
            (PipelineSecrets? secrets, SecretValues values) = masks.OfTree(tree);
            return secrets is null ? null : new PreviewSecrets(secrets, values);
        }
        catch (Exception failure) when (failure is KeyNotFoundException or ArgumentException or BambooException)
        {
            throw new InvalidArgumentException("the tree has secrets, and is not whole, so that what holds them cannot be told: validate it first");
        }
    }

    /// <summary>The values of a context that the inputs are computed with, by bare name.</summary>
    public void Learn(string scopeId, IReadOnlyDictionary<string, Value> values)
    {
        foreach (string key in _secrets.KeysOf(scopeId))
        {
            if (values.TryGetValue(ContextEntry.Bare(key), out Value? value))
            {
                _values.Add(value);
            }
        }
    }

    public MapValue Mask(string nodeId, MapValue inputs)
    {
        foreach (string name in _secrets.InputsOf(nodeId))
        {
            if (inputs.TryGetValue(name, out Value? value))
            {
                _values.Add(value);
            }
        }

        return new SecretMask(_secrets, _values).Inputs(nodeId, inputs);
    }

    public bool IsIn(string text) => !ReferenceEquals(_values.In(text), text);

    public string Mask(string text) => _values.In(text);

    private static bool HasAny(PipelineTree tree, UserCode userCode) => TreePlaces.Pipelines(tree).Any(at =>
        at.Pipeline.Data.Inputs.Values.Any(variable => variable.IsSecret)
        || at.Pipeline.Activities.Values.Any(activity => activity switch
        {
            TreeServiceActivity service => service.Inputs.Values.Any(input => input.IsSecret)
                || userCode.InputsOf(service.ComponentCode, service.ComponentVersion).Any(input => input.IsSecret),
            TreeSubProcess subProcess => subProcess.Params.Values.Any(param => param.IsSecret),
            _ => false,
        }));
}
