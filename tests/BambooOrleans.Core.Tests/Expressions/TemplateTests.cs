using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Tests.Expressions;

public class TemplateTests
{
    private static readonly MapValue Context = (MapValue)Value.ParseJson("""
        {"n": 3, "text": "hello", "list": [1, 2, 3], "map": {"k": {"deep": [10]}}, "template": "${n}", "wide": "a😀b"}
        """);

    [Fact]
    public void A_lone_name_keeps_the_very_value_of_the_context()
    {
        Assert.Same(Context["list"], Render("${list}"));
    }

    [Fact]
    public void A_value_without_templates_is_answered_itself()
    {
        Value value = Value.ParseJson("""{"a": ["plain", 1, null, "$ {n}", "${}"]}""");
        Template template = Template.Parse(value, ExpressionOptions.Default);
        Assert.False(template.HasTemplates);
        Assert.Same(value, template.Render(Context));
    }

    [Fact]
    public void A_value_whose_templates_all_stay_as_written_is_answered_itself()
    {
        Value value = Value.ParseJson("""{"a": ["${missing}", "x${1 / 0}"]}""");
        Assert.Same(value, Template.Parse(value, ExpressionOptions.Default).Render(Context));
    }

    [Fact]
    public void What_a_template_becomes_is_not_rendered_again()
    {
        Assert.Equal("${n}x3", Text("${template}x${n}"));
    }

    [Fact]
    public void Keys_of_maps_are_not_rendered()
    {
        Assert.Equal(Value.ParseJson("""{"${n}": 3}"""), Template.Parse(Value.ParseJson("""{"${n}": "${n}"}"""), ExpressionOptions.Default).Render(Context));
    }

    [Fact]
    public void An_expression_that_changes_a_list_is_seen_by_those_after_it_and_not_by_the_context()
    {
        Value value = Value.ParseJson("""["${list.append(4)}", "${list}", "${len(list)}"]""");
        Assert.Equal(Value.ParseJson("""["None", [1, 2, 3, 4], "4"]"""), Template.Parse(value, ExpressionOptions.Default).Render(Context));
        Assert.Equal(3, ((ListValue)Context["list"]).Count);
    }

    [Fact]
    public void Text_is_counted_in_code_points()
    {
        Assert.Equal("3 b 1 b😀a", Text("${len(wide)} ${wide[2]} ${wide.find('😀')} ${wide[::-1]}"));
    }

    [Theory]
    [InlineData("${missing}", "missing is neither defined nor allowed")]
    [InlineData("${n.__class__}", "__class__ is forbidden")]
    [InlineData("${1 / 0}", "ZeroDivisionError")]
    [InlineData("${n +}", "unexpected end")]
    [InlineData("${text | foo}", "the filter foo is not allowed")]
    public void What_cannot_be_rendered_is_an_error_that_names_the_cause_when_asked_for(string template, string cause)
    {
        ExpressionException error = Assert.Throws<ExpressionException>(
            () => Template.Parse(template, new ExpressionOptions { UnresolvedIsError = true }).Render(Context));
        Assert.Equal("expression.failed", error.Code);
        Assert.Equal(template, error.Template);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void References_are_sorted_and_hold_builtins_and_filters()
    {
        Template template = Template.Parse(Value.List("${len(b) + a}", "${a | own}"), ExpressionOptions.Default);
        Assert.Equal(["${a}", "${b}", "${len}", "${own}"], template.References);
    }

    [Fact]
    public void A_name_that_a_comprehension_binds_is_no_reference_even_where_it_is_read_outside()
    {
        Assert.Equal(["${list}"], Template.Parse("${[n for n in list] + n}", ExpressionOptions.Default).References);
        Assert.Equal("${[n for n in list] + [n]}", Text("${[n for n in list] + [n]}"));
    }

    [Fact]
    public void Indexes_of_a_lone_name_keep_the_type_when_the_options_say_so()
    {
        var options = new ExpressionOptions { RenderNestedIndexes = true };
        Assert.Same(((MapValue)Context["map"])["k"], Template.Parse("${map['k']}", options).Render(Context));
        Assert.Equal(10, Template.Parse("""${map["k"]['deep'][0]}""", options).Render(Context));
        Assert.Equal("10", Template.Parse("${map['k']['deep'][-1]}", options).Render(Context));
    }

    [Fact]
    public void Nothing_but_lone_names_renders_beside_a_variable_whose_name_collides()
    {
        MapValue context = Context.With("loop", 1);
        Assert.Equal(1, Template.Parse("${loop}", ExpressionOptions.Default).Render(context));
        Assert.Equal("${n + 1}", Template.Parse("${n + 1}", ExpressionOptions.Default).Render(context));
    }

    [Fact]
    public void Warnings_tell_syntax_errors_forbidden_names_and_undefined_ones_apart()
    {
        Value value = Value.List("${n +}", "${n.__class__}", "${self.x}", "${missing + 1}", "${n + 1}", "${n}");
        IReadOnlyList<ExpressionWarning> warnings = Template.Parse(value, ExpressionOptions.Default).Warnings(new HashSet<string> { "n" });
        Assert.Equal(
            [("${n +}", "template.syntax"), ("${n.__class__}", "template.forbidden"), ("${self.x}", "template.forbidden"), ("${missing + 1}", "template.undefined")],
            warnings.Select(warning => (warning.Expression, warning.Code)));
    }

    [Fact]
    public void A_module_is_there_only_when_the_options_allow_it()
    {
        const string template = "${re.sub('l+', 'L', text)}";
        Assert.Equal(template, Text(template));
        Assert.Equal("heLo", Template.Parse(template, new ExpressionOptions { ImportModules = new HashSet<string> { "re" } }).Render(Context));
    }

    [Fact]
    public void Time_and_chance_come_from_the_environment_and_are_an_error_without_one()
    {
        const string template = "${datetime.datetime.now().strftime('%Y-%m-%d')} ${random.randint(1, 6)}";
        var options = new ExpressionOptions { ImportModules = ExpressionOptions.KnownModules };
        Assert.Equal(template, Template.Parse(template, options).Render(Context));
        Assert.Equal("2020-02-29 1", Template.Parse(template, options with { Environment = new Fixed() }).Render(Context));
    }

    private static Value Render(string template) => Template.Parse(template, ExpressionOptions.Default).Render(Context);

    private static string Text(string template) => ((TextValue)Render(template)).Value;

    private sealed class Fixed : IExpressionEnvironment
    {
        public DateTimeOffset Now { get; } = new(2020, 2, 29, 12, 0, 0, TimeSpan.Zero);

        public ulong NextRandom() => 0;
    }
}
