using BambooOrleans.Conformance.Corpus;

namespace BambooOrleans.Conformance.Functions;

/// <summary><c>validator_fuzz.json</c>: what validation says of random graphs, with cycles refused and with cycles tolerated.</summary>
internal sealed class ValidationCases(ListValue file) : IFunctionFile
{
    // The reference's validator did not end within the recording's time limit; there is no answer to compare with.
    private const string NoAnswer = "TO";

    public string Category => "validator_fuzz";

    public IEnumerable<(string Name, Func<CaseResult> Replay)> Cases => file.Select((@case, index) =>
    {
        string name = $"validator_fuzz[{index}]";
        return (name, (Func<CaseResult>)(() => FunctionFiles.Replay(
            Category,
            name,
            () => Compare(@case, "strict", cycleTolerate: false) ?? Compare(@case, "tolerate", cycleTolerate: true),
            deviates: IsUnanswered(@case, "strict") || IsUnanswered(@case, "tolerate"))));
    });

    /// <summary>A step or case that expects an outcome of validation, in the shape of other outcomes: what was found as <c>data</c>.</summary>
    public static MapValue AsOutcome(MapValue expected)
    {
        if (!expected.Flag("result"))
        {
            return expected;
        }

        MapValue.Builder data = expected.ToBuilder();
        data.Remove("result");
        return expected.With("data", data.Build());
    }

    private static Comparing.Difference? Compare(Value @case, string key, bool cycleTolerate)
    {
        Replay.Outcome outcome = ValidatorAdapter.Validate(@case.Map("pipeline"), cycleTolerate);

        // That it ends at all is what ours does instead (semantics, last section).
        return IsUnanswered(@case, key)
            ? null
            : outcome.DifferenceFrom($"{key} {@case.Member("spec")}", AsOutcome(@case.Map(key)));
    }

    private static bool IsUnanswered(Value @case, string key) => @case.Member(key).Text("error_class") == NoAnswer;
}
