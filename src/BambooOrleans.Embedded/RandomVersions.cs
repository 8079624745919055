using System.Security.Cryptography;
using BambooOrleans.Core.Machines;

namespace BambooOrleans.Embedded;

/// <summary>Versions from random numbers, which are asked of the system for many versions at once. For one thread.</summary>
internal sealed class RandomVersions : IVersionSource
{
    private const int BytesPerVersion = 16;

    private readonly byte[] _random = new byte[256 * BytesPerVersion];
    private int _used;

    public RandomVersions() => _used = _random.Length;

    public string NewVersion()
    {
        if (_used == _random.Length)
        {
            RandomNumberGenerator.Fill(_random);
            _used = 0;
        }

        ReadOnlySpan<byte> bytes = _random.AsSpan(_used, BytesPerVersion);
        _used += BytesPerVersion;
        Span<char> version = stackalloc char[1 + (2 * BytesPerVersion)];
        version[0] = 'v';
        Convert.TryToHexStringLower(bytes, version[1..], out _);
        return new string(version);
    }
}
