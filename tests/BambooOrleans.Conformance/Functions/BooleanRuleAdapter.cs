using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Conformance.Functions;

/// <summary>Calls the engine's boolean rules.</summary>
internal static class BooleanRuleAdapter
{
    /// <summary><c>true</c>, <c>false</c>, or the error's name as <c>boolrule.json</c> has it.</summary>
    public static string Test(string rule, MapValue? context)
    {
        try
        {
            BooleanRule parsed = BooleanRule.Parse(rule);
            return (context is null ? parsed.Test() : parsed.Test(context)) ? "true" : "false";
        }
        catch (BooleanRuleParseException)
        {
            return "ParseError";
        }
        catch (BooleanRuleException failure)
        {
            return failure.PythonClass;
        }
    }
}
