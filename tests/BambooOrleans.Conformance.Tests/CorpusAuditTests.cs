using System.Collections.Concurrent;
using BambooOrleans.Conformance.Corpus;
using BambooOrleans.Conformance.Hosts;
using BambooOrleans.Conformance.Replay;
using BambooOrleans.Hosting;

namespace BambooOrleans.Conformance.Tests;

/// <summary>Every scenario of the corpus on the embedded engine: the journal gives the stored state of every machine.</summary>
public sealed class CorpusAuditTests
{
    // The wait of a scenario by the clock is seldom the engine's, so that many go at once.
    private const int ScenariosAtOnce = 24;

    [Fact]
    public async Task The_journal_of_every_scenario_gives_its_stored_states()
    {
        ConcurrentBag<AuditReport> reports = [];
        ConcurrentBag<string> wrong = [];
        await Parallel.ForEachAsync(
            CorpusFiles.Corpus.Scenarios,
            new ParallelOptions { MaxDegreeOfParallelism = ScenariosAtOnce },
            async (scenario, _) => await ScenarioReplay.RunAsync(
                () => new AuditedHost(report =>
                {
                    reports.Add(report);
                    if (!report.IsEqual)
                    {
                        wrong.Add($"{scenario.Name}: {report.Fault} {string.Join("; ", report.Machines.Where(machine => machine.Difference is not null))}");
                    }
                }),
                scenario,
                StoreKind.Memory,
                TimeSpan.FromMinutes(2)));

        Assert.True(wrong.IsEmpty, $"{wrong.Count} pipelines are different:\n{string.Join('\n', wrong.Take(20))}");
        Assert.True(reports.Count > 500, $"only {reports.Count} pipelines were audited");
        Assert.True(reports.Sum(report => report.Turns) > 8_000, $"only {reports.Sum(report => report.Turns)} turns were replayed");
    }

    /// <summary>Audits every pipeline of its engine before it closes it.</summary>
    private sealed class AuditedHost(Action<AuditReport> take) : IConformanceHost
    {
        private readonly EmbeddedHost _host = new();

        public Task<IBambooEngine> StartAsync(EngineSettings settings) => _host.StartAsync(settings);

        public async ValueTask DisposeAsync()
        {
            try
            {
                foreach (PipelineSummary pipeline in (await _host.Engine.ListPipelinesAsync(limit: 1000)).Data!)
                {
                    take(_host.Engine.Audit(await _host.Engine.ExportAsync(pipeline.RootId)));
                }
            }
            catch (BambooException failure)
            {
                take(new AuditReport("?", 0, [], failure.ToString()));
            }
            finally
            {
                await _host.DisposeAsync();
            }
        }
    }
}
