using BambooOrleans.Core.Expressions;
using FsCheck;
using FsCheck.Fluent;

namespace BambooOrleans.Core.Tests.Expressions;

/// <summary>Whatever is thrown at the expression language, only its documented exceptions come back.</summary>
public class ExpressionFuzzTests
{
    private static readonly MapValue Context = (MapValue)Value.ParseJson("""
        {"i": 3, "f": 1.5, "s": "hello", "l": [1, "x", null, [2.5]], "d": {"k": "v", "n": {"a": [1]}}, "b": true, "n": null,
         "big": 123456789012345678901234567890, "wide": "aß😀é"}
        """);

    private static readonly string[] Atoms =
    [
        "i", "f", "s", "l", "d", "b", "n", "big", "wide", "missing", "0", "1", "-1", "7", "1.5", "1e300", "'a'", "''", "'%s'", "'%5.1f|%d'",
        "None", "True", "[]", "()", "b'x'", "str", "len", "re", "json", "datetime", "random", "...", "10**9", "'a,b'", "print", "self",
    ];

    private static readonly string[] Shapes =
    [
        "({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} / {1})", "({0} // {1})", "({0} % {1})", "({0} ** {1})", "({0} << {1})",
        "({0} | {1})", "({0} & {1})", "({0} @ {1})", "-{0}", "~{0}", "not {0}", "({0} and {1})", "({0} or {1})", "{0} < {1}", "{0} == {1}",
        "{0} in {1}", "{0} is {1}", "({0} if {1} else {2})", "{0}[{1}]", "{0}[{1}:{2}]", "{0}[::{1}]", "[x for x in {0}]", "[*{0}, {1}]",
        "[x for x in {0} if {1}]", "[{0} for x in {1} for y in {2}]", "sum(x for x in {0})", "(lambda x: {0})({1})", "(lambda *x: {0})(*{1})",
        "str({0})", "int({0})", "int({0}, {1})", "float({0})", "list({0})", "tuple({0})", "set({0})", "dict({0})", "dict(a={0}, **{1})",
        "sorted({0})", "sorted({0}, key={1}, reverse={2})", "min({0})", "max({0}, {1})", "round({0}, {1})", "abs({0})", "pow({0}, {1}, {2})",
        "range({0}, {1}, {2})", "zip({0}, {1})", "list(enumerate({0}))", "list(reversed({0}))", "slice({0}, {1})", "any({0})", "len({0})",
        "{0}.split({1})", "{0}.rsplit({1}, {2})", "{0}.join({1})", "{0}.replace({1}, {2})", "{0}.strip({1})", "{0}.center({1}, {2})", "{0}.zfill({1})",
        "{0}.find({1}, {2})", "{0}.count({1})", "{0}.encode({1})", "{0}.decode({1})", "{0}.upper()", "{0}.title()", "{0}.expandtabs({1})",
        "{0}.splitlines({1})", "{0}.partition({1})", "{0}.startswith({1})", "{0}.translate({1})", "{0}.append({1})", "{0}.pop({1})", "{0}.index({1})",
        "{0}.insert({1}, {2})", "{0}.sort()", "{0}.get({1}, {2})", "{0}.items()", "{0}.keys()", "{0}.update({1})", "{0}.setdefault({1}, {2})",
        "{0}.union({1})", "{0}.to_bytes({1}, {2})", "{0}.hex()", "{0}.real", "{0}.k", "re.sub({0}, {1}, {2})", "re.findall({0}, {1})",
        "re.split({0}, {1})", "json.dumps({0})", "json.loads({0})", "datetime.date({0}, {1}, {2})", "datetime.timedelta({0}, {1}) * {2}",
        "random.choice({0})", "(y := {0})", "f({0})", "{0} | h", "{0}; {1}", "x = {0}", "*{0}",
    ];

    private static readonly ExpressionOptions[] Options =
    [
        new() { UnresolvedIsError = true },
        new() { UnresolvedIsError = true, NameWhitelist = NameWhitelist.Off, RenderNestedIndexes = true, StepsMax = 20_000, BytesMax = 1 << 20 },
        new() { UnresolvedIsError = true, ImportModules = ExpressionOptions.KnownModules, StepsMax = 20_000, BytesMax = 1 << 20, Environment = new Counting() },
    ];

    private static readonly Gen<string> Expressions = Gen.Sized(size => Grow(Math.Min(size / 12, 4)));

    private static readonly Gen<string> Mutated =
        from text in Expressions
        from place in Gen.Choose(0, 10_000)
        from length in Gen.Choose(0, 3)
        from inserted in Gen.Elements(")", "(", "[", "]", "'", "\"", "\\", ",", ":", "=", ".", " ", "\n", "|", "**", "lambda", "for", "not", "é", "\0", "\ud800")
        select Mutate(text, place, length, inserted);

    private static readonly Gen<string> Conditions =
        from parts in Gen.Elements(
            "1", "1.5", "-2", "'a'", "\"b\"", "a", "a.b", "${a}", "true", "(1, 2)", "('a')", "(", ")", "==", "!=", "<", ">=", "in", "notin", "issuperset",
            "and", "or", "1e5", "'", "", "$", "*", "\t", "99999999999999999999").ListOf()
        select string.Join(' ', parts);

    [Fact]
    public void Templates_fail_only_with_documented_exceptions() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(Gen.OneOf(Expressions, Mutated).ToArbitrary(), text =>
        {
            foreach (ExpressionOptions options in Options)
            {
                foreach (string template in new[] { $"${{{text}}}", $"a ${{{text}}} b" })
                {
                    Render(template, options);
                }
            }
        }));

    [Fact]
    public void Conditions_fail_only_with_documented_exceptions() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(Gen.OneOf(Conditions, Mutated).ToArbitrary(), text =>
        {
            foreach (MapValue? context in new[] { null, Context })
            {
                try
                {
                    _ = BooleanRule.Parse(text).Test(context);
                }
                catch (Exception error) when (error is BooleanRuleParseException or BooleanRuleException or ExpressionBudgetException)
                {
                    // Documented.
                }
            }

            _ = BooleanRule.Warnings(text);
        }));

    [Fact]
    public void What_is_rendered_once_is_rendered_the_same_again() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Expressions.ToArbitrary(), text =>
        {
            Template template = Template.Parse($"${{{text}}}", ExpressionOptions.Default);
            string first = Try(template);
            return first == Try(template) && first == Try(Template.Parse($"${{{text}}}", ExpressionOptions.Default));
        }));

    private static string Try(Template template)
    {
        try
        {
            return template.Render(Context).ToJson();
        }
        catch (ExpressionBudgetException error)
        {
            return error.Message;
        }
    }

    private static void Render(string text, ExpressionOptions options)
    {
        Template template = Template.Parse(text, options);
        _ = template.References;
        _ = template.Warnings(new HashSet<string>(Context.Keys));
        var budget = new ExpressionBudget(options.StepsMax, options.BytesMax);
        try
        {
            _ = template.Render(Context, budget);
        }
        catch (ExpressionException error)
        {
            Assert.DoesNotContain("internal error", error.Message, StringComparison.Ordinal);
        }
        catch (ExpressionBudgetException)
        {
            // Documented.
        }

        Assert.InRange(budget.StepsUsed, 0, options.StepsMax);
        Assert.InRange(budget.BytesUsed, 0, options.BytesMax);
    }

    private static Gen<string> Grow(int depth) => depth <= 0
        ? Gen.Elements(Atoms)
        : Gen.OneOf(
            Gen.Elements(Atoms),
            from shape in Gen.Elements(Shapes)
            from first in Grow(depth - 1)
            from second in Grow(depth - 1)
            from third in Grow(depth - 2)
            select shape.Replace("{0}", first, StringComparison.Ordinal).Replace("{1}", second, StringComparison.Ordinal).Replace("{2}", third, StringComparison.Ordinal));

    private static string Mutate(string text, int place, int length, string inserted)
    {
        place = text.Length == 0 ? 0 : place % text.Length;
        return text[..place] + inserted + text[Math.Min(text.Length, place + length)..];
    }

    private sealed class Counting : IExpressionEnvironment
    {
        private ulong _count;

        public DateTimeOffset Now { get; } = new(2020, 2, 29, 12, 0, 0, TimeSpan.FromHours(8));

        public ulong NextRandom() => _count += 0x9E3779B97F4A7C15;
    }
}
