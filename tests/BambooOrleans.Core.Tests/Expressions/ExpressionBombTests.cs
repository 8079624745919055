using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Tests.Expressions;

public class ExpressionBombTests
{
    [Theory]
    [InlineData("'a' * 10**9")]
    [InlineData("[0] * 10**9")]
    [InlineData("'a' * 10**40")]
    [InlineData("10**10**10")]
    [InlineData("1 << 10**9")]
    [InlineData("pow(7, 10**9)")]
    [InlineData("pow(7**9999, 7**9999, 7**9999 + 1)")]
    [InlineData("sum(range(10**12))")]
    [InlineData("list(range(10**12))")]
    [InlineData("10**12 in [x for x in range(10**12)]")]
    [InlineData("[x for a in range(10**4) for b in range(10**4) for x in range(10**4)]")]
    [InlineData("'%1000000000d' % 1")]
    [InlineData("'%.1000000000f' % 1.5")]
    [InlineData("'%*d' % (10**9, 1)")]
    [InlineData("'x'.ljust(10**9)")]
    [InlineData("'x'.zfill(10**9)")]
    [InlineData("('\\t' * 1000).expandtabs(10**6)")]
    [InlineData("('a' * 10**5).replace('', 'b' * 10**5)")]
    [InlineData("('b' * 10**5).join('a' * 10**5)")]
    [InlineData("[l.append(x) for x in l]")]
    [InlineData("(lambda s: [s.count('b') for x in range(10**6)])('a' * 10**7)")]
    [InlineData("(lambda a, b: [a == b for x in range(10**6)])('a' * 10**7, 'a' * 10**7 + '')")]
    [InlineData("(lambda s: [len(s) for x in range(10**6)])('😀' * 10**6)")]
    [InlineData("sorted(range(10**9))")]
    [InlineData("set(range(10**9))")]
    [InlineData("(5).to_bytes(10**9, 'big')")]
    [InlineData("max(range(10**9), key=lambda x: x)")]
    public void An_expression_that_asks_for_too_much_uses_up_its_budget(string expression)
    {
        MapValue context = Value.Map(("l", Value.List(1)));
        ExpressionBudgetException error = Assert.Throws<ExpressionBudgetException>(
            () => Template.Parse($"${{{expression}}}", ExpressionOptions.Default).Render(context));
        Assert.Equal("expression.budget", error.Code);
    }

    [Fact]
    public void Doubling_in_steps_uses_up_the_budget()
    {
        string nested = "(1,)";
        for (int i = 0; i < 60; i++)
        {
            nested = $"(lambda a: (a, a))({nested})";
        }

        Assert.Throws<ExpressionBudgetException>(() => Template.Parse($"${{{nested}}}", ExpressionOptions.Default).Render(MapValue.Empty));
        Assert.Throws<ExpressionBudgetException>(() => Template.Parse($"${{{nested} == {nested}}}", ExpressionOptions.Default).Render(MapValue.Empty));
        Assert.Throws<ExpressionBudgetException>(() => Template.Parse($"${{len(set([{nested}]))}}", ExpressionOptions.Default).Render(MapValue.Empty));
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("-", "")]
    [InlineData("not ", "")]
    [InlineData("lambda: ", "")]
    [InlineData("2 ** ", "")]
    [InlineData("1 if ", " else 2")]
    [InlineData("str(", ")")]
    [InlineData("", " + 1")]
    [InlineData("", "[0]")]
    [InlineData("", ".real")]
    [InlineData("", "()")]
    public void What_is_nested_too_deeply_stays_as_written(string before, string after)
    {
        string expression = string.Concat(Enumerable.Repeat(before, 100_000)) + "1" + string.Concat(Enumerable.Repeat(after, 100_000));
        string template = $"${{{expression}}}";
        Assert.Equal(template, Template.Parse(template, ExpressionOptions.Default).Render(MapValue.Empty));
    }

    [Theory]
    [InlineData("(lambda f: f(f))(lambda f: f(f))")]
    [InlineData("[t := (t,) for x in range(100000)]")]
    [InlineData("len(set([[t := ((t,) if x else ()) for x in range(20000)][-1]]))")]
    [InlineData("str([(t := [], t.append(t))])")]
    public void What_calls_or_holds_itself_does_not_take_the_process_down(string expression)
    {
        Exception? error = Record.Exception(() => Template.Parse($"${{{expression}}}", ExpressionOptions.Default).Render(MapValue.Empty));
        Assert.True(error is null or ExpressionBudgetException, error?.ToString());
    }

    [Fact]
    public void Data_nested_too_deeply_is_refused()
    {
        Value value = "${a}";
        Value deep = 1;
        for (int i = 0; i < 100_000; i++)
        {
            value = Value.List(value);
            deep = Value.List(deep);
        }

        Assert.Throws<ExpressionException>(() => Template.Parse(value, ExpressionOptions.Default));
        Assert.Throws<ExpressionException>(() => PythonText.Repr(deep));
        Assert.Equal("x${a}", Template.Parse("x${a}", ExpressionOptions.Default).Render(Value.Map(("a", deep))));
    }

    [Fact]
    public void One_budget_holds_for_every_template_of_a_value()
    {
        Value value = Value.List(Enumerable.Range(0, 50).Select(i => (Value)"x${len([x for x in range(10000)])}"));
        Template template = Template.Parse(value, ExpressionOptions.Default);
        Assert.Throws<ExpressionBudgetException>(() => template.Render(MapValue.Empty));
        Assert.Equal(value is ListValue list ? list.Count : 0, ((ListValue)template.Render(MapValue.Empty, new ExpressionBudget(stepsMax: 100_000_000))).Count);
    }

    [Fact]
    public void A_runaway_pattern_uses_up_the_budget()
    {
        var options = new ExpressionOptions { ImportModules = ExpressionOptions.KnownModules };
        Assert.Throws<ExpressionBudgetException>(
            () => Template.Parse("${re.match('(a|aa)+(?=b)', 'a' * 60)}", options).Render(MapValue.Empty));
        Assert.Equal("None", Template.Parse("${re.match('(a|aa)+b', 'a' * 60)}", options).Render(MapValue.Empty));
    }

    [Fact]
    public void A_condition_nested_too_deeply_is_no_condition()
    {
        string expression = new string('(', 100_000) + "1 == 1" + new string(')', 100_000);
        Assert.Throws<BooleanRuleParseException>(() => BooleanRule.Parse(expression));
    }
}
