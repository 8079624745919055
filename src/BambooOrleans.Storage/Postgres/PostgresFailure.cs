using System.Net.Sockets;
using Npgsql;

namespace BambooOrleans.Storage;

/// <summary>What a failure of PostgreSQL or of the way to it means.</summary>
internal static class PostgresFailure
{
    /// <summary>Codes that the functions of the schema raise.</summary>
    public const string TakenOver = "BO001";

    public const string NoRoot = "BO002";

    public const string OwnedAlone = "BO003";

    public const string DeliveredAlready = "BO004";

    public const string StatesElsewhere = "BO006";

    /// <summary>Whether a failure is one of the database rather than of this program.</summary>
    public static bool IsOfDatabase(Exception failure) =>
        failure is NpgsqlException or SocketException or IOException or TimeoutException;

    /// <summary>
    /// Whether the server has told that it rolled back. After anything else a transaction may have been committed: the
    /// connection broke, or the server was stopped, before the answer came.
    /// </summary>
    public static bool IsRolledBack(Exception failure, NpgsqlConnection connection) =>
        failure is PostgresException { InvariantSeverity: "ERROR" } && connection.FullState == System.Data.ConnectionState.Open;

    /// <summary>Whether the server chose this transaction to give way to another; repeated, it goes through.</summary>
    public static bool GivesWay(Exception failure) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    /// <summary>Whether the server cannot be reached now, and may be soon.</summary>
    public static bool IsAway(Exception failure) => failure switch
    {
        PostgresException answer => answer.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.TooManyConnections,
        _ => IsOfDatabase(failure),
    };

    /// <summary>What it says, in a sentence for a person.</summary>
    public static string Reason(Exception failure) => failure switch
    {
        PostgresException { Detail: { Length: > 0 } detail } answer => $"{answer.MessageText} ({detail})",
        PostgresException answer => answer.MessageText,
        { InnerException: { } inner } when inner.Message != failure.Message => $"{failure.Message}: {inner.Message}",
        _ => failure.Message,
    };
}
