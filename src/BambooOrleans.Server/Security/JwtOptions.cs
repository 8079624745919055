namespace BambooOrleans.Server.Security;

/// <summary>How bearer tokens of an identity provider are verified. They must be signed, unexpired, and carry a role.</summary>
public sealed record JwtOptions
{
    /// <summary>The keys that sign: a JSON Web Key Set, or the PEM of public keys or certificates. Secrets (<c>oct</c>) are taken from a key set.</summary>
    public required string KeyFile { get; init; }

    /// <summary>Who must have issued a token (<c>iss</c>).</summary>
    public required string Issuer { get; init; }

    /// <summary>Whom a token must be for (<c>aud</c>).</summary>
    public required string Audience { get; init; }

    /// <summary>The claim that has the role: text, or a list in which the highest role counts.</summary>
    public string RoleClaim { get; init; } = "role";

    /// <summary>The claim that has the name for the journal.</summary>
    public string NameClaim { get; init; } = "sub";
}
