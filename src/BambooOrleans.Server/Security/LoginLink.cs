using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace BambooOrleans.Server.Security;

/// <summary>A token that lets one browser in, once: it is exchanged for a cookie, and is worth nothing afterwards.</summary>
internal sealed class LoginLink(TimeProvider time)
{
    public const string Cookie = "bamboo_session";

    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly Lock _lock = new();
    private byte[]? _token;
    private byte[]? _session;
    private DateTimeOffset _end;

    /// <summary>Makes the token; one that was made before is worth nothing from now on.</summary>
    public string Issue()
    {
        string token = NewSecret();
        lock (_lock)
        {
            _token = Hash(token);
        }

        return token;
    }

    /// <summary>The cookie that a token is exchanged for; null where it is wrong, or was used.</summary>
    public string? Exchange(string token)
    {
        lock (_lock)
        {
            if (_token is null || !CryptographicOperations.FixedTimeEquals(_token, Hash(token)))
            {
                return null;
            }

            string session = NewSecret();
            (_token, _session, _end) = (null, Hash(session), time.GetUtcNow() + Lifetime);
            return session;
        }
    }

    /// <summary>Whether a cookie is one that was given out and has not expired.</summary>
    public bool Holds(string session)
    {
        lock (_lock)
        {
            return _session is not null && time.GetUtcNow() < _end && CryptographicOperations.FixedTimeEquals(_session, Hash(session));
        }
    }

    private static string NewSecret() => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
