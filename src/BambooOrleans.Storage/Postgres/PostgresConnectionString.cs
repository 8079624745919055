using Npgsql;

namespace BambooOrleans.Storage;

/// <summary>
/// Names a PostgreSQL database: <c>postgresql://user:password@host:port/database?option=value</c>, or Npgsql's form
/// <c>Host=…;Database=…;Username=…</c>, whose option names both take.
/// </summary>
public static class PostgresConnectionString
{
    /// <summary>Whether a text names a PostgreSQL database rather than a file.</summary>
    public static bool IsPostgres(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsUrl(text) || text.TrimStart().StartsWith("Host=", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Reads either form. What it does not say gets the values that this engine is tuned for: connections are not reset between uses,
    /// statements are prepared, at most 16 connections, TCP keepalive, commits that wait for the disk.
    /// </summary>
    /// <returns>A connection string for Npgsql.</returns>
    /// <exception cref="ArgumentException">It is no such text; the message says why, and does not repeat a password.</exception>
    public static string Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        NpgsqlConnectionStringBuilder given;
        try
        {
            given = IsUrl(text) ? FromUrl(text) : new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            throw new ArgumentException($"the connection string cannot be read: {failure.Message}", nameof(text), failure);
        }

        if (string.IsNullOrEmpty(given.Host))
        {
            throw new ArgumentException("the connection string names no host", nameof(text));
        }

        // What the caller said is told from a default by the keys that stand in the string.
        NpgsqlConnectionStringBuilder tuned = new(given.ConnectionString);
        Default("No Reset On Close", true);
        Default("Max Auto Prepare", 96);
        Default("Auto Prepare Min Usages", 2);
        Default("Maximum Pool Size", 16);
        Default("TCP Keepalive", true);
        Default("Include Error Detail", true);
        Default("Application Name", "bamboo");
        if (tuned.Multiplexing)
        {
            throw new ArgumentException("the option Multiplexing cannot be used: a commit needs a session of its own", nameof(text));
        }

        tuned.Options = ServerOptions(tuned.Options);
        return tuned.ConnectionString;

        void Default(string key, object value)
        {
            if (!given.ShouldSerialize(key))
            {
                tuned[key] = value;
            }
        }
    }

    /// <summary>The same text without the password, which may stand in either form.</summary>
    /// <exception cref="ArgumentException">It is no such text.</exception>
    public static string WithoutPassword(string text)
    {
        Parse(text);
        if (!IsUrl(text))
        {
            return new NpgsqlConnectionStringBuilder(text) { Password = null }.ConnectionString;
        }

        int user = text.IndexOf("://", StringComparison.Ordinal) + 3;
        int host = text.IndexOf('@', user);
        int colon = text.IndexOf(':', user);
        string url = host > 0 && colon > 0 && colon < host ? text[..colon] + text[host..] : text;
        int query = url.IndexOf('?', StringComparison.Ordinal);
        return query < 0
            ? url
            : (url[..query] + "?" + string.Join('&', url[(query + 1)..].Split('&').Where(option => !IsPassword(option)))).TrimEnd('?');

        static bool IsPassword(string option) =>
            Uri.UnescapeDataString(option.Split('=')[0]).ToUpperInvariant() is "PASSWORD" or "PWD" or "PSW";
    }

    /// <summary>The host, the port and the database, for messages: nothing that is secret.</summary>
    internal static string Describe(string connectionString)
    {
        NpgsqlConnectionStringBuilder builder = new(connectionString);
        return $"the PostgreSQL database {builder.Database ?? builder.Username} at {builder.Host}:{builder.Port}";
    }

    private static bool IsUrl(string text) =>
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase)
        || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    private static NpgsqlConnectionStringBuilder FromUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url))
        {
            throw new FormatException("it is no URL of the form postgresql://user:password@host:port/database");
        }

        NpgsqlConnectionStringBuilder builder = [];
        if (url.Host.Length > 0)
        {
            builder.Host = url.Host.Trim('[', ']');
        }

        if (url.Port > 0)
        {
            builder.Port = url.Port;
        }

        string database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/'));
        if (database.Length > 0)
        {
            builder.Database = database;
        }

        string[] user = url.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
        {
            builder.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length == 2)
        {
            builder.Password = Uri.UnescapeDataString(user[1]);
        }

        foreach (string option in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = option.Split('=', 2);
            builder[Uri.UnescapeDataString(pair[0]).Replace('_', ' ')] = pair.Length == 2 ? Uri.UnescapeDataString(pair[1]) : "";
        }

        return builder;
    }

    /// <summary>
    /// Settings of the sessions, before those that the caller gives, which so win. Statements look rows up by keys, and are
    /// planned once: made while a table is small, a plan that reads all of it would stay when the table has grown.
    /// </summary>
    private static string ServerOptions(string? given) =>
        ("-c synchronous_commit=on -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off " + given).TrimEnd();
}
