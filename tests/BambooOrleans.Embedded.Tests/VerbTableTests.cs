using BambooOrleans.Embedded.Tests.Support;

namespace BambooOrleans.Embedded.Tests;

/// <summary>Every verb at every type of node in every state answers as docs/verbs.md says.</summary>
public class VerbTableTests
{
    public static TheoryData<string> Verbs => [.. VerbTable.Verbs];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task The_verb_answers_and_leaves_each_type_of_node_in_each_state_as_the_table_says(string verb)
    {
        List<string> wrong = [];
        foreach ((_, string nodeType, string state, string expected) in VerbTable.Cells.Where(cell => cell.Verb == verb))
        {
            if (expected != VerbTable.Unreachable)
            {
                string actual = await TryAsync(verb, nodeType, state);
                if (actual != expected)
                {
                    wrong.Add($"{nodeType}, {state}: the table says {expected}, the engine {actual}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void The_table_has_a_row_for_each_type_of_node_and_a_column_for_each_state_of_every_verb()
    {
        Assert.Equal(13, VerbTable.Verbs.Count());
        Assert.All(VerbTable.Cells.GroupBy(cell => cell.Verb), table => Assert.Equal(
            (9, 8, 72),
            (table.Select(cell => cell.NodeType).Distinct().Count(), table.Select(cell => cell.State).Distinct().Count(), table.Count())));
    }

    private static async Task<string> TryAsync(string verb, string nodeType, string state)
    {
        try
        {
            await using VerbScene scene = await VerbScene.MakeAsync(nodeType, state);
            string before = await scene.StateAsync();
            EngineApiResult<VerbOutcome> result = await scene.TakeAsync(verb).WaitAsync(Engines.Patience);
            string after = await scene.StateAsync();
            return result.Result ? $"→ {after}" : before == after ? result.ErrorCode! : $"{result.ErrorCode}, and {after} instead of {before}";
        }
        catch (Exception failure) when (failure is Xunit.Sdk.XunitException or TimeoutException)
        {
            return $"cannot be brought there: {failure.Message}";
        }
    }
}
