using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Tests.Expressions;

/// <summary>What single expressions become. Each expectation was given by CPython 3.11.</summary>
public class ExpressionTests
{
    private static readonly MapValue Context = (MapValue)Value.ParseJson("""
        {"i": 3, "s": "hello", "l": [5, 3, 9], "d": {"k": "v", "n": 5}, "f": 2.675}
        """);

    [Theory]
    [InlineData("-7 // 2", "-4")]
    [InlineData("-7.5 % 2", "0.5")]
    [InlineData("7.5 // -2", "-4.0")]
    [InlineData("0.0 * -1", "-0.0")]
    [InlineData("2 ** 100", "1267650600228229401496703205376")]
    [InlineData("pow(3, -1, 7)", "5")]
    [InlineData("10 ** 400 // 10 ** 399", "10")]
    [InlineData("123456789012345678901 / 3", "4.115226300411522e+19")]
    [InlineData("round(f, 2)", "2.67")]
    [InlineData("round(1350, -2)", "1400")]
    [InlineData("1 == 1.0 == True", "True")]
    [InlineData("10 ** 20 == 1e20", "True")]
    [InlineData("int(' 1_000 ')", "1000")]
    [InlineData("int('0b11', 0)", "3")]
    [InlineData("float('1e400')", "inf")]
    [InlineData("str(9999999999999998.0)", "9999999999999998.0")]
    [InlineData("1e16", "1e+16")]
    [InlineData("5e-324", "5e-324")]
    public void Numbers_are_pythons(string expression, string expected) => Assert.Equal(expected, Render(expression));

    [Theory]
    [InlineData("'ß'.upper() + 'ﬁ'.title() + 'ΑΣ'.lower()", "SSFiας")]
    [InlineData("\"they're bill's\".title()", "They'Re Bill'S")]
    [InlineData("' a  b '.split(None, 1)", "['a', 'b ']")]
    [InlineData("'a\\r\\nb\\n\\nc'.splitlines(True)", "['a\\r\\n', 'b\\n', '\\n', 'c']")]
    [InlineData("'xx'.center(5, '*')", "**xx*")]
    [InlineData("'+1'.zfill(5)", "+0001")]
    [InlineData("'abc'.replace('', '-', 2)", "-a-bc")]
    [InlineData("'abc'.find('c', -1)", "2")]
    [InlineData("'aabb'.translate(str.maketrans('a', 'x', 'b'))", "xx")]
    [InlineData("['it\\'s', 'say \"hi\"', '\\n\\x00é']", "[\"it's\", 'say \"hi\"', '\\n\\x00é']")]
    [InlineData("s[::-2]", "olh")]
    [InlineData("s.encode() + b'\\xff'", "b'hello\\xff'")]
    public void Text_is_pythons(string expression, string expected) => Assert.Equal(expected, Render(expression));

    [Theory]
    [InlineData("'%05.1f|%-5d|%+d' % (3.14159, 3, 5)", "003.1|3    |+5")]
    [InlineData("'%(k)s %(n)03d' % d", "v 005")]
    [InlineData("'%.0f %.0f %g %e' % (0.5, 1.5, 1e-5, 0)", "0 2 1e-05 0.000000e+00")]
    [InlineData("'%r %a %c %x' % ('a', 'é', 8364, -255)", "'a' '\\xe9' € -ff")]
    [InlineData("'%*d' % (5, 3)", "    3")]
    public void Percent_formats_are_pythons(string expression, string expected) => Assert.Equal(expected, Render(expression));

    [Theory]
    [InlineData("sorted(l, key=lambda x: -x)", "[9, 5, 3]")]
    [InlineData("[(a, b) for a, *b in [(1, 2, 3)]]", "[(1, [2, 3])]")]
    [InlineData("list(zip(l, s))", "[(5, 'h'), (3, 'e'), (9, 'l')]")]
    [InlineData("set([3, 1, 2, 100, 50])", "{1, 2, 3, 100, 50}")]
    [InlineData("dict([(1, 2), (1.0, 3), (True, 4)])", "{1: 4}")]
    [InlineData("list(set(range(100, 60, -7)))", "[65, 100, 72, 79, 86, 93]")]
    [InlineData("range(10)[2:8:3]", "range(2, 8, 3)")]
    [InlineData("10 ** 12 in range(10 ** 13)", "True")]
    [InlineData("(lambda x, *a, k=3, **kw: (x, a, k, kw))(1, 2, z=4)", "(1, (2,), 3, {'z': 4})")]
    [InlineData("[y := 1, y ** 2]", null)]
    [InlineData("max(l, default=0) if i in l else min(l)", "9")]
    public void Collections_are_pythons(string expression, string? expected) => Assert.Equal(expected ?? $"${{{expression}}}", Render(expression));

    [Theory]
    [InlineData("'<a>&' | h", "&lt;a&gt;&amp;")]
    [InlineData("'<' | h, h", "&lt;")]
    [InlineData("'<' | h, str, h", "&amp;lt;")]
    [InlineData("'a b/é' | u", "a+b%2F%C3%A9")]
    [InlineData("i | n", null)]
    [InlineData("i | n, str", "3")]
    public void Filters_are_the_template_languages(string expression, string? expected) => Assert.Equal(expected ?? $"${{{expression}}}", Render(expression));

    [Theory]
    [InlineData("*l[:1]", "5")]
    [InlineData("object=s", "hello")]
    [InlineData("s.encode(), 'utf-8'", "hello")]
    [InlineData("(yield i)", "")]
    [InlineData("x for x in l", null)]
    [InlineData(" i", null)]
    [InlineData("\ni", "3")]
    public void Code_is_what_stands_between_the_parentheses_of_a_call(string expression, string? expected) =>
        Assert.Equal(expected ?? $"${{{expression}}}", Render(expression));

    private static string Render(string expression) =>
        ((TextValue)Template.Parse($"${{{expression}}}", ExpressionOptions.Default).Render(Context)).Value;
}
