using System.Buffers;
using System.Text;
using SQLitePCL;
using static SQLitePCL.raw;

namespace BambooOrleans.Storage;

/// <summary>A prepared statement. Parameters count from 1, columns from 0, as in SQLite.</summary>
internal sealed class SqliteStatement : IDisposable
{
    /// <summary>Bound values above this many bytes are let go after the run, rather than kept until the next.</summary>
    private const int KeptBindingBytesMax = 64 * 1024;

    private readonly SqliteDatabase _database;
    private readonly sqlite3_stmt _handle;
    private bool _bindingsAreLarge;

    public SqliteStatement(SqliteDatabase database, string sql, bool keep)
    {
        _database = database;
        _handle = database.Compile(sql, keep);
    }

    public SqliteStatement Bind(int parameter, long value)
    {
        _database.Check(sqlite3_bind_int64(_handle, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, long? value)
    {
        _database.Check(value is { } number
            ? sqlite3_bind_int64(_handle, parameter, number)
            : sqlite3_bind_null(_handle, parameter));
        return this;
    }

    public SqliteStatement Bind(int parameter, string value)
    {
        if (value.Length == 0)
        {
            _database.Check(sqlite3_bind_text(_handle, parameter, "")); // an empty span would be bound as NULL
            return this;
        }

        byte[]? rented = null;
        int bytesMax = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> buffer = bytesMax <= 512 ? stackalloc byte[512] : (rented = ArrayPool<byte>.Shared.Rent(bytesMax));
        int bytes = Encoding.UTF8.GetBytes(value, buffer);
        int code = sqlite3_bind_text(_handle, parameter, buffer[..bytes]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        _database.Check(code);
        return this;
    }

    public SqliteStatement BindOrNull(int parameter, string? value)
    {
        if (value is not null)
        {
            return Bind(parameter, value);
        }

        _database.Check(sqlite3_bind_null(_handle, parameter));
        return this;
    }

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        _bindingsAreLarge |= value.Length > KeptBindingBytesMax;
        _database.Check(value.IsEmpty
            ? sqlite3_bind_zeroblob(_handle, parameter, 0) // an empty span would be bound as NULL
            : sqlite3_bind_blob(_handle, parameter, value));
        return this;
    }

    /// <summary>Goes to the next row; false where there is none. <see cref="Reset"/> has to follow the last one wanted.</summary>
    public bool Step()
    {
        int code = sqlite3_step(_handle);
        return code switch
        {
            SQLITE_ROW => true,
            SQLITE_DONE => false,
            _ => throw Failed(code),
        };
    }

    /// <summary>Runs a statement that gives no rows, and makes it ready for the next run.</summary>
    public void Run()
    {
        int code = sqlite3_step(_handle);
        if (code != SQLITE_DONE)
        {
            throw Failed(code);
        }

        Reset();
    }

    /// <summary>Ends a run. A statement left at a row would pin the snapshot that it reads.</summary>
    public void Reset()
    {
        sqlite3_reset(_handle);
        if (_bindingsAreLarge)
        {
            sqlite3_clear_bindings(_handle);
            _bindingsAreLarge = false;
        }
    }

    public long Integer(int column) => sqlite3_column_int64(_handle, column);

    public long? IntegerOrNull(int column) =>
        sqlite3_column_type(_handle, column) == SQLITE_NULL ? null : sqlite3_column_int64(_handle, column);

    /// <summary>A text, whole: read by its length, because it may hold a NUL.</summary>
    public string Text(int column) => Encoding.UTF8.GetString(sqlite3_column_blob(_handle, column));

    public string? TextOrNull(int column) => sqlite3_column_type(_handle, column) == SQLITE_NULL ? null : Text(column);

    public byte[] Bytes(int column) => sqlite3_column_blob(_handle, column).ToArray();

    public void Dispose() => _handle.Dispose();

    private SqliteFailure Failed(int code)
    {
        SqliteFailure failure = _database.Failure(code); // the message is gone after the reset
        Reset();
        return failure;
    }
}
