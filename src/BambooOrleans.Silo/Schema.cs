using System.Reflection;
using BambooOrleans.Cluster;
using BambooOrleans.Storage;

namespace BambooOrleans.Silo;

/// <summary>The tables in every database that the settings name.</summary>
internal static class Schema
{
    /// <summary>Applies the scripts that a database does not have yet, to each; says what was done, a line each.</summary>
    /// <exception cref="StoreUnavailableException">A database cannot be used, or is of a newer version.</exception>
    public static async Task MigrateAsync(ClusterSettings settings, TextWriter output, CancellationToken cancellationToken)
    {
        foreach (SchemaPart part in PartsOf(settings))
        {
            IReadOnlyList<string> applied =
                await PostgresMigrations.ApplyAsync(part.ConnectionString, part.Set, part.Scripts, cancellationToken).ConfigureAwait(false);
            string what = applied.Count == 0 ? "nothing to do" : $"applied {string.Join(", ", applied)}";
            await output.WriteLineAsync($"{part.Set} ({part.UsedBy}): {what}").ConfigureAwait(false);
        }

        foreach ((string part, string invariant) in Foreign(settings))
        {
            await output.WriteLineAsync($"{part}: {invariant} is left to you: apply the scripts that Orleans publishes for it").ConfigureAwait(false);
        }
    }

    /// <summary>Makes sure that every PostgreSQL database answers and has all tables, and that every other one has its driver.</summary>
    /// <exception cref="StoreUnavailableException">A database cannot be used.</exception>
    /// <exception cref="SiloException">A script is missing.</exception>
    /// <exception cref="SettingsException">A driver is missing.</exception>
    public static async Task RequireCurrentAsync(ClusterSettings settings, CancellationToken cancellationToken)
    {
        foreach ((string part, string invariant) in Foreign(settings))
        {
            RequireDriver(part, invariant);
        }

        if (await FindMissingAsync(settings, cancellationToken).ConfigureAwait(false) is { } missing)
        {
            throw new SiloException($"the database lacks {missing}: run bamboo-silo migrate");
        }
    }

    /// <summary>The first scripts that a database lacks, for a message; null where there is none.</summary>
    /// <exception cref="StoreUnavailableException">A database cannot be used.</exception>
    public static async Task<string?> FindMissingAsync(ClusterSettings settings, CancellationToken cancellationToken)
    {
        foreach (SchemaPart part in PartsOf(settings))
        {
            IReadOnlyList<string> missing =
                await PostgresMigrations.FindMissingAsync(part.ConnectionString, part.Set, part.Scripts, cancellationToken).ConfigureAwait(false);
            if (missing.Count > 0)
            {
                return $"the schema scripts {string.Join(", ", missing)} of {part.Set} ({part.UsedBy})";
            }
        }

        return null;
    }

    private static List<SchemaPart> PartsOf(ClusterSettings settings)
    {
        List<(string UsedBy, string ConnectionString)> uses = [];
        if (settings.Clustering is { Kind: ClusteringKind.AdoNet, Invariant: AdoNetInvariants.Npgsql })
        {
            uses.Add(("clustering", settings.ClusteringConnectionString()));
        }

        if (settings.Storage.Invariant == AdoNetInvariants.Npgsql)
        {
            uses.Add(("storage", settings.StorageConnectionString()));
        }

        if (settings.Reminders.Invariant == AdoNetInvariants.Npgsql)
        {
            uses.Add(("reminders", settings.RemindersConnectionString()));
        }

        return
        [
            new SchemaPart(PostgresMigrations.EngineSet, "database", settings.DatabaseConnectionString(), PostgresMigrations.EngineScripts),
            .. uses.GroupBy(use => use.ConnectionString, StringComparer.Ordinal).Select(database => new SchemaPart(
                OrleansSchema.Set, string.Join(", ", database.Select(use => use.UsedBy)), database.Key, OrleansSchema.Scripts)),
        ];
    }

    private static IEnumerable<(string Part, string Invariant)> Foreign(ClusterSettings settings) =>
        new[]
        {
            ("clustering", settings.Clustering.Kind == ClusteringKind.AdoNet ? settings.Clustering.Invariant : AdoNetInvariants.Npgsql),
            ("storage", settings.Storage.Invariant),
            ("reminders", settings.Reminders.Invariant),
        }.Where(use => use.Item2 != AdoNetInvariants.Npgsql);

    private static void RequireDriver(string part, string invariant)
    {
        string driver = AdoNetInvariants.Drivers[invariant];
        try
        {
            Assembly.Load(new AssemblyName(driver));
        }
        catch (Exception failure) when (failure is IOException or BadImageFormatException)
        {
            throw new SettingsException(
                SettingsException.Merged, $"{part}.invariant", $"is \"{invariant}\", whose driver {driver}.dll is not beside the program ({AppContext.BaseDirectory})", failure);
        }
    }

    // One set of scripts in one database.
    private sealed record SchemaPart(string Set, string UsedBy, string ConnectionString, IReadOnlyList<MigrationScript> Scripts);
}
