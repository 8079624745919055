using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Tests.Expressions;

public class PythonTextTests
{
    [Theory]
    [InlineData("\"a\"", "a", "'a'", "str")]
    [InlineData("1", "1", "1", "int")]
    [InlineData("1.0", "1.0", "1.0", "float")]
    [InlineData("1e22", "1e+22", "1e+22", "float")]
    [InlineData("true", "True", "True", "bool")]
    [InlineData("null", "None", "None", "NoneType")]
    [InlineData("[1, \"it's\", {}]", "[1, \"it's\", {}]", "[1, \"it's\", {}]", "list")]
    [InlineData("{\"k\": [null]}", "{'k': [None]}", "{'k': [None]}", "dict")]
    public void Values_are_written_as_python_writes_them(string json, string str, string repr, string type)
    {
        Value value = Value.ParseJson(json);
        Assert.Equal((str, repr, type), (PythonText.Str(value), PythonText.Repr(value), PythonText.TypeName(value)));
    }

    [Theory]
    [InlineData("a\nb\r\tc", "a\\nb\\r\\tc")]
    [InlineData("a\nb\\t", "a\nb\\t")]
    [InlineData("plain", "plain")]
    public void Line_ends_are_escaped_unless_the_text_holds_escapes_already(string text, string expected) =>
        Assert.Equal(expected, PythonText.EscapeControl(text));

    [Fact]
    public void What_is_no_text_is_not_escaped()
    {
        Value list = Value.List("a\n");
        Assert.Same(list, PythonText.EscapeControl(list));
    }
}
