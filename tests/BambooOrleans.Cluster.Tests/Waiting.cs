using System.Diagnostics;
using BambooOrleans.Embedded.Tests.Support;

namespace BambooOrleans.Cluster.Tests;

/// <summary>Waiting for what has to come.</summary>
internal static class Waiting
{
    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string otherwise)
    {
        for (var clock = Stopwatch.StartNew(); !await condition(); await Task.Delay(20))
        {
            Assert.True(clock.Elapsed < Operator.Patience, otherwise);
        }
    }

    /// <summary>Waits until a node has a state. Only reads: nothing that is asleep wakes by it.</summary>
    public static Task WaitUntilAsync(this IBambooEngine engine, string id, NodeStateName state) => UntilAsync(
        async () => (await engine.GetChildrenStatesAsync(id)).Data is { } states && states.TryGetValue(id, out NodeStateInfo? info) && info.State == state,
        $"{id} does not come to be {state}");
}
