namespace BambooOrleans.Cluster;

/// <summary>The ADO.NET providers under the names that Orleans gives them, and the assembly that each needs.</summary>
public static class AdoNetInvariants
{
    /// <summary>PostgreSQL; its driver comes with the silo.</summary>
    public const string Npgsql = "Npgsql";

    /// <summary>MySQL with the driver MySqlConnector.</summary>
    public const string MySqlConnector = "MySql.Data.MySqlConnector";

    /// <summary>MySQL with Oracle's driver.</summary>
    public const string MySql = "MySql.Data.MySqlClient";

    /// <summary>SQL Server.</summary>
    public const string SqlServer = "Microsoft.Data.SqlClient";

    /// <summary>The supported names, and the assembly of each one's driver, which must lie beside the silo program.</summary>
    public static IReadOnlyDictionary<string, string> Drivers { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Npgsql] = "Npgsql",
        [MySqlConnector] = "MySqlConnector",
        [MySql] = "MySql.Data",
        [SqlServer] = "Microsoft.Data.SqlClient",
    };
}
