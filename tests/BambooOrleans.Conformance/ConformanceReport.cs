using BambooOrleans.Conformance.Corpus;

namespace BambooOrleans.Conformance;

/// <summary>Prints what became of a corpus, for a person and, in its last line, for a script.</summary>
internal static class ConformanceReport
{
    public static void Print(TextWriter output, CorpusDirectory corpus, IReadOnlyList<CaseResult> results, int leftOut)
    {
        foreach (CaseResult failed in results.Where(result => result.Difference is not null))
        {
            PrintDifference(output, failed);
        }

        foreach (string fault in corpus.Faults)
        {
            output.WriteLine($"FAILED  {fault}");
        }

        foreach (string unknown in corpus.UnknownFiles)
        {
            output.WriteLine($"not replayed, no part of a corpus: {unknown}");
        }

        PrintTable(output, results);
        int deviating = results.Count(result => result.Deviates);
        output.WriteLine($"{deviating} compared with our own record, where we part from the reference ({results.Count(result => result.Deviates && result.Difference is null)} passed)");
        if (leftOut > 0)
        {
            output.WriteLine($"{leftOut} scenarios left out, for the verbs they call");
        }

        int failures = FailureCount(corpus, results);
        output.WriteLine($"{results.Count(result => result.Difference is null)} passed, {failures} failed");
    }

    /// <summary>How many failures there are, those of the corpus itself among them.</summary>
    public static int FailureCount(CorpusDirectory corpus, IReadOnlyList<CaseResult> results) =>
        results.Count(result => result.Difference is not null) + corpus.Faults.Count;

    private static void PrintDifference(TextWriter output, CaseResult failed)
    {
        output.WriteLine($"FAILED  {failed.Name}{(failed.Deviates ? " (our own record)" : "")}");
        output.WriteLine($"  at        {failed.Difference!.Where}{(failed.Difference.Path.Length == 0 ? "" : ": " + failed.Difference.Path)}");
        output.WriteLine($"  expected  {failed.Difference.Expected}");
        output.WriteLine($"  actual    {failed.Difference.Actual}");
    }

    private static void PrintTable(TextWriter output, IReadOnlyList<CaseResult> results)
    {
        output.WriteLine();
        output.WriteLine($"{"category",-24}{"passed",8}{"failed",8}{"ours",8}");
        foreach (IGrouping<string, CaseResult> category in results.GroupBy(result => result.Category).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            int failed = category.Count(result => result.Difference is not null);
            output.WriteLine($"{category.Key,-24}{category.Count() - failed,8}{failed,8}{category.Count(result => result.Deviates),8}");
        }

        output.WriteLine();
    }
}
