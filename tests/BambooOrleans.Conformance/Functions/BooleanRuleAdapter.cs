namespace BambooOrleans.Conformance.Functions;

/// <summary>Calls the engine's boolean rules.</summary>
internal static class BooleanRuleAdapter
{
    /// <summary><c>true</c>, <c>false</c>, or the error's name as <c>boolrule.json</c> has it.</summary>
    public static string Test(string rule, MapValue? context) => throw new FunctionNotBuiltInException("BooleanRule");
}
