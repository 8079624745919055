using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Tests.Expressions;

public class BooleanRuleCorpusTests
{
    [Fact]
    public void Every_recorded_condition_decides_as_it_did_in_the_reference()
    {
        MapValue corpus = Corpus.Read("boolrule.json");
        var direct = (MapValue)corpus["with_context"];
        List<string> differences =
        [
            .. corpus.Maps("no_context").Select(recorded => Difference(recorded, null)).OfType<string>(),
            .. direct.Maps("cases").Select(recorded => Difference(recorded, (MapValue)direct["context"])).OfType<string>(),
        ];
        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    private static string? Difference(MapValue recorded, MapValue? context)
    {
        string expression = recorded.Text("expr");
        string was = recorded.TryGetValue("result", out Value? result) ? result.ToJson() : recorded.Text("error");
        was += recorded.TryGetValue("message", out Value? message) ? ": " + ((TextValue)message).Value : string.Empty;
        string now;
        try
        {
            now = BooleanRule.Parse(expression).Test(context) ? "true" : "false";
        }
        catch (BooleanRuleParseException)
        {
            now = "ParseError";
        }
        catch (BooleanRuleException error)
        {
            now = $"{error.PythonClass}: {error.Message}";
        }

        return now == was ? null : $"{expression} is {now}, was {was}";
    }
}
