using System.Globalization;
using System.Text.Json;

namespace BambooOrleans.Server.Security;

/// <summary>
/// A file of API keys: <c>{"keys": [{"id", "name", "role", "hash", "created_time", "revoked_time"}]}</c>. It is written whole
/// under another name and then renamed, so that who reads it sees the old keys or the new ones.
/// </summary>
public static class ApiKeyFile
{
    private const string FileCode = "server.key-file";

    /// <summary>The keys of a file; none where there is no file.</summary>
    /// <exception cref="ServerException">The file cannot be read, or is no file of keys.</exception>
    public static IReadOnlyList<ApiKey> Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            if (!File.Exists(path))
            {
                return [];
            }

            return Value.ParseJson(File.ReadAllText(path)) is MapValue map && map.TryGetValue("keys", out Value? keys) && keys is ListValue list
                ? [.. list.Select((item, index) => ReadKey(path, item, index))]
                : throw new ServerException("server.key-file", $"{path} is no file of keys: it must be an object with a list keys");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ServerException("server.key-file", $"the keys {path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Makes a key and adds it.</summary>
    /// <returns>The key, which is nowhere else.</returns>
    /// <exception cref="ServerException">The file cannot be read or written.</exception>
    public static (ApiKey Kept, string Key) Add(string path, string name, Role role, DateTimeOffset now)
    {
        (ApiKey kept, string key) = ApiKey.Create(name, role, now);
        Change(path, keys => [.. keys, kept]);
        return (kept, key);
    }

    /// <summary>Revokes a key for good. Servers that use the file refuse it from their next request on.</summary>
    /// <exception cref="NotFoundException">There is no such key.</exception>
    /// <exception cref="ServerException">The file cannot be read or written.</exception>
    public static ApiKey Revoke(string path, string id, DateTimeOffset now)
    {
        ApiKey? revoked = null;
        Change(path, keys => [.. keys.Select(key => key.Id == id ? revoked = key with { RevokedTime = key.RevokedTime ?? now } : key)]);
        return revoked ?? throw new NotFoundException($"there is no key {id} in {path}");
    }

    private static void Change(string path, Func<IReadOnlyList<ApiKey>, IReadOnlyList<ApiKey>> change)
    {
        try
        {
            string full = Path.GetFullPath(path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);

            // One writer at a time: of two that read the same keys the later one would lose the other's change.
            using var turn = new FileStream(full + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            string text = ValueJson.ToText(Value.Map(("keys", Value.List(change(Read(full)).Select(Write)))), indented: true);
            string made = full + ".new";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var writer = new StreamWriter(made, options))
            {
                writer.Write(text);
            }

            File.Move(made, full, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ServerException(FileCode, $"the keys {path} cannot be written: {failure.Message}", failure);
        }
    }

    private static Value Write(ApiKey key) => Value.Map(
        ("id", key.Id),
        ("name", key.Name),
        ("role", key.Role.Name()),
        ("hash", key.Hash),
        ("created_time", ApiTime.Text(key.CreatedTime)),
        ("revoked_time", ApiTime.Text(key.RevokedTime)));

    private static ApiKey ReadKey(string path, Value item, int index)
    {
        string? Member(string name) =>
            item is MapValue map && map.TryGetValue(name, out Value? value) && value is TextValue text ? text.Value : null;

        ServerException Wrong(string name, string expected) =>
            new("server.key-file", string.Create(CultureInfo.InvariantCulture, $"{path}: keys[{index}].{name} must be {expected}"));

        DateTimeOffset? Time(string name) => Member(name) is not { } text ? null
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time
            : throw Wrong(name, "a time");

        return new ApiKey(
            Member("id") ?? throw Wrong("id", "text"),
            Member("name") ?? throw Wrong("name", "text"),
            Roles.TryParse(Member("role"), out Role role) ? role : throw Wrong("role", "viewer, operator or admin"),
            Member("hash") ?? throw Wrong("hash", "text"),
            Time("created_time") ?? throw Wrong("created_time", "a time"),
            Time("revoked_time"));
    }
}
