using SQLitePCL;
using static SQLitePCL.raw;

namespace BambooOrleans.Storage;

/// <summary>
/// One connection to a database file, for one thread at a time. It speaks to SQLite's own API because a commit needs what
/// ADO.NET does not give: binding spans without a copy or a box per value, texts with a NUL in them, and knowing for
/// certain whether a transaction is still open after a failure.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly List<SqliteStatement> _statements = [];
    private readonly sqlite3 _handle;

    static SqliteDatabase() => Batteries_V2.Init();

    /// <summary>Opens a file, which is created where it is missing.</summary>
    public SqliteDatabase(string path)
        : this(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
    {
    }

    private SqliteDatabase(string path, int mode)
    {
        // NOMUTEX: whoever holds a connection has it alone.
        int code = sqlite3_open_v2(path, out _handle, mode | SQLITE_OPEN_NOMUTEX, null);
        if (code != SQLITE_OK)
        {
            string message = sqlite3_errstr(code).utf8_to_string();
            _handle.Dispose();
            throw new SqliteFailure(code, message);
        }

        sqlite3_extended_result_codes(_handle, 1);
        sqlite3_busy_timeout(_handle, 5000);
    }

    /// <summary>
    /// Opens a file to look at it, and leaves no trace beside it. Where it has no log, SQLite is told that it does not change, as it
    /// would make one otherwise; who opens it meanwhile is not seen.
    /// </summary>
    public static SqliteDatabase OpenToRead(string path)
    {
        bool hasLog = new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };
        string name = Path.GetFullPath(path)
            .Replace("%", "%25", StringComparison.Ordinal).Replace("?", "%3f", StringComparison.Ordinal).Replace("#", "%23", StringComparison.Ordinal);
        return new SqliteDatabase($"file:{name}{(hasLog ? "" : "?immutable=1")}", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    }

    /// <summary>Whether a transaction is open. SQLite closes one by itself on some failures, but not on all.</summary>
    public bool InTransaction => sqlite3_get_autocommit(_handle) == 0;

    /// <summary>How many rows the last insert, update or delete touched.</summary>
    public int Changes => sqlite3_changes(_handle);

    /// <summary>Runs statements that give no rows anyone wants.</summary>
    public void Execute(string sql) => Check(sqlite3_exec(_handle, sql));

    /// <summary>Runs a statement and gives the first column of its first row; null where it has none.</summary>
    public string? QueryText(string sql)
    {
        using SqliteStatement statement = new(this, sql, keep: false);
        return statement.Step() ? statement.Text(0) : null;
    }

    /// <summary>Prepares a statement that lives as long as the connection.</summary>
    public SqliteStatement Prepare(string sql)
    {
        SqliteStatement statement = new(this, sql, keep: true);
        _statements.Add(statement);
        return statement;
    }

    public void Dispose()
    {
        foreach (SqliteStatement statement in _statements)
        {
            statement.Dispose();
        }

        _handle.Dispose();
    }

    internal sqlite3_stmt Compile(string sql, bool keep)
    {
        Check(sqlite3_prepare_v3(_handle, sql, keep ? (uint)SQLITE_PREPARE_PERSISTENT : 0, out sqlite3_stmt handle));
        return handle;
    }

    internal void Check(int code)
    {
        if (code != SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    internal SqliteFailure Failure(int code) => new(code, sqlite3_errmsg(_handle).utf8_to_string());
}
