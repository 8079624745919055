namespace BambooOrleans.Conformance.Corpus;

/// <summary>
/// Our expected record where the reference shows a fault: an entry of <c>deviations.json</c>.
/// <code>
/// "scenario": {
///   "deviation": "the row of the table of faults, in a few words",
///   "reason": "what the reference does here, and what ours does instead",
///   "steps": { "3": { "expect": … , "states": … } },   members that replace those of the step at this index, from 0
///   "expect": [ { "check": …, "value": … } ]            checks that replace those of the same name
/// }
/// </code>
/// </summary>
/// <param name="Row">Which fault of the reference it is.</param>
/// <param name="Reason">What the reference does, and what ours does instead.</param>
/// <param name="Steps">The members of steps that are replaced, by the step's index from 0.</param>
/// <param name="Checks">The checks that are replaced, by name.</param>
public sealed record Deviation(
    string Row, string Reason, IReadOnlyDictionary<int, MapValue> Steps, IReadOnlyDictionary<string, Value> Checks)
{
    /// <summary>Reads the entries of a file by scenario.</summary>
    /// <exception cref="CorpusFormatException">An entry is not as it must be.</exception>
    public static IReadOnlyDictionary<string, Deviation> ReadAll(MapValue json) =>
        json.ToDictionary(entry => entry.Key, entry => Read(entry.Key, entry.Value));

    /// <summary>The scenario with our record in place of the reference's.</summary>
    /// <exception cref="CorpusFormatException">A step that is named does not exist.</exception>
    public Scenario ApplyTo(Scenario scenario)
    {
        var steps = scenario.Steps.ToArray();
        foreach ((int index, MapValue members) in Steps)
        {
            if (index < 0 || index >= steps.Length)
            {
                throw new CorpusFormatException($"deviation of {scenario.Name}: there is no step {index}");
            }

            MapValue.Builder step = steps[index].ToBuilder();
            step.SetAll(members);
            steps[index] = step.Build();
        }

        var checks = new Dictionary<string, Value>(scenario.Checks);
        foreach ((string name, Value value) in Checks)
        {
            checks[name] = value;
        }

        return scenario with { Steps = steps, Checks = checks, Deviation = this };
    }

    private static Deviation Read(string scenario, Value json)
    {
        var steps = new Dictionary<int, MapValue>();
        foreach ((string index, Value members) in json.Map("steps"))
        {
            if (!int.TryParse(index, out int number) || members is not MapValue map)
            {
                throw new CorpusFormatException($"deviation of {scenario}: steps are named by their index, and replace members");
            }

            steps[number] = map;
        }

        var checks = json.List("expect").ToDictionary(
            check => check.RequiredText("check"),
            check => check.Member("value") ?? throw new CorpusFormatException($"deviation of {scenario}: a check without a value"));
        return steps.Count + checks.Count == 0
            ? throw new CorpusFormatException($"deviation of {scenario}: it replaces nothing")
            : new Deviation(json.RequiredText("deviation"), json.RequiredText("reason"), steps, checks);
    }
}
