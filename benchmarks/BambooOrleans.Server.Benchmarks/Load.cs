using System.Globalization;

namespace BambooOrleans.Benchmarks;

/// <summary>Pipelines that run at the same time, each a chain of activities.</summary>
/// <param name="Name">The name, as the report has it.</param>
/// <param name="Pipelines">How many.</param>
/// <param name="Activities">How many activities each has.</param>
/// <param name="PaceMilliseconds">How long an activity takes; 0 for one that does nothing, so that the engine runs as fast as it can.</param>
internal sealed record Load(string Name, int Pipelines, int Activities, int PaceMilliseconds)
{
    /// <summary>Pipelines as they are in the field, whose activities wait for something else, and pipelines that ask all of the engine.</summary>
    public static IReadOnlyList<Load> All { get; } =
    [
        new("paced-500x20", Pipelines: 500, Activities: 20, PaceMilliseconds: 500),
        new("flat-out-500x40", Pipelines: 500, Activities: 40, PaceMilliseconds: 0),
    ];

    public int Nodes => Pipelines * (Activities + 2);

    public string Code => PaceMilliseconds == 0 ? NoOp.Code : Pace.Code;

    public static Load Parse(string line)
    {
        string[] parts = line.Split(' ');
        return new Load(parts[0], Number(1), Number(2), Number(3));

        int Number(int index) => int.Parse(parts[index], CultureInfo.InvariantCulture);
    }

    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Name} {Pipelines} {Activities} {PaceMilliseconds}");
}
