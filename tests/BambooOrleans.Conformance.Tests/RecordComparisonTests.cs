using BambooOrleans.Conformance.Comparing;

namespace BambooOrleans.Conformance.Tests;

public sealed class RecordComparisonTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("12345678901234567890123", "12345678901234567890123")]
    [InlineData("""{"a": 1, "b": 2}""", """{"b": 2, "a": 1}""")]
    [InlineData("""{"$tuple": [1, 2]}""", "[1, 2]")]
    [InlineData("""{"$set": [1, 2]}""", "[2, 1]")]
    [InlineData("\"$TRACEBACK$ Exception: boom\"", "\"System.Exception: boom\\n   at Somewhere\"")]
    [InlineData("\"$TRACEBACK$ Exception\"", "\"anything\"")]
    [InlineData("\"inputs hydrate failed(maximum recursion depth exceeded), check\"", "\"inputs hydrate failed(a circle)\"")]
    [InlineData("\"evaluate[1 < 'x'] fail with data[{}] message: '<' not supported\"", "\"evaluate[1 < 'x'] fail with data[{}] otherwise\"")]
    public void What_says_the_same_is_no_difference(string expected, string actual) =>
        Assert.Null(Compare(expected, actual));

    [Theory]
    [InlineData("1", "1.0", "")]
    [InlineData("1", "true", "")]
    [InlineData("12345678901234567890123", "12345678901234567890124", "")]
    [InlineData("""{"a": {"b": [1, 2]}}""", """{"a": {"b": [1, 3]}}""", "a.b[1]")]
    [InlineData("""{"a": 1}""", "{}", "a")]
    [InlineData("{}", """{"a": 1}""", "a")]
    [InlineData("[1]", "[1, 2]", "")]
    [InlineData("\"$TRACEBACK$ Exception: boom\"", "\"System.Exception: bang\"", "")]
    [InlineData("\"$TRACEBACK$ Exception\"", "\"\"", "")]
    [InlineData("\"inputs hydrate failed(), check\"", "\"context hydrate failed(), check\"", "")]
    [InlineData("\"evaluate[a] fail with data[{}]\"", "\"evaluate[b] fail with data[{}]\"", "")]
    public void What_says_something_else_is_a_difference_at_its_path(string expected, string actual, string path) =>
        Assert.Equal(path, Compare(expected, actual)?.Path);

    private static Difference? Compare(string expected, string actual) =>
        RecordComparison.FirstDifference("here", "", Value.ParseJson(expected), Value.ParseJson(actual));
}
