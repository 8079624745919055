using BambooOrleans.Core.Validation;
using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines.Races;

/// <summary>
/// Verbs that arrive while a component runs, while a poll is due, while another verb is in flight, twice at once; deaths,
/// and messages that come late, twice and out of order. A seed that fails is named, with what happened.
/// </summary>
public class RaceTests
{
    // More by hand: RACE_SEEDS=100000 dotnet test --filter RaceTests. One alone: RACE_FIRST=4711 RACE_SEEDS=1.
    private static readonly int Seeds = Number("RACE_SEEDS", 1000);
    private static readonly int First = Number("RACE_FIRST", 1);

    [Fact]
    public void No_interleaving_of_verbs_deaths_and_late_messages_breaks_a_rule()
    {
        int taken = 0, refused = 0, deaths = 0;
        ForEachSeed(seed =>
        {
            var host = new RaceHost(seed, TreeOf(seed), new RaceOptions(Operator: true, Faults: seed % 4 != 0));
            return (host, () =>
            {
                host.Run();
                taken += host.VerbsTaken;
                refused += host.VerbsRefused;
                deaths += host.Deaths;
            });
        });
        Assert.True(Seeds < 1000 || (taken > Seeds && refused > Seeds && deaths > Seeds / 2), $"{taken} verbs taken, {refused} refused, {deaths} deaths");
    }

    [Fact]
    public void Without_an_operator_every_interleaving_ends_like_a_plain_run() => ForEachSeed(seed =>
    {
        var plain = new RaceHost(seed, TreeOf(seed), new RaceOptions(Operator: false, Faults: false));
        plain.Run();
        var host = new RaceHost(seed, TreeOf(seed), new RaceOptions(Operator: false, Faults: true));
        return (host, () =>
        {
            host.Run();
            foreach ((string key, string value) in plain.Outcome())
            {
                string? other = host.Outcome().GetValueOrDefault(key);
                RaceRules.Require(other == value, $"{key} is\n{other}\nand in a plain run\n{value}");
            }

            RaceRules.Require(host.Outcome().Count == plain.Outcome().Count, "more is there than in a plain run");
        });
    });

    // Not every draw is a valid pipeline: draw until one is.
    private static TreeSketch TreeOf(int seed)
    {
        var random = new Random(seed);
        while (true)
        {
            TreeSketch sketch = new RaceTree(random).Build();
            try
            {
                PipelineValidator.Validate(sketch.Build(), cycleTolerate: true);
                return sketch;
            }
            catch (BambooException)
            {
            }
        }
    }

    private static void ForEachSeed(Func<int, (RaceHost Host, Action Run)> race)
    {
        var failures = new Dictionary<string, (int Count, string First)>();
        for (int seed = First; seed < First + Seeds; seed++)
        {
            RaceHost? host = null;
            try
            {
                (host, Action run) = race(seed);
                run();
            }
            catch (Exception failure)
            {
                string kind = System.Text.RegularExpressions.Regex.Replace(failure.Message.Split('\n')[0], "[0-9]+", "#");
                failures[kind] = failures.TryGetValue(kind, out (int Count, string First) known)
                    ? (known.Count + 1, known.First)
                    : (1, $"seed {seed}: {failure}\n{string.Join('\n', host?.Trace.TakeLast(Number("RACE_TRACE", 60)) ?? [])}");
                if (failures.Count > 12)
                {
                    break;
                }
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures.Select(failure => $"{failure.Value.Count} times {failure.Key}\n{failure.Value.First}")));
    }

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out int number) ? number : otherwise;
}
