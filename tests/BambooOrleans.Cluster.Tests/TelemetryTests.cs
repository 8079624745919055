using System.Diagnostics;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.TestPostgres;
using BambooOrleans.TestSilos;
using BambooOrleans.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Cluster.Tests;

[Collection(Listening.Name)]
public sealed class TelemetryTests
{
    private static readonly ActivitySource Callers = new("Test");

    [PostgresFact]
    public async Task Attempts_on_silos_are_spans_in_the_trace_of_the_caller_after_the_death_of_them_all_too()
    {
        var bench = new Workbench();
        await using SilosInProcess silos = await SilosInProcess.StartAsync(
            2, new BambooSiloOptions { Registry = Workbench.Registry }, silo => silo.Services.AddSingleton(bench));
        ActivityTraceId trace;
        using (var observed = new Observed())
        {
            using (Activity caller = Callers.StartActivity("caller")!)
            {
                trace = caller.TraceId;
                await silos.Engine.SubmitAsync(new TreeSketch().Flow("start", "a", "w", "b", "end").Activity("w", "wait"));
            }

            await silos.Engine.WaitUntilSettledAsync("p").Done();
            await Engines.Until(() => observed.Attempts("a").Any());
            Activity attempt = Assert.Single(observed.Attempts("a"));
            Assert.Equal(trace, attempt.TraceId);
            Assert.Equal(attempt.SpanId, Assert.Single(observed.Spans, span => span.DisplayName == "execute ok").ParentSpanId);
            Assert.Empty(observed.Attempts("w"));
        }

        string version = await silos.Engine.VersionOf("w");
        using var later = new Observed();
        await silos.ReplaceAllAsync(1);
        await silos.Engine.CallbackAsync("w", version, 1).Done();
        await silos.Engine.WaitUntilAsync("p", NodeStateName.Finished);
        await Engines.Until(() => later.Attempts("b").Any() && later.Spans.Any(span => span.DisplayName == "pipeline"));

        Assert.Equal(trace, Assert.Single(later.Attempts("w")).TraceId);
        Assert.Equal(trace, Assert.Single(later.Attempts("b")).TraceId);
        Assert.Empty(later.Attempts("a"));
        Assert.NotEmpty(later.Of("bamboo.commit.duration"));
    }
}
