using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Tests.Validation;

/// <summary>Trees on which a check by recursion runs out of stack, and one that searches lists does not finish.</summary>
public class BigTreeTests
{
    private const int Many = 10_000;

    [Fact]
    public void A_long_chain_is_valid()
    {
        PipelineTree tree = GraphTree.Of(
            [("start", ["a0"]), .. Enumerable.Range(0, Many).Select(i => ($"a{i}", (string[])[i == Many - 1 ? "end" : $"a{i + 1}"]))]);

        Assert.Empty(PipelineValidator.Validate(tree, cycleTolerate: false).ConvergeGateways);
        Assert.Equal(Many + 1, PipelineValidator.AllowedStartNodes(tree).Count);
    }

    [Theory]
    [InlineData("pg")]
    [InlineData("eg")]
    public void Gateways_nested_ten_thousand_deep_are_matched(string letters)
    {
        PipelineTree tree = GraphTree.Of(
        [
            ("start", [letters + "0"]),
            .. Enumerable.Range(0, Many).Select(i => (letters + i, (string[])[i == Many - 1 ? $"cg{i}" : letters + (i + 1), $"a{i}"])),
            .. Enumerable.Range(0, Many).Select(i => ($"a{i}", (string[])[$"cg{i}"])),
            .. Enumerable.Range(0, Many).Select(i => ($"cg{i}", (string[])[i == 0 ? "end" : $"cg{i - 1}"])),
        ]);

        ValidationResult found = PipelineValidator.Validate(tree, cycleTolerate: false);

        Assert.Equal(Many, found.ConvergeGateways.Count);
        Assert.All(found.ConvergeGateways, pair => Assert.Equal("cg" + pair.Key[2..], pair.Value));
    }

    [Fact]
    public void Blocks_one_after_the_other_on_a_branch_are_matched()
    {
        PipelineTree tree = GraphTree.Of(
        [
            ("start", ["pg"]),
            ("pg", ["pg0", "a"]),
            ("a", ["cg"]),
            .. Enumerable.Range(0, Many).Select(i => ($"pg{i}", (string[])[$"b{i}", $"cg{i}"])),
            .. Enumerable.Range(0, Many).Select(i => ($"b{i}", (string[])[$"cg{i}"])),
            .. Enumerable.Range(0, Many).Select(i => ($"cg{i}", (string[])[i == Many - 1 ? "cg" : $"pg{i + 1}"])),
            ("cg", ["end"]),
        ]);

        Assert.Equal(Many + 1, PipelineValidator.Validate(tree, cycleTolerate: false).ConvergeGateways.Count);
    }

    [Fact]
    public void Exclusive_gateways_that_share_every_way_on_are_matched_once_each()
    {
        // Each gateway leads twice to the next one: two to the ten thousandth ways.
        PipelineTree tree = GraphTree.Of(
        [
            ("start", ["eg0"]),
            .. Enumerable.Range(0, Many).Select(i => ($"eg{i}", (string[])(i == Many - 1 ? ["end", "end"] : [$"eg{i + 1}", $"eg{i + 1}", $"a{i}"]))),
            .. Enumerable.Range(0, Many - 1).Select(i => ($"a{i}", (string[])[$"eg{i + 1}"])),
        ]);

        Assert.Empty(PipelineValidator.Validate(tree, cycleTolerate: false).ConvergeGateways);
        Assert.Equal(2 * Many, PipelineValidator.AllowedStartNodes(tree).Count);
    }

    [Fact]
    public void A_long_circle_is_named_from_its_first_node_to_its_first_node()
    {
        PipelineTree tree = GraphTree.Of(
            [("start", ["a0"]), .. Enumerable.Range(0, Many).Select(i => ($"a{i}", (string[])[i == Many - 1 ? "eg" : $"a{i + 1}"])), ("eg", ["a0", "end"])]);

        var error = Assert.Throws<TreeInvalidException>(() => PipelineValidator.Validate(tree, cycleTolerate: false));

        Assert.Equal(Many + 2, error.Cycle.Count);
        Assert.True(error.Message.Length < 500);
    }
}
