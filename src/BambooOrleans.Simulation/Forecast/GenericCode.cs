using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Simulation.Hosts;

namespace BambooOrleans.Simulation.Forecast;

/// <summary>
/// Stands in for the components of a pipeline that somebody wrote: whether one succeeds, what it gives to the context, how
/// it goes on where that is not known, and whether it is called back, are drawn.
/// </summary>
internal sealed class GenericCode : DrawnCode
{
    private static readonly Value[] Values = [0, 1, 2, 3, "", "text", "no", true, false, Value.Null, 1.5, Value.List(1, "two"), Value.Map(("key", "value"))];

    private readonly IReadOnlyDictionary<string, ComponentModel> _models;

    // Half of the runs have no failing component, so that what lies behind one is reached too.
    private readonly bool _fails;

    public GenericCode(ulong seed, PipelineDefinition definition, IReadOnlyDictionary<string, ComponentModel> models)
        : base(seed, definition)
    {
        _models = models;
        _fails = Hash("fails", 0, 2) == 0;
        MayRace = false;
    }

    public override bool IsSlow(NodeDefinition node) => Hash($"slow {node.Id}", 0, 6) == 0;

    public override bool IsCalledBack(NodeDefinition node, int loop) => IsHealed || !MissesDeadline(node, loop);

    protected override ScheduleKind ScheduleOf(NodeDefinition node) => ModelOf(node).Schedule?.Kind ?? Hash($"schedule {node.Id}", 0, 8) switch
    {
        0 => ScheduleKind.Poll,
        1 => ScheduleKind.Callback,
        _ => ScheduleKind.None,
    };

    protected override int ChanceOfFailure(NodeDefinition node) => _fails ? 6 : 0;

    protected override int ChanceOfScheduleFailure(NodeDefinition node) => _fails ? 6 : 0;

    protected override int ChanceOfLazyFailure => _fails ? 6 : 0;

    protected override TimeSpan? DeadlineOf(NodeDefinition node) => ModelOf(node).Schedule?.Deadline;

    protected override bool MissesDeadline(NodeDefinition node, int loop) => !IsHealed && Hash($"called back {node.Id}", loop, 8) == 0;

    protected override MapValue OutputsOf(ComponentCall call, MapValue inputs, bool succeeds, int times)
    {
        MapValue.Builder outputs = Common(call, succeeds);
        if (ModelOf(call.Node).Outputs is { } known)
        {
            outputs.SetAll(known(inputs));
        }

        foreach (string key in call.Node.OutputKeys.Keys)
        {
            if (ModelOf(call.Node).Outputs is null && !outputs.ContainsKey(key))
            {
                outputs[key] = Values[Hash($"{call.Node.Id} {key}", call.Loop, Values.Length)];
            }
        }

        if (!succeeds)
        {
            outputs["ex_data"] = DrawnFailure;
        }

        return outputs.Build();
    }

    private ComponentModel ModelOf(NodeDefinition node) => _models.GetValueOrDefault(node.Id) ?? ComponentModel.Unknown;
}
