using System.Globalization;
using BambooOrleans.Conformance.Hosts;
using BambooOrleans.Conformance.Replay;

namespace BambooOrleans.Conformance;

/// <summary>What the command line asks for.</summary>
public sealed record CommandLine
{
    /// <summary>How the program is called.</summary>
    public const string Usage = """
        usage: DIR [options]

        Replays every scenario and function file under DIR, at any depth.

          --host NAME               the engine: embedded (default), or remote: the same, called as data in JSON
          --store memory|sqlite|postgres
                                    where it keeps its state (default memory); postgres starts a server of its own
          --category X              only this category
          --only NAME               only the scenario, or the case of a function file, of this name
          --parallel N              how many scenarios at once (default: twice the number of cores)
          --time-limit SECONDS      how long one scenario may take (default 60)
          --without-control-verbs   leave out scenarios that call a control verb
          --verbs-allowed A,B       leave out scenarios that call any other verb; get_* stands for all that begin so
          --deviations FILE         our records where we part from the reference (default: DIR/deviations.json, or beside DIR)
        """;

    /// <summary>The directory to replay.</summary>
    public required string Directory { get; init; }

    /// <summary>The name of the host; null for the program's default.</summary>
    public string? Host { get; init; }

    /// <summary>Where the engine keeps its state.</summary>
    public StoreKind Store { get; init; }

    /// <summary>The only category to replay; null for all.</summary>
    public string? Category { get; init; }

    /// <summary>The only scenario or case to replay; null for all.</summary>
    public string? Only { get; init; }

    /// <summary>How many scenarios at once.</summary>
    public int Parallel { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>How long one scenario may take.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Which scenarios to replay, by their verbs.</summary>
    public VerbSelection Verbs { get; init; } = VerbSelection.All;

    /// <summary>The file of deviations; null to look for it.</summary>
    public string? Deviations { get; init; }

    /// <summary>Whether a case of this category and name is asked for.</summary>
    public bool Selects(string category, string name) =>
        (Category is null || Category == category) && (Only is null || Only == name || name.StartsWith(Only + " ", StringComparison.Ordinal));

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It cannot be understood.</exception>
    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        CommandLine? line = null;
        var options = new CommandLine { Directory = "" };
        for (int index = 0; index < args.Count; index++)
        {
            string argument = args[index];
            string Next() => ++index < args.Count ? args[index] : throw new FormatException($"{argument} needs a value");
            switch (argument)
            {
                case "--host":
                    options = options with { Host = Next() };
                    break;
                case "--store":
                    options = options with { Store = Enum.TryParse(Next(), ignoreCase: true, out StoreKind store) ? store : throw new FormatException("--store is memory, sqlite or postgres") };
                    break;
                case "--category":
                    options = options with { Category = Next() };
                    break;
                case "--only":
                    options = options with { Only = Next() };
                    break;
                case "--parallel":
                    options = options with { Parallel = Positive(argument, Next()) };
                    break;
                case "--time-limit":
                    options = options with { TimeLimit = TimeSpan.FromSeconds(Positive(argument, Next())) };
                    break;
                case "--without-control-verbs":
                    options = options with { Verbs = VerbSelection.WithoutControlVerbs };
                    break;
                case "--verbs-allowed":
                    options = options with { Verbs = VerbSelection.Only(Next().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) };
                    break;
                case "--deviations":
                    options = options with { Deviations = Next() };
                    break;
                case ['-', ..]:
                    throw new FormatException($"{argument} is not known");
                default:
                    line = line is null ? options with { Directory = argument } : throw new FormatException("there is more than one DIR");
                    break;
            }
        }

        return line is null ? throw new FormatException("DIR is missing") : options with { Directory = line.Directory };
    }

    private static int Positive(string option, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new FormatException($"{option} needs a number above 0");
}
