using System.Text.Json;
using System.Text.Json.Serialization;

namespace BambooOrleans.Cluster;

/// <summary>What the processes of one cluster have to agree on, and the ports of this one: the content of <c>silo.json</c>.</summary>
public sealed record ClusterSettings
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        AllowDuplicateProperties = false,
        NumberHandling = JsonNumberHandling.Strict,
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Silos and clients with the same cluster id find each other.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Names the service in storage; it outlives the clusters that serve it.</summary>
    public required string ServiceId { get; init; }

    /// <summary>The port on which silos talk to this one.</summary>
    public required int SiloPort { get; init; }

    /// <summary>The port on which clients talk to this one.</summary>
    public required int GatewayPort { get; init; }

    /// <summary>Reads the settings from a file; a file that says anything else, or too little, is refused.</summary>
    /// <exception cref="InvalidDataException">The file is no such settings; the message says where and why.</exception>
    public static ClusterSettings Read(string path)
    {
        ClusterSettings? settings;
        try
        {
            using FileStream file = File.OpenRead(path);
            settings = JsonSerializer.Deserialize<ClusterSettings>(file, Strict);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }

        if (settings is null)
        {
            throw new InvalidDataException($"{path}: null is no settings.");
        }

        RequireName(path, "clusterId", settings.ClusterId);
        RequireName(path, "serviceId", settings.ServiceId);
        RequirePort(path, "siloPort", settings.SiloPort);
        RequirePort(path, "gatewayPort", settings.GatewayPort);
        return settings;
    }

    private static void RequireName(string path, string setting, string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new InvalidDataException($"{path}: {setting} is empty.");
        }
    }

    private static void RequirePort(string path, string setting, int value)
    {
        if (value is < 1 or > 65535)
        {
            throw new InvalidDataException($"{path}: {setting} is {value}, which is no port.");
        }
    }
}
