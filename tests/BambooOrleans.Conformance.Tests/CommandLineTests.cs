using BambooOrleans.Conformance.Hosts;

namespace BambooOrleans.Conformance.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Options_may_stand_before_and_after_the_directory()
    {
        CommandLine line = CommandLine.Parse(["--store", "sqlite", "corpus", "--parallel", "3", "--category", "basic"]);

        Assert.Equal(("corpus", StoreKind.Sqlite, 3, "basic"), (line.Directory, line.Store, line.Parallel, line.Category));
    }

    [Theory]
    [InlineData]
    [InlineData("one", "two")]
    [InlineData("corpus", "--nonsense")]
    [InlineData("corpus", "--only")]
    [InlineData("corpus", "--parallel", "0")]
    [InlineData("corpus", "--store", "paper")]
    public void What_cannot_be_understood_is_refused(params string[] args) =>
        Assert.Throws<FormatException>(() => CommandLine.Parse(args));

    [Theory]
    [InlineData("basic__one_node", true)]
    [InlineData("basic__one", false)]
    public void Only_takes_a_whole_name(string only, bool isSelected) =>
        Assert.Equal(isSelected, CommandLine.Parse(["corpus", "--only", only]).Selects("basic", "basic__one_node"));

    [Fact]
    public void Only_takes_the_case_of_a_function_file_by_its_number() =>
        Assert.True(CommandLine.Parse(["corpus", "--only", "templates[3]"]).Selects("templates", "templates[3] doc"));
}
