using BambooOrleans.Storage;

namespace BambooOrleans.Cluster;

/// <summary>The scripts of the tables that Orleans' ADO.NET providers use in PostgreSQL (<c>deploy/sql/postgresql/orleans</c>).</summary>
public static class OrleansSchema
{
    /// <summary>The name of their set, among others that a database has.</summary>
    public const string Set = "orleans";

    private const string ResourcePrefix = "postgresql/orleans/";

    /// <summary>The scripts, in the order in which they are applied.</summary>
    public static IReadOnlyList<MigrationScript> Scripts { get; } = Read();

    private static List<MigrationScript> Read()
    {
        List<MigrationScript> scripts = [];
        foreach (string resource in typeof(OrleansSchema).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using StreamReader reader = new(typeof(OrleansSchema).Assembly.GetManifestResourceStream(resource)!);
            scripts.Add(new MigrationScript(resource[ResourcePrefix.Length..^".sql".Length], reader.ReadToEnd()));
        }

        return scripts;
    }
}
