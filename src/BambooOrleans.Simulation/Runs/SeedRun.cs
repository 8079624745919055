using BambooOrleans.Core;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;
using BambooOrleans.Simulation.Checks;
using BambooOrleans.Simulation.Hosts;
using BambooOrleans.Simulation.Planted;
using BambooOrleans.Simulation.Plans;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation.Runs;

/// <summary>A rule that a run broke.</summary>
/// <param name="Scenario">What was run.</param>
/// <param name="Rule">The rule, in a few words.</param>
/// <param name="Message">How.</param>
internal sealed record Violation(Scenario Scenario, string Rule, string Message);

/// <summary>Runs one scenario from its start to its end, and past it: everything is healed, and must come to an end.</summary>
internal static class SeedRun
{
    /// <summary>Runs a scenario; null where no rule was broken.</summary>
    public static Violation? Run(Scenario scenario, Coverage coverage, Bug bug = Bug.None, Trace? trace = null)
    {
        try
        {
            PipelineDefinition definition = DefinitionOf(scenario);
            bool hasOperator = scenario.Verbs.Count > 0;
            var simulator = new Simulator(scenario, definition, CodeOf(scenario, definition, hasOperator), coverage, new BugSwitch(bug), trace);
            simulator.Run();
            if (!hasOperator)
            {
                Compare(simulator, scenario, definition);
            }

            simulator.Heal();
            return null;
        }
        catch (ViolationException broken)
        {
            return new Violation(scenario, broken.Rule, broken.Message);
        }
        catch (Exception failure)
        {
            // A machine threw, which none may; a planted bug may have led there.
            return new Violation(scenario, "no machine throws", failure.ToString());
        }
    }

    /// <summary>What is to be seen in the end, but for versions, times and steps.</summary>
    public static SortedDictionary<string, string> OutcomeOf(Auditor auditor, PipelineDefinition definition)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string id in auditor.Nodes)
        {
            NodeState state = auditor.Node(id)!;
            all[$"node {id}"] = $"{state.State} {state.Loop} {state.InnerLoop} {state.Retry} {state.HistoryCount} {Text(state.Inputs)} {Text(state.Outputs)}";
        }

        foreach (string id in definition.Scopes.Keys)
        {
            if (auditor.State.Scopes.TryGetValue(id, out ScopeState? scope))
            {
                all[$"scope {id}"] = $"{scope.State} {scope.Loop} {scope.InnerLoop} {scope.HistoryCount} {Text(scope.Inputs)} {Text(scope.Outputs)}";
            }

            foreach (ContextEntry entry in auditor.State.ContextOf(id).Values)
            {
                all[$"context {id} {entry.Key}"] = $"{entry.Type} {entry.Value.ToJson()}";
            }
        }

        foreach (Token token in auditor.State.Tokens.Values)
        {
            all[$"token {token.Node} {token.Phase}"] = "";
        }

        return all;
    }

    /// <summary>The pipeline of a scenario.</summary>
    public static PipelineDefinition DefinitionOf(Scenario scenario)
    {
        PipelineTree tree = PlanTree.Of(scenario.Plan);
        ValidationResult validation = PipelineValidator.Validate(tree, cycleTolerate: true);
        return PipelineDefinition.Compile(
            tree,
            new RunPipelineOptions { CycleTolerate = true },
            validation.ConvergeGateways,
            new EngineSettings { NodeRerunLimit = scenario.RerunLimit });
    }

    /// <summary>The user code of a scenario.</summary>
    public static DrawnCode CodeOf(Scenario scenario, PipelineDefinition definition, bool mayRace) =>
        new(SeededRandom.Mix((ulong)scenario.Seed), definition) { MayRace = mayRace };

    /// <summary>Two outcomes are equal.</summary>
    public static void RequireEqual(SortedDictionary<string, string> expected, SortedDictionary<string, string> actual)
    {
        const string rule = "equal to a plain run";
        foreach ((string key, string value) in expected)
        {
            string? other = actual.GetValueOrDefault(key);
            Rule.Require(other == value, rule, $"{key} is\n{other}\nand in a plain run\n{value}");
        }

        foreach (string key in actual.Keys)
        {
            Rule.Require(expected.ContainsKey(key), rule, $"{key} is there, and is not in a plain run");
        }
    }

    private static void Compare(Simulator simulator, Scenario scenario, PipelineDefinition definition)
    {
        var plain = new Simulator(scenario.Undisturbed(), definition, CodeOf(scenario, definition, mayRace: false), new Coverage());
        plain.Run();
        RequireEqual(OutcomeOf(plain.Auditor, definition), OutcomeOf(simulator.Auditor, definition));
    }

    // Without what depends on the order of events: the attempt's version, and the time of a deadline.
    private static string? Text(MapValue? values) => values is null ? null : Value.Map(values
        .Where(entry => entry.Key != DrawnCode.AttemptKey)
        .Select(entry => (entry.Key, entry.Value is TextValue { Value: var text } && text.StartsWith("no callback came", StringComparison.Ordinal)
            ? "no callback came" : entry.Value))).ToJson();
}
