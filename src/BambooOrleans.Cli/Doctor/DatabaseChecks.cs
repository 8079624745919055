using System.Globalization;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli.Doctor;

/// <summary>A database, as far as it can be seen without owning it.</summary>
internal static class DatabaseChecks
{
    private const long Mebibyte = 1024 * 1024;
    private const long FreeBytesMin = 256 * Mebibyte;
    private const long FreeBytesWarned = 2048 * Mebibyte;
    private const long LogBytesWarned = 256 * Mebibyte;
    private const long DamageBytesMax = 1024 * Mebibyte;
    private const int PostgresVersionMin = 150000;
    private static readonly TimeSpan SyncWarned = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ClockWarned = TimeSpan.FromSeconds(5);

    /// <summary>Looks at a SQLite file, and hands it on where its pipelines can be read.</summary>
    public static (List<Check> Checks, IStoreInspector? Inspector) OfFile(string path, Machine machine)
    {
        if (string.IsNullOrWhiteSpace(path) || Directory.Exists(path))
        {
            string what = string.IsNullOrWhiteSpace(path) ? "--db names no database" : $"{path} is a directory, and no database";
            return ([Check.Problem("database.open", what, "Name the database with --db.")], null);
        }

        string full = Path.GetFullPath(path);
        List<Check> checks = OfDirectory(Path.GetDirectoryName(full)!, machine);
        if (!File.Exists(full))
        {
            checks.Add(Check.Warning("database.open", $"there is no database {full}", "bamboo run, serve and dev make it; or name another with --db."));
            return (checks, null);
        }

        SqliteInspector inspector;
        try
        {
            inspector = SqliteInspector.Open(full);
        }
        catch (StoreUnavailableException failure)
        {
            checks.Add(Check.Problem(
                "database.open",
                failure.Message,
                failure.Code == "store.not-a-store" ? "Name the database with --db." : "Give this user the right to read it; see docs/storage.md."));
            return (checks, null);
        }

        checks.Add(Check.Ok("database.open", $"{full}, {Bytes(inspector.DatabaseBytes)}"));
        checks.Add(IsWritable(full)
            ? Check.Ok("database.writable", "it may be written")
            : Check.Problem("database.writable", $"{full} may not be written", "Give the user that runs the engine the right to write it."));
        checks.Add(inspector.LogBytes > LogBytesWarned
            ? Check.Warning(
                "database.log",
                $"its write-ahead log has {Bytes(inspector.LogBytes)}",
                "A program that reads for long keeps it from being cut back: end that program; the log shrinks when the engine is opened next.")
            : Check.Ok("database.log", $"its write-ahead log has {Bytes(inspector.LogBytes)}"));
        checks.Add(inspector.IsOwned
            ? Check.Ok("database.lease", "an engine in another process owns it now")
            : Check.Ok("database.lease", "no engine owns it now"));
        Check schema = Schema(inspector.SchemaVersion, SqliteInspector.KnownSchemaVersion);
        checks.Add(schema);
        if (inspector.DatabaseBytes <= DamageBytesMax)
        {
            checks.Add(Damage(inspector));
        }

        bool isReadable = inspector.SchemaVersion == SqliteInspector.KnownSchemaVersion && checks[^1].Status != CheckStatus.Problem;
        if (!isReadable)
        {
            inspector.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        return (checks, isReadable ? inspector : null);
    }

    /// <summary>Looks at a PostgreSQL database, and hands it on where its pipelines can be read.</summary>
    public static async Task<(List<Check> Checks, IStoreInspector? Inspector)> OfServerAsync(
        string connectionString, CancellationToken cancellationToken)
    {
        PostgresInspector inspector;
        try
        {
            inspector = await PostgresInspector.OpenAsync(connectionString, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException failure)
        {
            return ([Check.Problem("database.open", failure.Message, "See that the server runs, that its address is right, and that the user may connect.")], null);
        }
        catch (ArgumentException failure)
        {
            return ([Check.Problem("database.open", failure.Message, "docs/storage.md shows how a database is named.")], null);
        }

        List<Check> checks = OfServer(inspector);
        bool isReadable = inspector.MissingScripts.Count == 0 && inspector.UnknownScripts.Count == 0;
        if (!isReadable)
        {
            await inspector.DisposeAsync().ConfigureAwait(false);
        }

        return (checks, isReadable ? inspector : null);
    }

    /// <summary>What an inspector found out of a server.</summary>
    public static List<Check> OfServer(PostgresInspector found)
    {
        int free = found.ConnectionsMax - found.Connections;
        return
        [
            found.ServerVersion >= PostgresVersionMin
                ? Check.Ok("database.open", $"PostgreSQL {found.ServerVersionText}")
                : Check.Problem("database.open", $"PostgreSQL {found.ServerVersionText} is too old", "Use PostgreSQL 15 or later."),
            found.UnknownScripts.Count > 0
                ? Check.Problem(
                    "database.schema",
                    $"it has the script {found.UnknownScripts[0]}, which this program does not know: a newer one wrote it",
                    "Use that newer version of bamboo.")
                : found.MissingScripts.Count == 0
                    ? Check.Ok("database.schema", "it has every table of the engine in this version")
                    : Check.Warning(
                        "database.schema",
                        $"it lacks the scripts {string.Join(", ", found.MissingScripts)}",
                        "The engine applies them when it opens the database, bamboo-silo migrate for a cluster."),
            !found.SyncsToDisk
                ? Check.Problem("database.durability", "the server runs with fsync = off", "Set fsync = on: without it a crash of the machine loses or damages everything.")
                : found.SynchronousCommit is "off" or "local"
                    ? Check.Problem(
                        "database.durability",
                        $"synchronous_commit is {found.SynchronousCommit}",
                        "Leave it out of the connection string's options: what was acknowledged could be lost.")
                    : Check.Ok("database.durability", $"synchronous_commit is {found.SynchronousCommit}"),
            free < found.PoolSizeMax
                ? Check.Warning(
                    "database.connections",
                    $"{Number(found.Connections)} of {Number(found.ConnectionsMax)} connections are taken, and an engine opens up to {Number(found.PoolSizeMax)}",
                    "Raise max_connections, or lower Maximum Pool Size.")
                : Check.Ok("database.connections", $"{Number(found.Connections)} of {Number(found.ConnectionsMax)} connections are taken"),
            found.ClockAhead.Duration() > ClockWarned
                ? Check.Warning(
                    "clock.server",
                    $"the server's clock is {found.ClockAhead.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s ahead of this machine's",
                    "Keep both by NTP.")
                : Check.Ok("clock.server", "the server's clock is that of this machine"),
            Check.Ok("database.lease", found.Owners.Count == 0 ? "no engine owns it now" : $"owned by {string.Join("; ", found.Owners)}"),
        ];
    }

    public static Check Schema(int version, int known) =>
        version > known
            ? Check.Problem(
                "database.schema",
                $"its schema has version {Number(version)}, and this program knows versions up to {Number(known)}",
                "Use the newer version of bamboo that wrote it.")
            : version < known
                ? Check.Warning(
                    "database.schema",
                    $"its schema has version {Number(version)}; this program makes it {Number(known)} when it opens it",
                    "Nothing needs to be done; an older bamboo cannot open it from then on. Its pipelines are not looked at before.")
                : Check.Ok("database.schema", $"its schema has version {Number(version)}");

    private static List<Check> OfDirectory(string directory, Machine machine)
    {
        if (!Directory.Exists(directory))
        {
            return [Check.Warning("disk.sync", $"there is no directory {directory}", "The engine makes it, where it may.")];
        }

        List<Check> checks = [];
        try
        {
            TimeSpan sync = machine.MeasureSync(directory);
            string text = $"a write takes {sync.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture)} ms until the disk has it";
            checks.Add(sync > SyncWarned
                ? Check.Warning("disk.sync", text, "Each chain of steps waits for one. Use a faster disk, or --store-sync normal where losing the last moment to a power cut is acceptable.")
                : Check.Ok("disk.sync", text));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            checks.Add(Check.Problem(
                "disk.sync", $"nothing can be written in {directory}: {failure.Message}", "Give the user that runs the engine the right to write there: SQLite keeps its log beside the database."));
        }

        try
        {
            long free = machine.FreeBytes(directory);
            string text = $"{Bytes(free)} are free";
            checks.Add(free < FreeBytesMin
                ? Check.Problem("disk.space", text, "Make room, or remove finished pipelines with bamboo purge.")
                : free < FreeBytesWarned
                    ? Check.Warning("disk.space", text, "Make room before it is full; bamboo purge removes finished pipelines.")
                    : Check.Ok("disk.space", text));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            checks.Add(Check.Warning("disk.space", $"the free space is not known: {failure.Message}", "Look at it yourself."));
        }

        return checks;
    }

    private static Check Damage(SqliteInspector inspector)
    {
        try
        {
            return inspector.FindDamage() is not { } damage
                ? Check.Ok("database.pages", "its pages are whole")
                : Check.Problem("database.pages", $"it is damaged: {damage}", "Restore it from a backup.");
        }
        catch (StoreUnavailableException failure)
        {
            return Check.Problem("database.pages", $"it cannot be read: {failure.Message}", "Restore it from a backup.");
        }
    }

    private static bool IsWritable(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Bytes(long bytes) => bytes < Mebibyte
        ? $"{Number(bytes / 1024)} KiB"
        : bytes < 10240 * Mebibyte ? $"{Number(bytes / Mebibyte)} MiB" : $"{Number(bytes / 1024 / Mebibyte)} GiB";
}
