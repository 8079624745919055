using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Simulation.Plans;

namespace BambooOrleans.Simulation.Hosts;

/// <summary>
/// The user code of a simulation: what a component, lazy variable or end event comes to is drawn from the seed, the node and
/// the attempt, so that the same attempt comes to the same after a death too.
/// </summary>
internal class DrawnCode(ulong seed, PipelineDefinition definition)
{
    /// <summary>The output that names the attempt whose code made it.</summary>
    public const string AttemptKey = "_attempt";

    /// <summary>The error of code that was drawn to fail.</summary>
    public const string DrawnFailure = "drawn to fail";

    private readonly Dictionary<string, List<string>> _attempts = new(StringComparer.Ordinal);

    /// <summary>Whether nothing fails any more.</summary>
    public bool IsHealed { get; set; }

    /// <summary>Whether callers and deadlines may race; otherwise each node is either called back or runs into its deadline.</summary>
    public bool MayRace { get; init; } = true;

    protected ulong Seed { get; } = seed;

    protected PipelineDefinition Definition { get; } = definition;

    /// <summary>Whether a node takes longer than others.</summary>
    public virtual bool IsSlow(NodeDefinition node) => node.Code == ComponentCodes.Slow;

    /// <summary>Whether somebody calls a node back.</summary>
    public virtual bool IsCalledBack(NodeDefinition node, int loop) =>
        MayRace || node.Code != ComponentCodes.Deadline || !MissesDeadline(node, loop);

    /// <summary>The answer to an execution.</summary>
    public virtual Executed Execute(ExecuteComponent call)
    {
        NodeDefinition node = call.Call.Node;
        TimeSpan? within = DeadlineOf(node);
        bool succeeds = !Fails(call.Call, ChanceOfFailure(node));
        MapValue outputs = OutputsOf(call.Call, call.Inputs, succeeds, 0);
        return new Executed(
            call.Call.Version,
            new CallOutcome(succeeds, outputs, call.Inputs, outputs),
            succeeds ? ScheduleOf(node) : ScheduleKind.None,
            !IsHealed && (MayRace || MissesDeadline(node, call.Call.Loop)) ? within : null);
    }

    /// <summary>The answer to a poll or a callback.</summary>
    public virtual Polled Poll(PollComponent call)
    {
        NodeDefinition node = call.Call.Node;
        int wanted = call.Kind == ScheduleKind.Callback ? 1 : 1 + Hash(node.Id, call.Call.Loop, 3);
        bool isDone = call.Times + 1 >= wanted;
        bool succeeds = !isDone || !Fails(call.Call, ChanceOfScheduleFailure(node));
        MapValue outputs = OutputsOf(call.Call, call.Inputs, succeeds, call.Times + 1);
        return new Polled(
            call.Call.Version,
            new CallOutcome(succeeds, outputs, call.Inputs, outputs),
            isDone,
            TimeSpan.FromSeconds(Hash(node.Id, call.Times, 4)),
            call.Times);
    }

    /// <summary>The answer of an executable end event.</summary>
    public virtual EndEventRan EndEvent(RunEndEvent call) => new(call.Version, Fails($"end {call.Node.Id}", call.Version, ChanceOfLazyFailure) ? DrawnFailure : null);

    /// <summary>The answer to a slice that needs lazy variables.</summary>
    public virtual object Hydrate(Hydrate call)
    {
        IReadOnlyDictionary<string, Value>? values = null;
        string? error = Fails($"slice {call.Id}", call.Version, ChanceOfLazyFailure) ? DrawnFailure : null;
        if (error is null)
        {
            try
            {
                var hydration = new Hydration(call.Slice, Definition.Settings.Expressions);
                while (hydration.NextLazy() is { } lazy)
                {
                    hydration.Supply($"value of {lazy.Key}");
                }

                values = hydration.Values;
            }
            catch (HydrationException failure)
            {
                error = failure.Message;
            }
        }

        return call.IsScope ? new ScopeHydrated(call.Id, call.Version, values, error) : new Hydrated(call.Version, values, error);
    }

    /// <summary>How a node goes on after its execution.</summary>
    protected virtual ScheduleKind ScheduleOf(NodeDefinition node) => node.Code switch
    {
        ComponentCodes.Poll => ScheduleKind.Poll,
        ComponentCodes.Callback or ComponentCodes.Deadline => ScheduleKind.Callback,
        ComponentCodes.Callbacks => ScheduleKind.MultipleCallback,
        _ => ScheduleKind.None,
    };

    /// <summary>Once in how many attempts a node's execution fails; 0 for never.</summary>
    protected virtual int ChanceOfFailure(NodeDefinition node) => node.Code == ComponentCodes.Flaky ? 3 : 0;

    /// <summary>Once in how many attempts a node's last poll or callback fails; 0 for never.</summary>
    protected virtual int ChanceOfScheduleFailure(NodeDefinition node) => 6;

    /// <summary>Once in how many attempts lazy variables, and end events, fail; 0 for never.</summary>
    protected virtual int ChanceOfLazyFailure => 6;

    /// <summary>How long a node waits for callbacks; null for as long as it takes.</summary>
    protected virtual TimeSpan? DeadlineOf(NodeDefinition node) => node.Code == ComponentCodes.Deadline ? TimeSpan.FromSeconds(5) : null;

    /// <summary>Whether nobody calls a node back in time.</summary>
    protected virtual bool MissesDeadline(NodeDefinition node, int loop) => !IsHealed && Hash($"deadline {node.Id}", loop, 3) == 0;

    /// <summary>The outputs of an attempt.</summary>
    protected virtual MapValue OutputsOf(ComponentCall call, MapValue inputs, bool succeeds, int times)
    {
        MapValue.Builder outputs = Common(call, succeeds);
        outputs["out"] = $"{call.Node.Id} {call.Loop} {succeeds} {times} of {Hash(inputs.ToJson(), call.Loop, 1000)}";
        if (call.Node.Loop is not null)
        {
            outputs["outputs"] = Value.Map(("round", call.InnerLoop));
        }

        return outputs.Build();
    }

    /// <summary>What every component's outputs have.</summary>
    protected static MapValue.Builder Common(ComponentCall call, bool succeeds) => new()
    {
        { "_result", succeeds },
        { "_loop", call.Loop },
        { "_inner_loop", call.InnerLoop },
        { AttemptKey, call.Version },
    };

    /// <summary>A number below <paramref name="bound"/> that depends on the seed, a text and a number.</summary>
    protected int Hash(string text, int number, int bound) => (int)(SeededRandom.Mix(Seed, text, number) % (ulong)bound);

    private bool Fails(ComponentCall call, int chance) => Fails($"{call.Node.Id} {call.Loop}", call.Version, chance);

    // By the attempt's number at its place and not by its version, which another order of events changes.
    private bool Fails(string place, string version, int chance)
    {
        if (!_attempts.TryGetValue(place, out List<string>? versions))
        {
            _attempts[place] = versions = [];
        }

        int attempt = versions.IndexOf(version);
        if (attempt < 0)
        {
            attempt = versions.Count;
            versions.Add(version);
        }

        return !IsHealed && chance > 0 && Hash(place, attempt, chance) == 0;
    }
}
