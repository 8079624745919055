using BambooOrleans.Conformance.Comparing;
using BambooOrleans.Conformance.Corpus;

namespace BambooOrleans.Conformance.Functions;

/// <summary>The kinds of function files, known by what is in them.</summary>
public static class FunctionFiles
{
    /// <summary>The cases of a function file; null where the JSON is none.</summary>
    public static IFunctionFile? Read(Value json) => json switch
    {
        MapValue map when map.Member("context") is MapValue && map.Member("cases") is ListValue => new TemplateCases(map),
        MapValue map when map.Member("no_context") is ListValue => new BooleanRuleCases(map),
        ListValue { Count: > 0 } list when list[0].Member("strict") is MapValue => new ValidationCases(list),
        _ => null,
    };

    /// <summary>Compares, and takes anything thrown for a difference.</summary>
    internal static CaseResult Replay(string category, string name, Func<Difference?> compare, bool deviates = false)
    {
        try
        {
            return new CaseResult(category, name, compare(), deviates);
        }
        catch (FunctionNotBuiltInException failure)
        {
            return new CaseResult(category, name, new Difference("call", "", "an answer", failure.Message), deviates);
        }
        catch (Exception failure)
        {
            return new CaseResult(category, name, new Difference("call", "", "no exception", failure.ToString()), deviates);
        }
    }
}

/// <summary>The function is not part of the engine's core yet.</summary>
public sealed class FunctionNotBuiltInException(string function) : Exception($"{function} is not there yet");
