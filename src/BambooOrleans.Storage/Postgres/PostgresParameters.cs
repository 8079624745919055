using Npgsql;
using NpgsqlTypes;

namespace BambooOrleans.Storage;

/// <summary>Parameters by place, of the types of the schema.</summary>
internal static class PostgresParameters
{
    public static NpgsqlParameter Of(long value) => new NpgsqlParameter<long> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    public static NpgsqlParameter Of(bool value) => new NpgsqlParameter<bool> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Boolean };

    public static NpgsqlParameter Of(int? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer };

    public static NpgsqlParameter Of(ReadOnlyMemory<byte> value) =>
        new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bytea };

    public static NpgsqlParameter Of(DateTimeOffset value) =>
        new NpgsqlParameter<DateTime> { TypedValue = Time(value), NpgsqlDbType = NpgsqlDbType.TimestampTz };

    /// <summary>A text that is no id and no key.</summary>
    public static NpgsqlParameter Plain(string value) => new NpgsqlParameter<string> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>An id or a key.</summary>
    public static NpgsqlParameter Id(string value) => Plain(PostgresText.Encode(value));

    /// <summary>An id, a key or a name, which may be none.</summary>
    public static NpgsqlParameter IdOrNull(string? value) =>
        value is null ? new() { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text } : Id(value);

    public static NpgsqlParameter Of(long[] values) => Array(values, NpgsqlDbType.Bigint);

    public static NpgsqlParameter Of(int[] values) => Array(values, NpgsqlDbType.Integer);

    public static NpgsqlParameter Of(bool[] values) => Array(values, NpgsqlDbType.Boolean);

    public static NpgsqlParameter Of(ReadOnlyMemory<byte>[] values) => Array(values, NpgsqlDbType.Bytea);

    public static NpgsqlParameter Of(DateTimeOffset?[] values) =>
        Array(System.Array.ConvertAll(values, value => value is { } time ? Time(time) : (DateTime?)null), NpgsqlDbType.TimestampTz);

    public static NpgsqlParameter Plain(string[] values) => Array(values, NpgsqlDbType.Text);

    public static NpgsqlParameter IdsOrNull(IEnumerable<string?> values) =>
        Array<string?>([.. values.Select(value => value is null ? null : PostgresText.Encode(value))], NpgsqlDbType.Text);

    public static NpgsqlParameter Ids(IEnumerable<string> values) => Plain([.. values.Select(PostgresText.Encode)]);

    private static NpgsqlParameter<T[]> Array<T>(T[] values, NpgsqlDbType type) =>
        new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };

    private static DateTime Time(DateTimeOffset value) => StoredTime.Truncate(value).UtcDateTime;
}
