namespace BambooOrleans.Core.Machines;

/// <summary>One round of a node that loops by itself, as it stands in the list that collects them.</summary>
internal static class LoopRound
{
    private const string OutputsKey = "outputs";

    /// <summary>The round of some outputs: what stands under <c>outputs</c> there, with the result and the number of the round.</summary>
    public static MapValue Of(MapValue outputs)
    {
        MapValue.Builder round = (Given(outputs) ?? MapValue.Empty).ToBuilder();
        round["result"] = outputs.TryGetValue("_result", out Value? result) ? result : Value.Null;
        round["inner_loop"] = outputs.TryGetValue("_inner_loop", out Value? innerLoop) ? innerLoop : Value.Null;
        return round.Build();
    }

    /// <summary>The outputs with their round under <c>outputs</c>; as they are where nothing stands there.</summary>
    public static MapValue AddTo(MapValue outputs) => Given(outputs) is null ? outputs : outputs.With(OutputsKey, Of(outputs));

    private static MapValue? Given(MapValue outputs) =>
        outputs.TryGetValue(OutputsKey, out Value? given) ? given as MapValue : null;
}
