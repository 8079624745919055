using System.CommandLine;
using System.Globalization;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;
using BambooOrleans.Simulation;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo sim</c>: runs a pipeline many times under faults, without its code, and says what can go wrong.</summary>
internal static class SimCommand
{
    private const int SeedsMax = 1_000_000;
    private const string AssignCode = "assign";

    private static readonly Argument<string> File = new("FILE") { Description = "The pipeline's JSON; - for standard input." };

    private static readonly Option<int> Seeds = new("--seeds")
    {
        Description = "How many runs; 1000 by default.",
        HelpName = "N",
        DefaultValueFactory = _ => 1000,
    };

    private static readonly Option<long> From = new("--from")
    {
        Description = "The first seed; 1 by default. The same seed is the same run.",
        HelpName = "SEED",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string> Faults = new("--faults")
    {
        Description = "What goes wrong around the pipeline: all (the default), none, or some of crash, commits, messages, timers, activations, with commas.",
        HelpName = "LIST",
        DefaultValueFactory = _ => "all",
    };

    private static readonly Option<bool> Trace = new("--trace")
    {
        Description = "Print what happened in the first run that shows the worst of what went wrong, or in the first run.",
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("sim", "Run a pipeline many times under faults, without its code, and say what can go wrong.")
        {
            File, Seeds, From, Faults, Trace,
        };
        SubmissionOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        int seeds = command.GetValue(Seeds);
        long from = command.GetValue(From);
        if (seeds is < 1 or > SeedsMax)
        {
            throw new CliException("command-line", $"--seeds must be from 1 to {SeedsMax}, and is {seeds}.");
        }

        if (from < 0)
        {
            throw new CliException("command-line", $"--from must be 0 at least, and is {from}.");
        }

        SimulatedFaults faults = FaultsOf(command.GetValue(Faults)!);
        PipelineTree tree = await PipelineInput.TreeAsync(command.GetValue(File)!, terminal, cancellationToken).ConfigureAwait(false);
        RunPipelineOptions options = await SubmissionOptions.ReadAsync(command, cancellationToken).ConfigureAwait(false);
        ComponentRegistry registry = Session.Registry();
        await using ServiceProvider services = new ServiceCollection().BuildServiceProvider();
        var simulation = new PipelineSimulation(
            tree,
            options,
            faults,
            activity => new ComponentModel(
                registry.ScheduleOf(activity.ComponentCode, activity.ComponentVersion, services),
                activity.ComponentCode == AssignCode ? AssignedOutputs : null));
        PipelineForecast forecast = await Task.Run(() => simulation.Run(from, seeds, cancellationToken), cancellationToken).ConfigureAwait(false);
        Write(report, tree.Id, forecast);
        IReadOnlyList<string>? trace = null;
        if (command.GetValue(Trace))
        {
            long seed = forecast.Risks.Count > 0 ? forecast.Risks[0].Seed : from;
            trace = simulation.Trace(seed);
            report.Line($"seed {seed}:");
            foreach (string line in trace)
            {
                report.Line(line);
            }
        }

        report.Document(ToValue(tree.Id, forecast, trace));
        return forecast.Risks.Any(IsOfPipeline) ? ExitCode.Failed : ExitCode.Finished;
    }

    // The one built-in component whose outputs follow from its inputs alone.
    private static MapValue AssignedOutputs(MapValue inputs) => Value.Map(inputs
        .Where(input => input.Key is not ("_loop" or "_inner_loop"))
        .Select(input => (input.Key, input.Value)));

    // That code can fail is so in every pipeline.
    private static bool IsOfPipeline(PipelineRisk risk) => risk.Kind != RiskKind.FailingCode;

    private static void Write(Reporter report, string id, PipelineForecast forecast)
    {
        report.Line(string.Create(CultureInfo.InvariantCulture, $"{id}: {forecast.Finished} of {forecast.Runs} runs finished without an operator"));
        foreach (PipelineRisk risk in forecast.Risks.Where(IsOfPipeline))
        {
            report.Line($"  {risk.Text} ({(risk.Runs == 1 ? "1 run" : $"{risk.Runs} runs")}, seed {risk.Seed})");
        }

        if (!forecast.Risks.Any(IsOfPipeline))
        {
            report.Line("  nothing went wrong that is not the failure of a node's own code");
        }

        List<string> failing = [.. forecast.Risks.Where(risk => !IsOfPipeline(risk)).Select(risk => risk.NodeId)];
        if (failing.Count > 0)
        {
            report.Line($"  where the code of one of these fails, the pipeline waits for an operator: {string.Join(", ", failing)}");
        }
    }

    private static MapValue ToValue(string id, PipelineForecast forecast, IReadOnlyList<string>? trace)
    {
        MapValue document = Value.Map(
            ("result", !forecast.Risks.Any(IsOfPipeline)),
            ("id", id),
            ("runs", forecast.Runs),
            ("finished", forecast.Finished),
            ("risks", Value.List(forecast.Risks.Select(risk => (Value)Value.Map(
                ("kind", risk.Kind.ToString()),
                ("node_id", risk.NodeId),
                ("text", risk.Text),
                ("runs", risk.Runs),
                ("seed", risk.Seed))))));
        return trace is null ? document : document.With("trace", Value.List(trace.Select(line => (Value)line)));
    }

    private static SimulatedFaults FaultsOf(string list)
    {
        SimulatedFaults faults = SimulatedFaults.None;
        foreach (string name in list.Split(',', StringSplitOptions.TrimEntries))
        {
            faults |= name switch
            {
                "all" => SimulatedFaults.All,
                "none" => SimulatedFaults.None,
                "crash" => SimulatedFaults.Crash,
                "commits" => SimulatedFaults.Commits,
                "messages" => SimulatedFaults.Messages,
                "timers" => SimulatedFaults.Timers,
                "activations" => SimulatedFaults.Activations,
                _ => throw new CliException(
                    "command-line", $"--faults knows all, none, crash, commits, messages, timers and activations, not {name}."),
            };
        }

        return faults;
    }
}
