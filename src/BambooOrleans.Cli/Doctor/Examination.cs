using System.CommandLine;
using BambooOrleans.Cli.Commands;
using BambooOrleans.Cli.Serving;
using BambooOrleans.Cluster;
using BambooOrleans.Storage;
using BambooOrleans.Telemetry;

namespace BambooOrleans.Cli.Doctor;

/// <summary>Every check, one after the other. It takes no lease and changes nothing but a file of its own, to measure the disk, that is gone afterwards.</summary>
internal static class Examination
{
    public static async Task<IReadOnlyList<Check>> RunAsync(
        ParseResult command, string? siloFile, TimeSpan longWait, Machine machine, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<Check> checks =
        [
            MachineChecks.Runtime(machine),
            MachineChecks.TimeZones(machine),
            MachineChecks.Components(Session.Registry),
        ];
        (List<Check> ofSilo, ClusterSettings? settings) = siloFile is null ? ([], null) : SiloChecks.OfFile(siloFile);
        checks.AddRange(ofSilo);
        if (siloFile is null)
        {
            await AddDatabaseAsync(command.GetValue(CommonOptions.Database)!).ConfigureAwait(false);
            checks.AddRange(ServerChecks.Of(command, machine));
        }
        else if (settings is not null)
        {
            await AddDatabaseAsync(settings.DatabaseConnectionString()).ConfigureAwait(false);
        }

        checks.Add(await CollectorAsync(command, settings, machine, cancellationToken).ConfigureAwait(false));
        return checks;

        async Task AddDatabaseAsync(string name)
        {
            (List<Check> found, IStoreInspector? inspector) = PostgresConnectionString.IsPostgres(name)
                ? await DatabaseChecks.OfServerAsync(name, cancellationToken).ConfigureAwait(false)
                : DatabaseChecks.OfFile(name, machine);
            checks.AddRange(found);
            if (inspector is null)
            {
                checks.Add(MachineChecks.Clock(now, null));
                return;
            }

            await using (inspector.ConfigureAwait(false))
            {
                try
                {
                    checks.Add(MachineChecks.Clock(now, await inspector.ReadNewestAsync(cancellationToken).ConfigureAwait(false)));
                    checks.AddRange(await PipelineChecks.OfAsync(
                        inspector, Session.Registry(), settings is not null, now, longWait, cancellationToken).ConfigureAwait(false));
                }
                catch (StoreUnavailableException failure)
                {
                    checks.Add(Check.Problem("pipelines", failure.Message, "See that the database can be read whole."));
                }
            }
        }
    }

    private static async Task<Check> CollectorAsync(
        ParseResult command, ClusterSettings? settings, Machine machine, CancellationToken cancellationToken)
    {
        Uri? target;
        try
        {
            target = OtlpExport.Target(settings?.Telemetry.OtlpEndpoint is { } endpoint ? new Uri(endpoint) : ServerOptions.Collector(command));
        }
        catch (CliException failure)
        {
            return Check.Problem("telemetry.collector", failure.Message, "Correct it.");
        }

        return target is null
            ? Check.Ok("telemetry.collector", "no collector is named; nothing is sent")
            : await machine.TryConnect(target, cancellationToken).ConfigureAwait(false) is { } reason
                ? Check.Warning("telemetry.collector", $"{target} cannot be reached: {reason}", "Start the collector, or correct --otlp or OTEL_EXPORTER_OTLP_ENDPOINT; the engine runs without it.")
                : Check.Ok("telemetry.collector", $"{target} takes connections");
    }
}
