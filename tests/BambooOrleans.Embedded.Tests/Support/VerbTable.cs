namespace BambooOrleans.Embedded.Tests.Support;

/// <summary>The tables of docs/verbs.md, cell by cell.</summary>
internal static class VerbTable
{
    /// <summary>What stands in a cell of a state that cannot be.</summary>
    public const string Unreachable = "–";

    public static IReadOnlyList<(string Verb, string NodeType, string State, string Answer)> Cells { get; } = [.. Read()];

    public static IEnumerable<string> Verbs => Cells.Select(cell => cell.Verb).Distinct();

    private static IEnumerable<(string, string, string, string)> Read()
    {
        string verb = "";
        string[] states = [];
        foreach (string line in Repository.Read("docs", "verbs.md").Split('\n'))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                verb = line[3..].Trim();
            }
            else if (line.StartsWith("| |", StringComparison.Ordinal))
            {
                states = Split(line)[1..];
            }
            else if (line.StartsWith("| ", StringComparison.Ordinal))
            {
                string[] cells = Split(line);
                foreach ((string state, string answer) in states.Zip(cells.Skip(1)))
                {
                    yield return (verb, cells[0], state, answer.Trim('`'));
                }
            }
        }
    }

    private static string[] Split(string line) => [.. line.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];
}
