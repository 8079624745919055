using System.Text.RegularExpressions;

namespace BambooOrleans.Simulation.Tests;

public class ProgramTests
{
    [Fact]
    public void The_last_line_counts_seeds_and_violations()
    {
        (int code, string output, _) = Run("--seeds", "30", "--from", "100", "--workers", "2");

        Assert.Equal(0, code);
        Assert.EndsWith("30 seeds, 0 violations\n", output);
        Assert.StartsWith("from seed 100\n", output);
        Assert.Contains("ConditionalParallelGateway", output);
        Assert.Matches(new Regex("medians of a seed: [0-9]+ nodes, [0-9]+ verbs, [0-9]+ faults"), output);
    }

    [Fact]
    public void A_time_limit_ends_a_run_without_a_number_of_seeds()
    {
        (int code, string output, _) = Run("--minutes", "0.01", "--workers", "1");

        Assert.Equal(0, code);
        Assert.Matches(new Regex("\n[1-9][0-9]* seeds, 0 violations\n$"), output);
    }

    [Fact]
    public void A_trace_shows_what_happened()
    {
        (int code, string output, _) = Run("--from", "3", "--seeds", "1", "--trace");

        Assert.Equal(0, code);
        Assert.Contains("PipelineStarted", output);
        Assert.EndsWith("1 seeds, 0 violations\n", output);
    }

    [Theory]
    [InlineData("unknown option --seed", "--seed", "1")]
    [InlineData("--seeds needs a value", "--seeds")]
    [InlineData("--seeds needs a whole number", "--seeds", "none")]
    [InlineData("--seeds needs a whole number", "--seeds", "0")]
    [InlineData("--minutes needs a number", "--minutes", "-1")]
    public void Bad_options_are_refused(string error, params string[] arguments)
    {
        (int code, _, string errors) = Run(arguments);

        Assert.Equal(2, code);
        Assert.Contains(error, errors);
        Assert.Contains("usage:", errors);
    }

    private static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        var errors = new StringWriter { NewLine = "\n" };
        int code = Program.Run(arguments, output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
