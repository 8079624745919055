using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions;

/// <summary>One value of a parsed <see cref="Template"/>.</summary>
internal abstract class TemplatePart
{
    public abstract Value Render(Run run);

    public virtual void CollectReferences(HashSet<string> references)
    {
    }

    public virtual void CollectWarnings(List<ExpressionWarning> warnings, IReadOnlySet<string>? knownNames)
    {
    }
}

/// <summary>A value without templates.</summary>
internal sealed class ConstantPart(Value value) : TemplatePart
{
    public Value Value { get; } = value;

    public override Value Render(Run run) => Value;
}

/// <summary>A list some of whose items hold templates; the others have no part.</summary>
internal sealed class ListPart(ListValue source, TemplatePart?[] parts) : TemplatePart
{
    public override Value Render(Run run)
    {
        run.Step(parts.Length);
        Value[]? rendered = null;
        for (int i = 0; i < parts.Length; i++)
        {
            Value item = parts[i]?.Render(run) ?? source[i];
            if (!ReferenceEquals(item, source[i]))
            {
                rendered ??= [.. source];
                rendered[i] = item;
            }
        }

        return rendered is null ? source : Value.List(rendered);
    }

    public override void CollectReferences(HashSet<string> references)
    {
        foreach (TemplatePart? part in parts)
        {
            part?.CollectReferences(references);
        }
    }

    public override void CollectWarnings(List<ExpressionWarning> warnings, IReadOnlySet<string>? knownNames)
    {
        foreach (TemplatePart? part in parts)
        {
            part?.CollectWarnings(warnings, knownNames);
        }
    }
}

/// <summary>A map some of whose entries hold templates; only those have parts.</summary>
internal sealed class MapPart(MapValue source, IReadOnlyList<(string Name, TemplatePart Part)> parts) : TemplatePart
{
    public override Value Render(Run run)
    {
        run.Step(source.Count);
        MapValue.Builder? rendered = null;
        foreach ((string name, TemplatePart part) in parts)
        {
            Value entry = part.Render(run);
            if (!ReferenceEquals(entry, source[name]))
            {
                rendered ??= source.ToBuilder();
                rendered[name] = entry;
            }
        }

        return rendered is null ? source : rendered.Build();
    }

    public override void CollectReferences(HashSet<string> references)
    {
        foreach ((string _, TemplatePart part) in parts)
        {
            part.CollectReferences(references);
        }
    }

    public override void CollectWarnings(List<ExpressionWarning> warnings, IReadOnlySet<string>? knownNames)
    {
        foreach ((string _, TemplatePart part) in parts)
        {
            part.CollectWarnings(warnings, knownNames);
        }
    }
}
