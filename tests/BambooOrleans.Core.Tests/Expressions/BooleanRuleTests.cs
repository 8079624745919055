using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Tests.Expressions;

public class BooleanRuleTests
{
    [Theory]
    [InlineData("1.5 > 1", false)]
    [InlineData("'10' < 9", false)]
    [InlineData("1 == 2 and 1 == 1 or 1 == 1", false)]
    [InlineData("1 == 1 or 1 == 1 and 1 == 2", true)]
    [InlineData("a == 'a'", true)]
    [InlineData("1 in('1','2')", true)]
    [InlineData("'a\tb' == 'a      b'", true)]
    [InlineData("*", true)]
    public void Oddities_of_the_reference_are_kept(string expression, bool holds) =>
        Assert.Equal(holds, BooleanRule.Parse(expression).Test());

    [Theory]
    [InlineData("1 < 'a'", "TypeError", "'<' not supported between instances of 'int' and 'str'")]
    [InlineData("1 in 1", "TypeError", "argument of type 'int' is not iterable")]
    [InlineData("1e2 == 100", "ValueError", "invalid literal for int() with base 10: '1E2'")]
    public void A_failure_names_pythons_exception(string expression, string pythonClass, string message)
    {
        BooleanRuleException error = Assert.Throws<BooleanRuleException>(() => BooleanRule.Parse(expression).Test());
        Assert.Equal((pythonClass, message), (error.PythonClass, error.Message));
    }

    [Fact]
    public void What_is_not_of_the_grammar_tells_where_it_went_wrong()
    {
        BooleanRuleParseException error = Assert.Throws<BooleanRuleParseException>(() => BooleanRule.Parse("1 == 1 and 2 = 2"));
        Assert.Equal(13, error.Position);
    }

    [Fact]
    public void With_a_context_words_are_paths_into_it()
    {
        var context = (MapValue)Value.ParseJson("""{"a": {"b": 5}, "${v}": "x"}""");
        Assert.True(BooleanRule.Parse("a.b == 5 and ${v} == 'x'").Test(context));
        Assert.Equal("MissingVariableException", Assert.Throws<BooleanRuleException>(() => BooleanRule.Parse("zz == 1").Test(context)).PythonClass);
    }

    [Theory]
    [InlineData("1.5 > 1", "rule.float-truncated")]
    [InlineData("${x + 1} > 1.5", "rule.float-truncated")]
    [InlineData("1 == 1 and 2 == 2 or 3 == 3", "rule.mixed-and-or")]
    [InlineData("(1 == 1 and 2 == 2) or 3 == 3", null)]
    [InlineData("${l[0]} in (1, 2)", null)]
    [InlineData("1 = 1", "rule.syntax")]
    public void Warnings_tell_what_does_not_do_what_it_looks_like(string expression, string? code) =>
        Assert.Equal(code, BooleanRule.Warnings(expression).SingleOrDefault()?.Code);
}
