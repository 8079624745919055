using System.Globalization;

namespace BambooOrleans.Benchmarks;

/// <summary>What the program was asked for.</summary>
internal sealed record CommandLine
{
    public static string Usage { get; } =
        $"""
        usage: BambooOrleans.Benchmarks [SCENARIO…] [--store {string.Join('|', StoreKinds.Names)}] [--repeat N] [--json FILE]

          SCENARIO       a name, or its beginning with a *; all where none is given
          --store        what the engine keeps its pipelines in; sqlite (which waits for the disk) unless said otherwise;
                         postgres starts a server of its own
          --repeat N     measures everything N times and prints medians; 3
          --json FILE    writes the same figures to a file, by scenario

        scenarios: {string.Join(", ", Scenario.All.Select(scenario => scenario.Name))}
        only by name, as they take minutes: {string.Join(", ", Scenario.Large.Select(scenario => scenario.Name))}
        The raw rates of the store are always measured.
        """;

    public bool AsksForHelp { get; init; }

    public StoreKind Store { get; init; } = StoreKind.Sqlite;

    public int Repeat { get; init; } = 3;

    public string? JsonFile { get; init; }

    public IReadOnlyList<Scenario> Scenarios { get; init; } = Scenario.All;

    /// <exception cref="FormatException">The arguments ask for nothing that there is.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new CommandLine();
        var wanted = new HashSet<Scenario>();
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            switch (argument)
            {
                case "--help" or "-h":
                    return new CommandLine { AsksForHelp = true };
                case "--store":
                    string name = ValueOf();
                    line = line with
                    {
                        Store = StoreKinds.Find(name) ?? throw new FormatException($"there is no store {name}"),
                    };
                    break;
                case "--repeat":
                    line = line with
                    {
                        Repeat = int.TryParse(ValueOf(), NumberStyles.None, CultureInfo.InvariantCulture, out int times) && times > 0
                            ? times
                            : throw new FormatException("--repeat takes a number from 1 on"),
                    };
                    break;
                case "--json":
                    line = line with { JsonFile = ValueOf() };
                    break;
                case ['-', ..]:
                    throw new FormatException($"there is no option {argument}");
                default:
                    Scenario[] found = [.. Scenario.All.Concat(Scenario.Large).Where(scenario => Matches(scenario.Name, argument))];
                    if (found.Length == 0)
                    {
                        throw new FormatException($"there is no scenario {argument}");
                    }

                    wanted.UnionWith(found);
                    break;
            }

            string ValueOf() => ++i < arguments.Count ? arguments[i] : throw new FormatException($"{argument} needs a value");
        }

        return wanted.Count == 0
            ? line
            : line with { Scenarios = [.. Scenario.All.Concat(Scenario.Large).Where(scenario => scenario is RawStoreScenario || wanted.Contains(scenario))] };
    }

    private static bool Matches(string name, string asked) => asked.EndsWith('*')
        ? name.StartsWith(asked[..^1], StringComparison.Ordinal)
        : name == asked;
}
