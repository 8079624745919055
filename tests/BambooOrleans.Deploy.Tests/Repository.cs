using System.Text.Json;

namespace BambooOrleans.Deploy.Tests;

/// <summary>The files of the repository that these tests read.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Kubernetes => Path.Combine(Root, "deploy", "kubernetes");

    public static JsonElement Settings { get; } =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "silo.json"))).RootElement;

    /// <summary>A setting of silo.json by its name with dots.</summary>
    public static JsonElement Setting(string name)
    {
        JsonElement value = Settings;
        foreach (string part in name.Split('.'))
        {
            Assert.True(value.ValueKind == JsonValueKind.Object && value.TryGetProperty(part, out value), $"silo.json has no setting {name}");
        }

        return value;
    }

    private static string Find()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "BambooOrleans.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("the tests do not lie within the repository");
    }
}
