using System.Diagnostics.Metrics;
using System.Threading.Channels;
using BambooOrleans.Core.Machines.Replay;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Embedded;

/// <summary>Audits a share of the pipelines that finish, one after the other, beside everything else.</summary>
internal sealed partial class Auditor : IAsyncDisposable
{
    private const string Category = "bamboo.audit";

    private static readonly Meter Meter = new("BambooOrleans.Embedded");
    private static readonly Counter<long> Equal = Meter.CreateCounter<long>(
        "bamboo_audit_equal", "{pipeline}", "Finished pipelines whose journal gave exactly the stored state.");

    private static readonly Counter<long> Different = Meter.CreateCounter<long>(
        "bamboo_audit_different", "{pipeline}", "Finished pipelines whose journal did not give the stored state.");

    private static readonly Counter<long> Failed = Meter.CreateCounter<long>(
        "bamboo_audit_failed", "{pipeline}", "Finished pipelines that could not be read for their audit.");

    private static readonly Counter<long> PassedOver = Meter.CreateCounter<long>(
        "bamboo_audit_passed_over", "{pipeline}", "Finished pipelines that were to be audited when too many waited.");

    private readonly IEngineStore _store;
    private readonly SubmissionCheck _check;
    private readonly AuditOptions _options;
    private readonly ILogger? _log;
    private readonly Channel<string> _waiting;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _loop;

    public Auditor(IEngineStore store, SubmissionCheck check, AuditOptions options, IServiceProvider? services)
    {
        _store = store;
        _check = check;
        _options = options;
        _log = (services?.GetService(typeof(ILoggerFactory)) as ILoggerFactory)?.CreateLogger(Category);
        _waiting = Channel.CreateBounded<string>(new BoundedChannelOptions(Math.Max(options.WaitingMax, 1)) { SingleReader = true });
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Has a pipeline that finished audited, or not, as the share has it.</summary>
    public void Finished(string rootId)
    {
        if (Random.Shared.NextDouble() < _options.Fraction && !_waiting.Writer.TryWrite(rootId))
        {
            PassedOver.Add(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _closing.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task LoopAsync()
    {
        try
        {
            await foreach (string rootId in _waiting.Reader.ReadAllAsync(_closing.Token).ConfigureAwait(false))
            {
                await AuditAsync(rootId).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
        }
    }

    private async Task AuditAsync(string rootId)
    {
        try
        {
            if (await _store.ExportAsync(rootId, _closing.Token).ConfigureAwait(false) is not { } export)
            {
                return; // removed in the meantime
            }

            AuditReport report = PipelineAudit.Run(export, _check.Compile(export.Stored));
            (report.IsEqual ? Equal : Different).Add(1);
            if (_log is not null && !report.IsEqual)
            {
                LogDifference(_log, rootId, Describe(report));
            }

            _options.OnReport?.Invoke(report);
        }
        catch (Exception failure) when (!_closing.IsCancellationRequested)
        {
            // The auditor looks on: whatever it stumbles over must not stop the engine, and is counted.
            Failed.Add(1);
            if (_log is not null)
            {
                LogFailure(_log, rootId, failure);
            }
        }
    }

    private static string Describe(AuditReport report) => report.Fault
        ?? string.Join("; ", report.Machines.Where(machine => machine.Difference is not null).Select(Describe));

    private static string Describe(MachineComparison machine) =>
        $"{machine.Machine}: {machine.Difference!.Path} is {machine.Difference.Stored?.ToJson() ?? "nothing"}, "
        + $"and the journal gives {machine.Difference.Replayed?.ToJson() ?? "nothing"}";

    [LoggerMessage(Level = LogLevel.Error, Message = "The journal of {RootId} does not give its stored state: {Difference}")]
    private static partial void LogDifference(ILogger log, string rootId, string difference);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{RootId} could not be audited")]
    private static partial void LogFailure(ILogger log, string rootId, Exception failure);
}
