using System.Text.RegularExpressions;
using BambooOrleans.Core;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;
using BambooOrleans.Simulation.Checks;
using BambooOrleans.Simulation.Forecast;
using BambooOrleans.Simulation.Hosts;
using BambooOrleans.Simulation.Planted;
using BambooOrleans.Simulation.Runs;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation;

/// <summary>
/// Runs one pipeline again and again under faults, without any of its code: generic components stand in for its own, and
/// what they come to is drawn. No time passes, and nothing outside is touched.
/// </summary>
public sealed class PipelineSimulation
{
    private readonly PipelineDefinition _definition;
    private readonly Dictionary<string, ComponentModel> _models;
    private readonly IReadOnlyList<FaultKind> _faults;

    /// <summary>Prepares the simulation of a pipeline.</summary>
    /// <param name="tree">The pipeline.</param>
    /// <param name="options">What it is submitted with.</param>
    /// <param name="faults">What goes wrong around it.</param>
    /// <param name="modelOf">What is known of the component of an activity.</param>
    /// <exception cref="PipelineValidationException">The pipeline breaks a rule of validation.</exception>
    /// <exception cref="BambooException">The pipeline cannot be compiled.</exception>
    public PipelineSimulation(
        PipelineTree tree, RunPipelineOptions options, SimulatedFaults faults, Func<TreeServiceActivity, ComponentModel> modelOf)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(modelOf);
        ValidationResult validation = PipelineValidator.Validate(tree, options.CycleTolerate);
        if (options.StartNodeId is { } start)
        {
            PipelineValidator.ValidateStartNode(tree, start);
        }

        _definition = PipelineDefinition.Compile(tree, options, validation.ConvergeGateways, new EngineSettings());
        _faults = SimulatedFaultKinds.Of(faults);
        _models = ActivitiesOf(tree).ToDictionary(activity => activity.Id, modelOf, StringComparer.Ordinal);
    }

    /// <summary>Runs seeds, on every core.</summary>
    /// <param name="from">The first seed.</param>
    /// <param name="seeds">How many.</param>
    /// <param name="cancellationToken">Stops between two runs.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public PipelineForecast Run(long from, int seeds, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seeds);
        var results = new (bool IsFinished, List<(RiskKind Kind, string NodeId, string Text)> Risks)[seeds];
        Parallel.For(0, seeds, new ParallelOptions { CancellationToken = cancellationToken }, index => results[index] = RunOne(from + index, null));
        var risks = new List<PipelineRisk>();
        var known = new Dictionary<(RiskKind, string, string), int>();
        for (int index = 0; index < seeds; index++)
        {
            foreach ((RiskKind Kind, string NodeId, string Text) risk in results[index].Risks.DistinctBy(KeyOf))
            {
                if (known.TryGetValue(KeyOf(risk), out int place))
                {
                    risks[place] = risks[place] with { Runs = risks[place].Runs + 1 };
                }
                else
                {
                    known[KeyOf(risk)] = risks.Count;
                    risks.Add(new PipelineRisk(risk.Kind, risk.NodeId, risk.Text, 1, from + index));
                }
            }
        }

        return new PipelineForecast(
            seeds,
            results.Count(result => result.IsFinished),
            [.. risks.OrderByDescending(risk => risk.Kind).ThenByDescending(risk => risk.Runs).ThenBy(risk => risk.NodeId, StringComparer.Ordinal)]);
    }

    /// <summary>What happens in one seed, a line each.</summary>
    public IReadOnlyList<string> Trace(long seed)
    {
        var trace = new Trace();
        RunOne(seed, trace);
        return trace.Lines;
    }

    private (bool IsFinished, List<(RiskKind Kind, string NodeId, string Text)> Risks) RunOne(long seed, Trace? trace)
    {
        var risks = new List<(RiskKind, string, string)>();
        var scenario = Scenario.Draw(seed, _definition.Nodes.Count, _faults);
        bool isFinished = false;
        try
        {
            var simulator = new Simulator(scenario, _definition, CodeOf(seed), new Coverage(), new BugSwitch(Bug.None), trace);
            simulator.Run();
            isFinished = simulator.Auditor.Root == NodeStateName.Finished;
            AddWaits(simulator, risks);
            AddDifferences(simulator, scenario, risks);
            simulator.Heal();
        }
        catch (ViolationException broken)
        {
            risks.Add((RiskKind.EngineFault, "", $"the engine broke its rule \"{broken.Rule}\": {broken.Message}"));
        }
        catch (Exception failure)
        {
            // No machine may throw, whatever the pipeline.
            risks.Add((RiskKind.EngineFault, "", $"the engine failed: {failure}"));
        }

        return (isFinished, risks);
    }

    private GenericCode CodeOf(long seed) => new(SeededRandom.Mix((ulong)seed), _definition, _models);

    private static void AddWaits(Simulator simulator, List<(RiskKind, string, string)> risks)
    {
        foreach (WaitInfo wait in Waits.Of(simulator.Auditor.Pipeline, simulator.Auditor.Node))
        {
            string node = wait.NodeId;
            if (wait.Kind == WaitKind.Callback)
            {
                risks.Add((RiskKind.WaitsForEver, node, $"{node} waits for ever where nobody calls it back: it has no deadline"));
            }
            else if (wait.Kind == WaitKind.Operator)
            {
                bool isDrawn = wait.Error?.Contains(DrawnCode.DrawnFailure, StringComparison.Ordinal) == true;
                risks.Add(isDrawn
                    ? (RiskKind.FailingCode, node, $"where the code of {node} fails, the pipeline waits for an operator")
                    : (RiskKind.FailingNode, node, $"{node} fails: {Shortened(wait.Error)}"));
                if (wait.Verbs.Count == 0)
                {
                    risks.Add((RiskKind.BeyondHelp, node, $"where {node} fails, nothing helps: it can be neither retried nor skipped"));
                }
            }
        }
    }

    // With the same answers of its code, a pipeline whose branches do not write each other's keys comes to the same in any order.
    private void AddDifferences(Simulator simulator, Scenario scenario, List<(RiskKind, string, string)> risks)
    {
        var plain = new Simulator(scenario.Undisturbed(), _definition, CodeOf(scenario.Seed), new Coverage());
        plain.Run();
        SortedDictionary<string, string> expected = SeedRun.OutcomeOf(plain.Auditor, _definition);
        SortedDictionary<string, string> actual = SeedRun.OutcomeOf(simulator.Auditor, _definition);
        foreach (string key in expected.Keys.Where(key => key.StartsWith("context ", StringComparison.Ordinal)))
        {
            if (actual.GetValueOrDefault(key) != expected[key])
            {
                string[] words = key.Split(' ', 3);
                risks.Add((RiskKind.OrderDependent, "", $"what {words[2]} of {words[1]} holds in the end depends on which branch is faster"));
            }
        }
    }

    // What differs by the values alone is one risk; the first that came is shown.
    private static (RiskKind Kind, string NodeId, string Text) KeyOf((RiskKind Kind, string NodeId, string Text) risk) =>
        risk.Kind == RiskKind.FailingNode ? risk with { Text = Regex.Replace(risk.Text, " with data\\[.*", "") } : risk;

    private static string Shortened(string? error)
    {
        string first = error?.Split('\n', 2)[0].Trim() ?? "its code gave no error";
        return Regex.Replace(first, "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?", "its deadline");
    }

    private static IEnumerable<TreeServiceActivity> ActivitiesOf(PipelineTree tree)
    {
        var open = new Stack<PipelineTree>([tree]);
        while (open.TryPop(out PipelineTree? pipeline))
        {
            foreach (TreeActivity activity in pipeline.Activities.Values)
            {
                if (activity is TreeSubProcess subProcess)
                {
                    open.Push(subProcess.Pipeline);
                }
                else if (activity is TreeServiceActivity service)
                {
                    yield return service;
                }
            }
        }
    }
}
