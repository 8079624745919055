using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace BambooOrleans.Server.Security;

/// <summary>
/// An API key as it is kept: not the key, but its hash. A key is 32 random bytes, so that a plain SHA-256 of it cannot be
/// guessed back, as that of a password could.
/// </summary>
/// <param name="Id">What tells keys apart; part of the key, and no secret.</param>
/// <param name="Name">Whose it is: the journal names it as the operator.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Hash">The hash of the secret, in lower-case hexadecimal.</param>
/// <param name="CreatedTime">When it was made.</param>
/// <param name="RevokedTime">When it was revoked; null while it is good.</param>
public sealed record ApiKey(string Id, string Name, Role Role, string Hash, DateTimeOffset CreatedTime, DateTimeOffset? RevokedTime = null)
{
    /// <summary>What every key starts with.</summary>
    public const string Prefix = "bk_";

    private const string IdLetters = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int IdLength = 8;
    private const int SecretBytes = 32;

    /// <summary>Makes a key.</summary>
    /// <param name="name">Whose it is.</param>
    /// <param name="role">What it may do.</param>
    /// <param name="now">The time.</param>
    /// <returns>What is kept, and the key itself, which is shown once.</returns>
    public static (ApiKey Kept, string Key) Create(string name, Role role, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        string id = RandomNumberGenerator.GetString(IdLetters, IdLength);
        string secret = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(SecretBytes));
        return (new ApiKey(id, name, role, HashOf(secret), now), $"{Prefix}{id}_{secret}");
    }

    /// <summary>Takes a key apart; false where it is none.</summary>
    internal static bool TrySplit(string key, out string id, out string secret)
    {
        (id, secret) = ("", "");
        if (!key.StartsWith(Prefix, StringComparison.Ordinal) || key.Length <= Prefix.Length + IdLength + 1 || key[Prefix.Length + IdLength] != '_')
        {
            return false;
        }

        id = key.Substring(Prefix.Length, IdLength);
        secret = key[(Prefix.Length + IdLength + 1)..];
        return true;
    }

    /// <summary>Whether this is its secret, in a time that does not tell how much of it is right.</summary>
    internal bool Matches(string secret) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash), Encoding.ASCII.GetBytes(HashOf(secret)));

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
