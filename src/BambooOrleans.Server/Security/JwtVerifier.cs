using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BambooOrleans.Server.Security;

/// <summary>Verifies JSON Web Tokens.</summary>
internal sealed class JwtVerifier
{
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _demands;
    private readonly JwtOptions _options;

    /// <exception cref="ServerException">The keys cannot be read.</exception>
    public JwtVerifier(JwtOptions options, TimeProvider time)
    {
        _options = options;
        _demands = new TokenValidationParameters
        {
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            IssuerSigningKeys = ReadKeys(options.KeyFile),
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.Zero,
            LifetimeValidator = (notBefore, expires, _, _) =>
                expires > time.GetUtcNow().UtcDateTime && !(notBefore > time.GetUtcNow().UtcDateTime),
        };
    }

    /// <summary>Who a token stands for; null where it is not to be trusted, or has no name or role.</summary>
    public async Task<Caller?> VerifyAsync(string token)
    {
        TokenValidationResult result = await _handler.ValidateTokenAsync(token, _demands).ConfigureAwait(false);
        if (!result.IsValid || result.ClaimsIdentity.FindFirst(_options.NameClaim)?.Value is not { Length: > 0 } name)
        {
            return null;
        }

        Role? highest = null;
        foreach (Claim claim in result.ClaimsIdentity.FindAll(_options.RoleClaim))
        {
            if (Roles.TryParse(claim.Value, out Role role) && !(highest > role))
            {
                highest = role;
            }
        }

        return highest is { } found ? new Caller(name, found, $"jwt:{name}", IsBrowser: false) : null;
    }

    private static IReadOnlyList<SecurityKey> ReadKeys(string path)
    {
        try
        {
            string text = File.ReadAllText(path);
            IReadOnlyList<SecurityKey> keys = text.TrimStart().StartsWith('{') ? [.. new JsonWebKeySet(text).GetSigningKeys()] : [ReadPem(text)];
            return keys.Count > 0 ? keys : throw new ServerException("server.jwt-keys", $"{path} has no key that could sign tokens");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            throw new ServerException("server.jwt-keys", $"the keys of tokens {path} cannot be read: {failure.Message}", failure);
        }
    }

    private static SecurityKey ReadPem(string pem)
    {
        if (pem.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal))
        {
            return new X509SecurityKey(System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(pem));
        }

        try
        {
            var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return new RsaSecurityKey(rsa);
        }
        catch (CryptographicException)
        {
            var curve = ECDsa.Create();
            curve.ImportFromPem(pem);
            return new ECDsaSecurityKey(curve);
        }
    }
}
