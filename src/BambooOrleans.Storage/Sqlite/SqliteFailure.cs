using static SQLitePCL.raw;

namespace BambooOrleans.Storage;

/// <summary>A result code of SQLite that is not success; it never leaves this assembly.</summary>
internal sealed class SqliteFailure(int code, string message) : Exception($"{message} (SQLite result {code})")
{
    /// <summary>The code without what the extended code adds.</summary>
    public int PrimaryCode { get; } = code & 0xFF;

    /// <summary>Whether a row contradicts a unique key, a foreign key or a check.</summary>
    public bool IsConstraint => PrimaryCode == SQLITE_CONSTRAINT;

    /// <summary>Whether a row refers to another that is not there.</summary>
    public bool IsForeignKey => code == SQLITE_CONSTRAINT_FOREIGNKEY;
}
