using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace BambooOrleans.Server.Security;

/// <summary>
/// Tokens with which an outside system calls one attempt of one node back, and can do nothing else. Nothing of them is kept: a
/// token is the HMAC-SHA256 of node and version.
/// </summary>
public sealed class CallbackTokens
{
    /// <summary>The fewest bytes that a secret may have.</summary>
    public const int SecretBytesMin = 32;

    private readonly byte[] _secret;

    /// <summary>Tokens of a secret.</summary>
    /// <exception cref="ServerException">The secret is too short.</exception>
    public CallbackTokens(ReadOnlyMemory<byte> secret)
    {
        if (secret.Length < SecretBytesMin)
        {
            throw new ServerException("server.callback-secret", $"the secret of callback tokens must have at least {SecretBytesMin} bytes, but has {secret.Length}");
        }

        _secret = secret.ToArray();
    }

    /// <summary>The token of one attempt of a node.</summary>
    public string Of(string nodeId, string version)
    {
        ArgumentNullException.ThrowIfNull(nodeId);
        ArgumentNullException.ThrowIfNull(version);

        // The length of the first keeps ("a", "bc") and ("ab", "c") apart.
        byte[] node = Encoding.UTF8.GetBytes(nodeId);
        byte[] text = new byte[sizeof(int) + node.Length + Encoding.UTF8.GetByteCount(version)];
        BinaryPrimitives.WriteInt32BigEndian(text, node.Length);
        node.CopyTo(text, sizeof(int));
        Encoding.UTF8.GetBytes(version, text.AsSpan(sizeof(int) + node.Length));
        return WebEncoders.Base64UrlEncode(HMACSHA256.HashData(_secret, text));
    }

    /// <summary>Whether a token is that of this attempt of this node.</summary>
    public bool IsValid(string nodeId, string version, string? token) =>
        token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(nodeId, version)), Encoding.UTF8.GetBytes(token));
}
