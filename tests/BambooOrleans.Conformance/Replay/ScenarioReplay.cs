using System.Diagnostics;
using BambooOrleans.Conformance.Comparing;
using BambooOrleans.Conformance.Corpus;
using BambooOrleans.Conformance.Functions;
using BambooOrleans.Conformance.Hosts;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Conformance.Replay;

/// <summary>Replays one scenario on a fresh engine, and stops at the first difference.</summary>
public sealed class ScenarioReplay
{
    private const string StartOfEngine = "start of the engine";

    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RevokedLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LastLookLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly IBambooEngine _engine;
    private readonly Scenario _scenario;
    private readonly EngineReads _reads;
    private readonly CancellationToken _stop;
    private readonly Dictionary<string, string> _savedVersions = new(StringComparer.Ordinal);
    private string _where = StartOfEngine;

    private ScenarioReplay(IBambooEngine engine, Scenario scenario, CancellationToken stop)
    {
        _engine = engine;
        _scenario = scenario;
        _stop = stop;
        _reads = new EngineReads(engine, scenario, stop);
    }

    /// <summary>The first difference, or null where there is none. Running out of time and anything thrown are differences.</summary>
    /// <param name="newHost">Makes the host.</param>
    /// <param name="scenario">What to replay.</param>
    /// <param name="store">Where the engine keeps its state.</param>
    /// <param name="timeLimit">How long the scenario may take.</param>
    public static async Task<Difference?> RunAsync(
        Func<IConformanceHost> newHost, Scenario scenario, StoreKind store, TimeSpan timeLimit)
    {
        using var outOfTime = new CancellationTokenSource(timeLimit);
        ScenarioReplay? replay = null;
        IConformanceHost host = newHost();
        try
        {
            IBambooEngine engine = await host.StartAsync(scenario.Settings with { Store = store }).WaitAsync(outOfTime.Token);
            replay = new ScenarioReplay(engine, scenario, outOfTime.Token);

            // An engine that does not heed the token must not hold up the others.
            return await replay.RunAsync().WaitAsync(outOfTime.Token);
        }
        catch (OperationCanceledException) when (outOfTime.IsCancellationRequested)
        {
            return new Difference(
                replay?._where ?? StartOfEngine,
                "",
                $"done within {timeLimit.TotalSeconds} s",
                replay is null ? "still not done" : $"still not done; states: {await replay.StatesNowAsync()}");
        }
        catch (Exception failure)
        {
            string shown = failure is NoSuchVerbException or ReadFailedException or CorpusFormatException
                ? failure.Message
                : failure.ToString();
            return new Difference(replay?._where ?? StartOfEngine, "", "no exception", shown);
        }
        finally
        {
            await CloseAsync(host);
        }
    }

    // Closing is no part of the record, and must not hold up the scenarios that follow.
    private static async Task CloseAsync(IConformanceHost host)
    {
        try
        {
            await host.DisposeAsync().AsTask().WaitAsync(CloseLimit);
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync($"the engine could not be closed: {failure}");
        }
    }

    private async Task<Difference?> RunAsync()
    {
        for (int index = 0; index < _scenario.Steps.Count; index++)
        {
            MapValue step = _scenario.Steps[index];
            string what = step.RequiredText("do");
            _where = $"step {index} ({what}{(what == "call" ? " " + step.RequiredText("api") : "")})";
            if (await DoAsync(what, step) is Difference difference)
            {
                return difference;
            }
        }

        _where = "settling after the last step";
        await _engine.WaitUntilSettledAsync(_scenario.RootId, _stop);
        return await CompareChecksAsync();
    }

    private async Task<Difference?> DoAsync(string what, MapValue step)
    {
        switch (what)
        {
            case "run":
                return (await SubmitAsync()).DifferenceFrom(_where, step.Map("expect"));
            case "call":
                Outcome outcome = await EngineVerbs.CallAsync(
                    _engine, step.RequiredText("api"), (MapValue)await ResolveAsync(step.Map("args")), _stop);
                return WithoutRootsIgnoredErrors(outcome).DifferenceFrom(_where, WithoutRootsIgnoredErrors(step.Map("expect")));
            case "validate":
                return ValidatorAdapter.Validate(_scenario.Pipeline, step.Flag("cycle_tolerate"))
                    .DifferenceFrom(_where, ValidationCases.AsOutcome(step.Map("expect")));
            case "settle":
                return await SettleAsync(step.Map("states"));
            case "wait":
                return await WaitAsync(step.Map("states"));
            case "save_version":
                _savedVersions[step.RequiredText("as")] = await _reads.VersionAsync(step.RequiredText("node")) ?? "none";
                return null;
            case "sleep":
                await Task.Delay(TimeSpan.FromSeconds(step.Member("seconds") switch
                {
                    IntValue whole => (double)whole.Value,
                    FloatValue real => real.Value,
                    _ => throw new CorpusFormatException("a sleep without seconds"),
                }), _stop);
                return null;
            default:
                throw new CorpusFormatException($"the step \"{what}\" is not known");
        }
    }

    // A tree that cannot even be read is refused like any other that is wrong.
    private async Task<Outcome> SubmitAsync()
    {
        PipelineTree tree;
        try
        {
            tree = PipelineTreeReader.Read(_scenario.Pipeline);
        }
        catch (BambooException refused)
        {
            return new Outcome(false, refused);
        }

        return Outcome.Of(await _engine.RunPipelineAsync(tree, _scenario.Options, _stop));
    }

    private async Task<Difference?> SettleAsync(MapValue expected)
    {
        await _engine.WaitUntilSettledAsync(_scenario.RootId, _stop);
        MapValue states = await _reads.StateNamesAsync();

        // A revoked pipeline counts as settled at once, but nodes that were running in it go on to their end.
        long since = Stopwatch.GetTimestamp();
        while (states.Text(_scenario.RootId) == "REVOKED"
            && !states.Equals(expected)
            && Stopwatch.GetElapsedTime(since) < RevokedLimit)
        {
            await Task.Delay(PollInterval, _stop);
            states = await _reads.StateNamesAsync();
        }

        return RecordComparison.FirstDifference(_where, "", expected, states);
    }

    private async Task<Difference?> WaitAsync(MapValue expected)
    {
        while (true)
        {
            MapValue states = await _reads.StateNamesAsync();
            if (expected.All(state => states.TryGetValue(state.Key, out Value? now) && now.Equals(state.Value)))
            {
                return null;
            }

            await Task.Delay(PollInterval, _stop);
        }
    }

    // For the report of a scenario that ran out of time: where it hangs.
    private async Task<string> StatesNowAsync()
    {
        try
        {
            using var soon = new CancellationTokenSource(LastLookLimit);
            return RecordComparison.Show(
                await new EngineReads(_engine, _scenario, soon.Token).StateNamesAsync().WaitAsync(soon.Token));
        }
        catch (Exception failure)
        {
            return $"({failure.Message})";
        }
    }

    private async Task<Difference?> CompareChecksAsync()
    {
        // The corpus has hidden states only where there are any.
        IEnumerable<KeyValuePair<string, Value>> checks = _scenario.Checks.ContainsKey("hidden_states")
            ? _scenario.Checks
            : _scenario.Checks.Append(new("hidden_states", MapValue.Empty));
        foreach ((string check, Value expected) in checks)
        {
            _where = $"check {check}";
            Value actual = await _reads.CheckAsync(check);
            Difference? difference = RecordComparison.FirstDifference(
                _where, "", check.EndsWith("histories", StringComparison.Ordinal) ? SortedByLoop(expected) : expected, actual);
            if (difference is not null)
            {
                return difference;
            }
        }

        return null;
    }

    // The reference gives history entries in no particular order: both sides are compared by loop.
    private static Value SortedByLoop(Value histories) => Value.Map(((MapValue)histories).Select(node =>
        (node.Key, (Value)Value.List(((ListValue)node.Value).OrderBy(entry => entry.Number("loop"))))));

    private async Task<Value> ResolveAsync(Value argument)
    {
        switch (argument)
        {
            case TextValue { Value: "$pipeline" }:
                return _scenario.Pipeline;
            case TextValue text when Inside(text.Value, "$version(") is string node:
                return await _reads.VersionAsync(node) ?? "none";
            case TextValue text when Inside(text.Value, "$saved(") is string name:
                return _savedVersions[name];
            case MapValue map:
                var resolved = new MapValue.Builder();
                foreach ((string name, Value value) in map)
                {
                    resolved[name] = await ResolveAsync(value);
                }

                return resolved.Build();
            default:
                return argument;
        }
    }

    private static string? Inside(string text, string start) =>
        text.StartsWith(start, StringComparison.Ordinal) && text.EndsWith(')') ? text[start.Length..^1] : null;

    // As in the check pipeline_states: the reference's root shows the flag of whatever child it read last.
    private Outcome WithoutRootsIgnoredErrors(Outcome outcome) =>
        outcome.Data is null ? outcome : outcome with { Data = WithoutFlags(outcome.Data) };

    private MapValue WithoutRootsIgnoredErrors(MapValue expected) =>
        expected.Member("data") is Value data ? expected.With("data", WithoutFlags(data)) : expected;

    private Value WithoutFlags(Value data)
    {
        if (data.Member(_scenario.RootId) is not MapValue root || !root.ContainsKey("error_ignorable"))
        {
            return data;
        }

        MapValue.Builder without = root.ToBuilder();
        without.Remove("error_ignorable");
        without.Remove("error_ignored");
        return ((MapValue)data).With(_scenario.RootId, without.Build());
    }
}
