using System.Reflection;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;

namespace BambooOrleans.Cluster.Tests;

public sealed class DeathWatchTests
{
    [Fact]
    public async Task A_death_is_dealt_with_although_what_earlier_ones_stopped_does_not_answer()
    {
        var takenOver = Channel.CreateUnbounded<bool>();
        var driven = Channel.CreateUnbounded<string>();
        Task never = new TaskCompletionSource().Task;
        IKeeperGrain keeper = Fake.Of<IKeeperGrain>((method, _) =>
        {
            if (method == nameof(IKeeperGrain.TakeOverAsync))
            {
                takenOver.Writer.TryWrite(true);
            }

            return never;
        });
        IGrainFactory grains = Fake.Of<IGrainFactory>((_, arguments) => arguments[0] is string rootId
            ? Fake.Of<IPipelineGrain>((_, _) =>
            {
                driven.Writer.TryWrite(rootId);
                return rootId == "removed" ? Task.FromException(new NotFoundException("there is no pipeline removed")) : never;
            })
            : keeper);
        ISiloStatusOracle membership = Fake.Of<ISiloStatusOracle>((method, _) => method == "get_SiloAddress" ? SiloAddress.Zero : true);
        var live = new LivePipelines();
        live.Add("removed");
        live.Add("stuck");
        using var watch = new DeathWatch(membership, grains, live, NullLogger<DeathWatch>.Instance);
        await watch.StartAsync(CancellationToken.None);

        for (int death = 1; death <= 3; death++)
        {
            watch.SiloStatusChangeNotification(SiloAddress.FromParsableString($"127.0.0.1:{death}@1"), SiloStatus.Dead);

            await takenOver.Reader.ReadAsync().AsTask().WaitAsync(Operator.Patience);
            string[] both = [await DrivenAsync(), await DrivenAsync()];
            Assert.Equal(["removed", "stuck"], both.Order(StringComparer.Ordinal));
        }

        await watch.StopAsync(CancellationToken.None).WaitAsync(Operator.Patience);
        Assert.False(driven.Reader.TryRead(out _), "what was removed is asked for again");

        Task<string> DrivenAsync() => driven.Reader.ReadAsync().AsTask().WaitAsync(Operator.Patience);
    }

    // An interface of Orleans of which a test needs one or two members.
    private class Fake : DispatchProxy
    {
        private Func<string, object?[], object?> _answer = null!;

        public static T Of<T>(Func<string, object?[], object?> answer)
            where T : class
        {
            T fake = Create<T, Fake>();
            ((Fake)(object)fake)._answer = answer;
            return fake;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!.Name, args ?? []);
    }
}
