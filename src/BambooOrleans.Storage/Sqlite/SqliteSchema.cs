using System.Globalization;
using static SQLitePCL.raw;

namespace BambooOrleans.Storage;

/// <summary>
/// The tables, and how a database of an older version becomes one of this version. A database says that it is a store by
/// its application id, and which version it has by the one row of the table <c>schema</c>.
/// </summary>
/// <remarks>
/// Records are rowid tables with a unique index, not clustered ones: an update of a row touches one page, an insert
/// appends, and large payloads do not fill the pages that are searched. Against a clustered table, updates measured the
/// same at payloads of 500 bytes and twice the rate at 1.5 KB; a payload written again unchanged costs no write at all.
/// Times are microseconds (<see cref="StoredTime"/>).
/// A pipeline that was removed keeps its row, marked, until all other rows of it are gone. The table <c>numbering</c> has where numbers
/// go on at least, because what was removed leaves no rows to count from.
/// </remarks>
internal static class SqliteSchema
{
    /// <summary>Reads the position that the journal's next turn gets.</summary>
    public const string NextPosition = """
        SELECT max(coalesce((SELECT position + turns FROM journal ORDER BY position DESC LIMIT 1), 1), next_position)
        FROM numbering
        """;

    /// <summary>"BmbO" in the header of the file.</summary>
    public const int ApplicationId = 0x426D624F;

    /// <summary>What makes version n of version n - 1, from version 1 on. An entry never changes once it was released.</summary>
    public static readonly IReadOnlyList<string> Migrations =
    [
        """
        CREATE TABLE schema (version INTEGER NOT NULL) STRICT;
        INSERT INTO schema (version) VALUES (0);

        CREATE TABLE pipelines (
            root     INTEGER PRIMARY KEY,
            root_id  TEXT NOT NULL UNIQUE,
            state    TEXT NOT NULL,
            created  INTEGER NOT NULL,
            archived INTEGER
        ) STRICT;
        CREATE INDEX pipelines_unfinished ON pipelines (root, root_id) WHERE archived IS NULL;

        CREATE TABLE trees (
            root    INTEGER PRIMARY KEY REFERENCES pipelines,
            tree    BLOB NOT NULL,
            options BLOB NOT NULL
        ) STRICT;

        CREATE TABLE claims (id TEXT PRIMARY KEY, root INTEGER NOT NULL REFERENCES pipelines) STRICT, WITHOUT ROWID;

        CREATE TABLE scopes (
            root INTEGER NOT NULL REFERENCES pipelines, key TEXT NOT NULL, payload BLOB NOT NULL, UNIQUE (root, key)) STRICT;
        CREATE TABLE tokens (
            root INTEGER NOT NULL REFERENCES pipelines, key TEXT NOT NULL, payload BLOB NOT NULL, UNIQUE (root, key)) STRICT;
        CREATE TABLE nodes (
            root INTEGER NOT NULL REFERENCES pipelines, key TEXT NOT NULL, payload BLOB NOT NULL, UNIQUE (root, key)) STRICT;
        CREATE TABLE data (
            root INTEGER NOT NULL REFERENCES pipelines, key TEXT NOT NULL, payload BLOB NOT NULL, UNIQUE (root, key)) STRICT;
        CREATE TABLE context (
            root INTEGER NOT NULL REFERENCES pipelines, key TEXT NOT NULL, payload BLOB NOT NULL, UNIQUE (root, key)) STRICT;
        CREATE TABLE raw_inputs (
            root INTEGER NOT NULL REFERENCES pipelines, key TEXT NOT NULL, payload BLOB NOT NULL, UNIQUE (root, key)) STRICT;

        CREATE TABLE histories (
            root     INTEGER NOT NULL REFERENCES pipelines,
            node_id  TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            loop     INTEGER NOT NULL,
            payload  BLOB NOT NULL,
            UNIQUE (root, node_id, sequence)
        ) STRICT;

        CREATE TABLE journal (
            position INTEGER PRIMARY KEY,
            turns    INTEGER NOT NULL,
            root     INTEGER NOT NULL REFERENCES pipelines,
            payload  BLOB NOT NULL
        ) STRICT;
        CREATE INDEX journal_by_root ON journal (root);
        """,
        """
        ALTER TABLE pipelines ADD COLUMN removed INTEGER;
        CREATE INDEX pipelines_archived ON pipelines (archived, root) WHERE archived IS NOT NULL;
        CREATE INDEX pipelines_removed ON pipelines (root) WHERE removed IS NOT NULL;
        CREATE INDEX claims_by_root ON claims (root);

        CREATE TABLE numbering (next_root INTEGER NOT NULL, next_position INTEGER NOT NULL) STRICT;
        INSERT INTO numbering (next_root, next_position) VALUES (1, 1);
        """,

        // Of pipelines that are there already, other letters than those of ASCII keep their case for searches.
        """
        ALTER TABLE pipelines ADD COLUMN name TEXT;
        ALTER TABLE pipelines ADD COLUMN id_folded TEXT NOT NULL DEFAULT '';
        ALTER TABLE pipelines ADD COLUMN name_folded TEXT;
        UPDATE pipelines SET name = (
            SELECT CASE
                WHEN json_valid(CAST(tree AS TEXT)) AND json_type(CAST(tree AS TEXT), '$.name') = 'text'
                THEN substr(json_extract(CAST(tree AS TEXT), '$.name'), 1, 500) END
            FROM trees WHERE trees.root = pipelines.root);
        UPDATE pipelines SET id_folded = upper(root_id), name_folded = upper(name);
        CREATE INDEX pipelines_by_time ON pipelines (created, root_id) WHERE removed IS NULL;
        CREATE INDEX pipelines_of_state ON pipelines (state, created, root_id) WHERE removed IS NULL;
        """,
        """
        ALTER TABLE pipelines ADD COLUMN has_secrets INTEGER NOT NULL DEFAULT 0;
        """,
    ];

    /// <summary>Makes sure that a database is a store, or empty and so may become one; changes nothing.</summary>
    /// <exception cref="StoreUnavailableException">It is something else.</exception>
    public static void RequireStoreOrEmpty(SqliteDatabase database, string path) => ReadVersion(database, path);

    /// <summary>Brings a store to the last version of <paramref name="migrations"/>, all of the way or not at all.</summary>
    /// <param name="database">The database.</param>
    /// <param name="path">Its file, for messages.</param>
    /// <param name="migrations">The migrations, <see cref="Migrations"/> but in tests.</param>
    /// <exception cref="StoreUnavailableException">It is no store, or one of a newer version; it was left as it is.</exception>
    public static void Migrate(SqliteDatabase database, string path, IReadOnlyList<string> migrations)
    {
        int version = ReadVersion(database, path);
        if (version > migrations.Count)
        {
            throw new StoreUnavailableException(
                "store.newer-schema",
                $"{path} has schema version {version}, and this program knows versions up to {migrations.Count}: it was written by a newer one");
        }

        if (version == migrations.Count)
        {
            return;
        }

        database.Execute("BEGIN IMMEDIATE");
        try
        {
            for (int next = version; next < migrations.Count; next++)
            {
                database.Execute(migrations[next]);
            }

            database.Execute($"PRAGMA application_id = {ApplicationId}");
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"UPDATE schema SET version = {migrations.Count}"));
            database.Execute("COMMIT");
        }
        catch
        {
            if (database.InTransaction)
            {
                database.Execute("ROLLBACK");
            }

            throw;
        }
    }

    /// <summary>The version of a store; 0 for an empty database, which may become one.</summary>
    /// <exception cref="StoreUnavailableException">It is something else.</exception>
    public static int ReadVersion(SqliteDatabase database, string path)
    {
        try
        {
            int applicationId = int.Parse(database.QueryText("PRAGMA application_id")!, CultureInfo.InvariantCulture);
            bool isEmpty = database.QueryText("SELECT count(*) FROM sqlite_schema") == "0";
            if (applicationId == 0 && isEmpty)
            {
                return 0;
            }

            bool hasVersion = database.QueryText("SELECT count(*) FROM sqlite_schema WHERE name = 'schema'") == "1";
            if (applicationId != ApplicationId || !hasVersion
                || !int.TryParse(database.QueryText("SELECT max(version) FROM schema"), CultureInfo.InvariantCulture, out int version))
            {
                throw NoStore(path, "it is a database of another application");
            }

            return version;
        }
        catch (SqliteFailure failure) when (failure.PrimaryCode == SQLITE_NOTADB)
        {
            throw NoStore(path, "the file is no SQLite database", failure);
        }
    }

    private static StoreUnavailableException NoStore(string path, string reason, Exception? cause = null) =>
        new("store.not-a-store", $"{path} is no store of this engine: {reason}; it was left as it is", cause);
}
