using BambooOrleans.Components;

namespace BambooOrleans.Conformance.Components;

/// <summary>Base of the corpus's lazy variables, which wait for nothing.</summary>
public abstract class CorpusVariable : LazyVariable
{
    public sealed override Task<Value> GetAsync(LazyVariableContext context, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult(Get(context));
        }
        catch (Exception failure)
        {
            return Task.FromException<Value>(failure);
        }
    }

    protected abstract Value Get(LazyVariableContext context);
}

[LazyVariable("upper_case")]
public sealed class UpperCase : CorpusVariable
{
    protected override Value Get(LazyVariableContext context) => PythonText.Str(context.Value).ToUpperInvariant();
}

[LazyVariable("raise_variable")]
public sealed class RaiseVariable : CorpusVariable
{
    protected override Value Get(LazyVariableContext context) => throw new CorpusException("");
}

[LazyVariable("oracle_join")]
public sealed class OracleJoin : CorpusVariable
{
    protected override Value Get(LazyVariableContext context) => string.Join(',', context.Value switch
    {
        ListValue list => list.Select(PythonText.Str),
        MapValue map => map.Keys,
        TextValue text => text.Value.EnumerateRunes().Select(rune => rune.ToString()),
        _ => throw new CorpusException($"'{PythonText.TypeName(context.Value)}' object is not iterable"),
    });
}

[LazyVariable("oracle_split")]
public sealed class OracleSplit : CorpusVariable
{
    protected override Value Get(LazyVariableContext context) =>
        Value.List(PythonText.Str(context.Value).Split(',').Select(part => (Value)part));
}

[LazyVariable("oracle_dict")]
public sealed class OracleDict : CorpusVariable
{
    protected override Value Get(LazyVariableContext context) =>
        Value.Map(("value", context.Value), ("upper", PythonText.Str(context.Value).ToUpperInvariant()));
}

[LazyVariable("oracle_pipeline_data")]
public sealed class OraclePipelineData : CorpusVariable
{
    protected override Value Get(LazyVariableContext context) =>
        context.Value is TextValue name && context.RootPipelineData.TryGetValue(name.Value, out Value? value) ? value : Value.Null;
}
