using System.Diagnostics.Metrics;
using System.Text;
using BambooOrleans.Core.Machines.Replay;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>Replaying journals: those of runs give the stored state, others do not.</summary>
public class AuditTests
{
    private readonly MemoryStore _store = new();
    private readonly Workbench _bench = new();

    [Fact]
    public async Task The_journal_of_a_run_gives_the_stored_state_of_every_machine()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        PipelineExport export = await RunAsync(engine);

        AuditReport report = engine.Audit(export);

        Assert.True(report.IsEqual, Describe(report));
        Assert.Equal(["p", "a", "b", "end", "start"], report.Machines.Select(machine => machine.Machine));
        Assert.Equal(export.Journal.Sum(row => row.Turns), report.Turns);
    }

    [Fact]
    public async Task A_journal_without_any_one_of_its_rows_is_found()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        PipelineExport export = await RunAsync(engine);
        Assert.True(export.Journal.Count >= 4, $"{export.Journal.Count} rows");

        foreach (JournalRow row in export.Journal)
        {
            Assert.False(engine.Audit(export with { Journal = [.. export.Journal.Where(other => other != row)] }).IsEqual);
        }
    }

    [Theory]
    [InlineData("\"said\"", "\"unsaid\"", "a", "state.outputs.message")]
    [InlineData("\"callback data\"", "\"other data\"", "b", "state.outputs.data")]
    public async Task A_fact_that_was_changed_is_found_with_its_place_and_both_values(string value, string other, string machine, string path)
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        PipelineExport export = await RunAsync(engine);
        PipelineExport changed = export with
        {
            Journal =
            [
                .. export.Journal.Select(row => row with
                {
                    Payload = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row.Payload.Span).Replace(value, other, StringComparison.Ordinal)),
                }),
            ],
        };

        AuditReport report = engine.Audit(changed);

        StateDifference? difference = report.Machines.Single(compared => compared.Machine == machine).Difference;
        Assert.False(report.IsEqual);
        Assert.NotNull(difference);
        Assert.Contains(difference.Path, new[] { path, path.Replace("outputs", "inputs", StringComparison.Ordinal) });
        Assert.Equal((value, other), (difference.Stored?.ToJson(), difference.Replayed?.ToJson()));
    }

    [Fact]
    public async Task A_stored_state_that_was_changed_or_taken_away_is_found()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        PipelineExport export = await RunAsync(engine);

        AuditReport changed = engine.Audit(WithRecords(export, record => record is { Kind: RecordKind.Node, Key: "a" }
            ? record with { Payload = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(record.Payload.Span).Replace("\"loop\":1", "\"loop\":2", StringComparison.Ordinal)) }
            : record));
        AuditReport taken = engine.Audit(export with
        {
            Stored = export.Stored with { Records = [.. export.Stored.Records.Where(record => record.Kind != RecordKind.Node || record.Key != "b")] },
        });

        Assert.Equal(
            ("a", new StateDifference("state.loop", 2, 1)),
            changed.Machines.Where(machine => machine.Difference is not null).Select(machine => (machine.Machine, machine.Difference!)).Single());
        Assert.Equal(("b", "state"), taken.Machines.Where(machine => machine.Difference is not null).Select(machine => (machine.Machine, machine.Difference!.Path)).Single());
    }

    [Fact]
    public async Task Facts_of_another_machine_and_out_of_order_are_a_fault_that_names_the_position()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        PipelineExport export = await RunAsync(engine);
        JournalRow first = export.Journal[0];

        AuditReport moved = engine.Audit(export with
        {
            Journal = [first with { Payload = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(first.Payload.Span).Replace("\"machine\":\"p\"", "\"machine\":\"a\"", StringComparison.Ordinal)) }, .. export.Journal.Skip(1)],
        });
        AuditReport reversed = engine.Audit(export with { Journal = [.. export.Journal.Reverse()] });

        Assert.Contains("a at position 1:", moved.Fault, StringComparison.Ordinal);
        Assert.NotNull(reversed.Fault);
        Assert.False(reversed.IsEqual);
    }

    [Fact]
    public async Task With_the_option_each_pipeline_that_finishes_is_audited_and_counted()
    {
        using var counts = new Counts();
        var reports = new System.Collections.Concurrent.ConcurrentQueue<AuditReport>();
        var store = new ProbedStore(_store);
        await using EmbeddedEngine engine = await Engines.OpenAsync(store, _bench, options => options with
        {
            Audit = new AuditOptions { Fraction = 1, OnReport = reports.Enqueue },
        });

        await RunAsync(engine);
        await Engines.Until(() => reports.Count == 1);
        store.OnExport = export => WithRecords(export, record => record is { Kind: RecordKind.Node, Key: "qa" }
            ? record with { Payload = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(record.Payload.Span).Replace("Finished", "Failed", StringComparison.Ordinal)) }
            : record);
        await engine.RunAsync(new TreeSketch("q", "qs", "qe").Flow("qs", "qa", "qe"));
        await Engines.Until(() => reports.Count == 2);

        Assert.Equal([("p", true), ("q", false)], reports.Select(report => (report.RootId, report.IsEqual)));
        Assert.True(counts["bamboo_audit_equal"] >= 1);
        Assert.True(counts["bamboo_audit_different"] >= 1);
    }

    [Fact]
    public async Task Without_the_option_or_with_a_share_of_none_nothing_is_audited()
    {
        var reports = new System.Collections.Concurrent.ConcurrentQueue<AuditReport>();
        await using (EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench, options => options with
        {
            Audit = new AuditOptions { Fraction = 0, OnReport = reports.Enqueue },
        }))
        {
            await RunAsync(engine);
            await Engines.Breathe();
        }

        Assert.Empty(reports);
    }

    private static PipelineExport WithRecords(PipelineExport export, Func<StoredRecord, StoredRecord> change) =>
        export with { Stored = export.Stored with { Records = [.. export.Stored.Records.Select(change)] } };

    private static async Task<PipelineExport> RunAsync(EmbeddedEngine engine)
    {
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "b", "end").Activity("a", "ok", ("message", "said")).Activity("b", "wait"));
        await engine.CallbackAsync("b", await engine.VersionOf("b"), "callback data").Done();
        await engine.WaitUntilSettledAsync("p").Done();
        return await engine.ExportAsync("p");
    }

    private static string Describe(AuditReport report) => report.Fault
        ?? string.Join('\n', report.Machines.Where(machine => machine.Difference is not null));

    /// <summary>The counters of the auditor, from all engines of the process.</summary>
    private sealed class Counts : IDisposable
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, long> _counts = new();
        private readonly MeterListener _listener = new();

        public Counts()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "BambooOrleans.Embedded")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, count, _, _) => _counts.AddOrUpdate(instrument.Name, count, (_, sum) => sum + count));
            _listener.Start();
        }

        public long this[string name] => _counts.GetValueOrDefault(name);

        public void Dispose() => _listener.Dispose();
    }
}
