using BambooOrleans.Conformance.Comparing;
using BambooOrleans.Conformance.Corpus;

namespace BambooOrleans.Conformance.Replay;

/// <summary>What became of a run, a call or a validation.</summary>
/// <param name="Result">Whether it was carried out.</param>
/// <param name="Error">What went wrong; null where nothing did.</param>
/// <param name="Data">What it gave.</param>
internal sealed record Outcome(bool Result, Exception? Error, Value? Data = null)
{
    private static readonly string[] Details = ["gateway_id", "node_id", "failed_nodes"];

    public static Outcome Of(EngineApiResult result, Value? data = null) => new(result.Result, result.Error, data);

    /// <summary>The first difference from what a step expects; null where there is none.</summary>
    public Difference? DifferenceFrom(string where, Value expected)
    {
        bool expectedResult = expected.Flag("result");
        if (expectedResult != Result)
        {
            return new Difference(where, "result", expectedResult ? "true" : $"false ({expected.Text("error")})", Shown());
        }

        if (!expectedResult)
        {
            return DifferenceOfErrors(where, expected);
        }

        return expected.Member("data") is Value data
            ? RecordComparison.FirstDifference(where, "data", data, Data ?? Value.Null)
            : null;
    }

    private Difference? DifferenceOfErrors(string where, Value expected)
    {
        string? kind = expected.Text("error");
        if (kind is null or ErrorKinds.Crash)
        {
            return null;
        }

        if (kind != ErrorKinds.Of(Error))
        {
            return new Difference(where, "error", kind, Shown());
        }

        foreach (string detail in Details)
        {
            if (expected.Member(detail) is not Value theirs)
            {
                continue;
            }

            Value inOrder = theirs is ListValue ids
                ? Value.List(ids.OrderBy(id => (id as TextValue)?.Value, StringComparer.Ordinal))
                : theirs;
            Difference? difference = RecordComparison.FirstDifference(where, detail, inOrder, ErrorKinds.Detail(Error, detail) ?? Value.Null);
            if (difference is not null)
            {
                return difference;
            }
        }

        return null;
    }

    private string Shown() => Result ? "true" : $"false ({ErrorKinds.Of(Error)}: {Error?.Message})";
}
