using System.Security.Cryptography;
using System.Text;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>A pipeline that goes through a file to another engine is the same there.</summary>
public class ExportTests : IDisposable
{
    private readonly TemporaryFile _file = new();
    private readonly TemporaryFile _other = new();
    private readonly Workbench _bench = new();

    public void Dispose()
    {
        _file.Dispose();
        _other.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("memory", "memory")]
    [InlineData("sqlite", "sqlite")]
    [InlineData("memory", "sqlite")]
    public Task What_was_imported_reads_as_what_was_exported(string from, string to) => RoundTripAsync(Store(from, _file), Store(to, _other));

    [PostgresTheory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task What_was_imported_into_a_server_reads_as_what_was_exported(string from)
    {
        PrivatePostgres server = await PrivatePostgres.SharedAsync();
        string source = await server.CreateDatabaseAsync();
        string target = await server.CreateDatabaseAsync();
        try
        {
            await RoundTripAsync(from == "postgres" ? At(source) : Store(from, _file), At(target));
        }
        finally
        {
            await server.DropDatabaseAsync(source);
            await server.DropDatabaseAsync(target);
        }

        static PostgresStore At(string connection) => new(new PostgresStoreOptions { ConnectionString = connection });
    }

    [Fact]
    public async Task An_unfinished_pipeline_goes_on_where_it_was_imported_under_the_same_version()
    {
        byte[] file;
        string version;
        await using (EmbeddedEngine source = await Engines.OpenAsync(new MemoryStore(), _bench))
        {
            await source.RunAsync(Rich());
            version = await source.VersionOf("w");
            file = await FileOfAsync(source, "w");
        }

        await using EmbeddedEngine target = await Engines.OpenAsync(new MemoryStore(), _bench);
        await target.ImportAsync(await ReadAsync(file));

        await target.CallbackAsync("w", version, "yes").Done();
        await target.WaitUntilSettledAsync("p").Done();
        Assert.Equal(NodeStateName.Finished, await target.StateOf("p"));
        Assert.True(target.Audit(await target.ExportAsync("p")).IsEqual);
    }

    [Fact]
    public async Task A_component_that_ran_at_the_export_runs_again_at_the_import_with_the_same_version()
    {
        var never = new TaskCompletionSource();
        _bench.Executions["a"] = async (_, _) => { await never.Task; return true; };
        byte[] file;
        EmbeddedEngine source = await Engines.OpenAsync(new MemoryStore(), _bench, Engines.Hasty);
        await source.SubmitAsync(new TreeSketch().Flow("start", "a", "end"));
        await _bench.Entered("a");
        file = await FileOfAsync(source, "p");
        var other = new Workbench();
        await using EmbeddedEngine target = await Engines.OpenAsync(new MemoryStore(), other);

        await target.ImportAsync(await ReadAsync(file));

        await target.WaitUntilSettledAsync("p").Done();
        Assert.Equal(NodeStateName.Finished, await target.StateOf("p"));
        Assert.Equal(_bench.Calls.Select(call => call.Version), other.Calls.Select(call => call.Version));
        never.SetResult();
        await source.DisposeAsync();
    }

    [Fact]
    public async Task Without_going_on_an_import_runs_nothing_before_the_next_opening()
    {
        _bench.Executions["a"] = (_, _) => Task.FromResult<Components.ComponentResult>(true);
        var never = new TaskCompletionSource();
        _bench.Executions["slow"] = async (_, _) => { await never.Task; return true; };
        EmbeddedEngine source = await Engines.OpenAsync(new MemoryStore(), _bench, Engines.Hasty);
        await source.SubmitAsync(new TreeSketch().Flow("start", "slow", "end"));
        await _bench.Entered("slow");
        byte[] file = await FileOfAsync(source, "p");
        var other = new Workbench();
        var store = new MemoryStore();
        await using (EmbeddedEngine target = await Engines.OpenAsync(store, other))
        {
            await target.ImportAsync(await ReadAsync(file), goesOn: false);
            await Engines.Breathe();
            Assert.Empty(other.Calls);
        }

        await using EmbeddedEngine next = await Engines.OpenAsync(store, other);
        await next.WaitUntilSettledAsync("p").Done();
        Assert.Equal(["slow"], other.Executed);
        never.SetResult();
        await source.DisposeAsync();
    }

    [Fact]
    public async Task An_import_whose_ids_are_taken_is_refused_and_changes_nothing()
    {
        var store = new MemoryStore();
        await using EmbeddedEngine engine = await Engines.OpenAsync(store, _bench);
        await engine.RunAsync(Rich());
        byte[] file = await FileOfAsync(engine, "p");
        string before = await Engines.StatisticsOf(store);

        AlreadyExistsException refusal = await Assert.ThrowsAsync<AlreadyExistsException>(async () => await engine.ImportAsync(await ReadAsync(file)));

        Assert.Contains("p", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await Engines.StatisticsOf(store));
    }

    [Fact]
    public async Task An_unfinished_pipeline_whose_components_are_not_registered_is_refused_where_it_is_to_go_on()
    {
        byte[] file = await RichFileAsync();
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), _bench, options => options with { Registry = new ComponentRegistry() });

        Assert.Equal("component.unknown", (await Assert.ThrowsAsync<UnknownCodeException>(async () => await engine.ImportAsync(await ReadAsync(file)))).Code);
        await engine.ImportAsync(await ReadAsync(file), goesOn: false);
    }

    [Fact]
    public async Task A_file_with_any_byte_changed_or_cut_off_anywhere_is_refused()
    {
        byte[] file = await RichFileAsync();
        int head = Array.IndexOf(file, (byte)'\n');
        for (int place = 0; place < file.Length; place += 1 + (place / 40))
        {
            byte[] changed = [.. file];
            changed[place] ^= 0x04;
            await AssertRefusedAsync(changed, place < head ? null : "export.damaged");
            await AssertRefusedAsync(file[..place], place < head ? null : "export.damaged");
        }

        await AssertRefusedAsync([], "export.not-an-export");
        await AssertRefusedAsync("{\"id\": \"p\"}\n"u8.ToArray(), "export.not-an-export");
        await AssertRefusedAsync([.. file, .. "{}\n"u8], "export.damaged");
    }

    [Fact]
    public async Task A_file_of_a_newer_schema_is_refused_whatever_else_is_in_it() => await AssertRefusedAsync(
        "{\"bamboo_export\":2,\"something\":\"new\"}\nand so on"u8.ToArray(), "export.newer-schema");

    [Theory]
    [InlineData("{\"record\":\"node\",\"key\":\"a\"", "{\"record\":\"node\",\"key\":\"nowhere\"")]
    [InlineData("\"root_id\":\"p\"", "\"root_id\":\"q\"")]
    [InlineData("\"state\":\"RUNNING\"", "\"state\":\"HAPPY\"")]
    [InlineData("\"created_time\"", "\"archived_time\":\"2026-01-01T00:00:00.000000Z\",\"created_time\"")]
    [InlineData("{\"tree\":", "{\"shrub\":")]
    [InlineData("\"turns\":", "\"turns\":1")]
    public async Task A_forged_file_with_a_right_checksum_is_refused_too(string text, string forged)
    {
        string file = Encoding.UTF8.GetString(await RichFileAsync());
        Assert.Contains(text, file, StringComparison.Ordinal);
        string content = file[..(file.TrimEnd('\n').LastIndexOf('\n') + 1)].Replace(text, forged, StringComparison.Ordinal);
        string sum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

        await AssertRefusedAsync(Encoding.UTF8.GetBytes($"{content}{{\"sha256\":\"{sum}\"}}\n"), "export.damaged");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_revoked_pipeline_that_keeps_tokens_is_over_where_it_was_imported_whether_the_file_says_so_or_not(bool says)
    {
        await using EmbeddedEngine source = await Engines.OpenAsync(new MemoryStore(), _bench);
        await source.RunAsync(Rich());
        await source.RevokePipelineAsync("p").Done();
        PipelineExport export = await ReadAsync(await FileOfAsync(source, "p"));
        Assert.NotNull(export.ArchivedTime);
        await using EmbeddedEngine target = await Engines.OpenAsync(new MemoryStore(), _bench);

        await target.ImportAsync(says ? export : export with { ArchivedTime = null });

        // Since when is not in a file that does not say it, so that it counts from the import.
        await Engines.Until(() => target.ExportAsync("p").Result.ArchivedTime is { } over
            && (says ? over == export.ArchivedTime : over > export.ArchivedTime));
        await target.CallbackAsync("w", await target.VersionOf("w"), "yes").Done();
        Assert.Equal(NodeStateName.Revoked, await target.StateOf("p"));
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_exported()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), _bench);

        await Assert.ThrowsAsync<NotFoundException>(() => engine.ExportAsync("nowhere"));
    }

    private static IEngineStore Store(string kind, TemporaryFile file) => kind == "memory" ? new MemoryStore() : file.Store();

    // A sub-process, large data, a retry with its history, an odd id, and a callback to wait for.
    private static TreeSketch Rich() => new TreeSketch()
        .Flow("start", "a", "sp", "odd \" id\n节点", "w", "end")
        .Activity("a", "ok", ("large", new string('x', 5000)), ("text", "a \"quoted\" \\ one, 節點🎋"))
        .Activity("w", "wait")
        .Sub("sp", new TreeSketch("sp", "s2", "e2").Flow("s2", "y", "e2"), []);

    private async Task RoundTripAsync(IEngineStore from, IEngineStore to)
    {
        await using EmbeddedEngine source = await Engines.OpenAsync(from, _bench);
        await using EmbeddedEngine target = await Engines.OpenAsync(to, _bench);
        await target.RunAsync(new TreeSketch("before", "bs", "be").Flow("bs", "ba", "be"));
        int attempts = 0;
        _bench.Executions["y"] = (_, _) => Task.FromResult<Components.ComponentResult>(++attempts > 1);
        await source.RunAsync(Rich());
        await source.RetryNodeAsync("y", Value.Map(("n", 1))).Done();
        await source.WaitUntilSettledAsync("p").Done();
        PipelineExport unfinished = await ReadAsync(await FileOfAsync(source, "p"));
        await source.CallbackAsync("w", await source.VersionOf("w"), "yes").Done();
        await source.WaitUntilSettledAsync("p").Done();
        PipelineExport finished = await ReadAsync(await FileOfAsync(source, "p"));

        await target.ImportAsync(finished);

        AssertSame(await source.ExportAsync("p"), await target.ExportAsync("p"));
        Assert.Equal(await source.Describe("p"), await target.Describe("p"));
        Assert.Equal((await source.ListPipelinesAsync().Get())[0], (await target.ListPipelinesAsync().Get())[0]);
        Assert.Single(await target.GetNodeHistoriesAsync("y").Get());
        Assert.True(target.Audit(await target.ExportAsync("p")).IsEqual);
        await target.RunAsync(new TreeSketch("after", "as", "ae").Flow("as", "aa", "ae"));

        Assert.Equal(3, await target.PurgeAsync(new DateTimeOffset(9000, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        await target.ImportAsync(unfinished);
        Assert.Equal(NodeStateName.Running, await target.StateOf("w"));
        await target.CallbackAsync("w", await target.VersionOf("w"), "yes").Done();
        await target.WaitUntilSettledAsync("p").Done();
        Assert.Equal(await source.Describe("p"), await target.Describe("p"));
    }

    private static void AssertSame(PipelineExport expected, PipelineExport actual)
    {
        Assert.Equal(
            (expected.State, expected.ArchivedTime, expected.Stored.RootId, expected.Stored.CreatedTime),
            (actual.State, actual.ArchivedTime, actual.Stored.RootId, actual.Stored.CreatedTime));
        Assert.Equal(Text(expected.Stored.Tree), Text(actual.Stored.Tree));
        Assert.Equal(Text(expected.Stored.Options), Text(actual.Stored.Options));
        Assert.Equal(
            expected.Stored.Records.Select(record => (record.Kind, record.Key, Text(record.Payload))),
            actual.Stored.Records.Select(record => (record.Kind, record.Key, Text(record.Payload))));
        Assert.Equal(
            expected.Histories.Select(history => (history.NodeId, history.Entry.Sequence, history.Entry.Loop, Text(history.Entry.Payload))),
            actual.Histories.Select(history => (history.NodeId, history.Entry.Sequence, history.Entry.Loop, Text(history.Entry.Payload))));
        Assert.Equal(
            expected.Journal.Select(row => (row.Turns, row.RootId, Text(row.Payload))),
            actual.Journal.Select(row => (row.Turns, row.RootId, Text(row.Payload))));
        Assert.NotEmpty(expected.Histories);
        Assert.Contains(expected.Stored.Records, record => record.Kind == RecordKind.Data);
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static async Task<byte[]> FileOfAsync(EmbeddedEngine engine, string id)
    {
        using var file = new MemoryStream();
        await PipelineFile.WriteAsync(file, await engine.ExportAsync(id));
        return file.ToArray();
    }

    private static Task<PipelineExport> ReadAsync(byte[] file) => PipelineFile.ReadAsync(new MemoryStream(file));

    private async Task<byte[]> RichFileAsync()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), _bench);
        await engine.RunAsync(Rich());
        return await FileOfAsync(engine, "p");
    }

    private async Task AssertRefusedAsync(byte[] file, string? code)
    {
        var store = new MemoryStore();
        await using EmbeddedEngine engine = await Engines.OpenAsync(store, _bench);
        string before = await Engines.StatisticsOf(store);

        PipelineFileException refusal = await Assert.ThrowsAsync<PipelineFileException>(async () => await engine.ImportAsync(await ReadAsync(file)));

        Assert.Equal(code ?? refusal.Code, refusal.Code);
        Assert.Equal(before, await Engines.StatisticsOf(store));
    }
}
