namespace BambooOrleans.Server.Security;

/// <summary>The keys that a server takes. A file is read again when it has changed, so that a revoked key is refused at once.</summary>
internal sealed class ApiKeyRing
{
    private readonly string? _file;
    private readonly IReadOnlyList<ApiKey> _own;
    private readonly Lock _lock = new();
    private (DateTime Written, long Length) _seen;
    private Dictionary<string, ApiKey> _keys = [];

    /// <exception cref="ServerException">The file cannot be read.</exception>
    public ApiKeyRing(string? file, IReadOnlyList<ApiKey> own)
    {
        _file = file;
        _own = own;
        Reload(Stamp());
    }

    /// <summary>How many keys are good.</summary>
    public int Count => Current().Values.Count(key => key.RevokedTime is null);

    /// <summary>The key that a text is; null where it is none, or is revoked.</summary>
    /// <exception cref="ServerException">The file cannot be read.</exception>
    public ApiKey? Find(string text) =>
        ApiKey.TrySplit(text, out string id, out string secret) && Current().TryGetValue(id, out ApiKey? key) && key.Matches(secret)
            && key.RevokedTime is null
            ? key
            : null;

    private Dictionary<string, ApiKey> Current()
    {
        (DateTime Written, long Length) stamp = Stamp();
        lock (_lock)
        {
            if (stamp != _seen)
            {
                Reload(stamp);
            }

            return _keys;
        }
    }

    private (DateTime Written, long Length) Stamp()
    {
        var info = _file is null ? null : new FileInfo(_file);
        return info is { Exists: true } ? (info.LastWriteTimeUtc, info.Length) : default;
    }

    private void Reload((DateTime Written, long Length) stamp)
    {
        var keys = new Dictionary<string, ApiKey>(StringComparer.Ordinal);
        foreach (ApiKey key in (_file is null ? [] : ApiKeyFile.Read(_file)).Concat(_own))
        {
            keys[key.Id] = key;
        }

        (_keys, _seen) = (keys, stamp);
    }
}
