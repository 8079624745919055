using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace BambooOrleans.Server.Http;

/// <summary>The way in for one browser: a link that is exchanged for a cookie.</summary>
internal static class LoginPage
{
    public static void Map(IEndpointRouteBuilder routes, LoginLink? login)
    {
        if (login is null)
        {
            return;
        }

        routes.MapGet("/login", context =>
        {
            string? session = Read.Single(context.Request, "token") is { } token ? login.Exchange(token) : null;
            if (session is null)
            {
                throw new ProblemException(
                    StatusCodes.Status401Unauthorized, "this link is not valid, or was used already: it works once. Start the server again for another");
            }

            context.Response.Cookies.Append(LoginLink.Cookie, session, new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Secure = context.Request.IsHttps,
                Path = "/",
                MaxAge = LoginLink.Lifetime,
                IsEssential = true,
            });

            // The address with the token is not to stay in the browser's bar.
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = "/";
            return Task.CompletedTask;
        }).WithMetadata(Access.Anybody);
    }
}
