using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace BambooOrleans.Server.Http;

/// <summary>Finds out who makes a request.</summary>
internal sealed class Authenticator(BambooServerOptions options, ApiKeyRing keys, JwtVerifier? tokens, LoginLink? login)
{
    private const string Scheme = "Bearer ";

    // Without authentication whoever reaches loopback may do all; nobody vouches for a name.
    private static readonly Caller Local = new(null, Role.Admin, "local", IsBrowser: false);

    /// <summary>Who it is; null for somebody without a credential.</summary>
    /// <exception cref="ProblemException">The credential is none that is good.</exception>
    public async Task<Caller?> IdentifyAsync(HttpContext context)
    {
        if (!options.HasAuthentication)
        {
            return Local;
        }

        StringValues header = context.Request.Headers.Authorization;
        if (header.Count > 0)
        {
            return header is [{ } text] && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                && await OfBearerAsync(text[Scheme.Length..].Trim()).ConfigureAwait(false) is { } caller
                ? caller
                : throw Refused();
        }

        // A stale cookie is as good as none: the page has to be able to say so.
        return login is not null && context.Request.Cookies.TryGetValue(LoginLink.Cookie, out string? session) && login.Holds(session)
            ? new Caller(Environment.UserName, Role.Admin, "browser", IsBrowser: true)
            : null;
    }

    private async Task<Caller?> OfBearerAsync(string bearer)
    {
        if (bearer.StartsWith(ApiKey.Prefix, StringComparison.Ordinal))
        {
            return keys.Find(bearer) is { } key ? new Caller(key.Name, key.Role, $"key:{key.Id}", IsBrowser: false) : null;
        }

        return tokens is null ? null : await tokens.VerifyAsync(bearer).ConfigureAwait(false);
    }

    // The same for each reason: what is wrong with a credential is of use to who guesses.
    private static ProblemException Refused() => new(StatusCodes.Status401Unauthorized, "the key or token is not valid");
}
