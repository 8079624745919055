using System.Reflection;
using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace BambooOrleans.Server.Http;

/// <summary>The page at <c>/</c>, a list of pipelines, and the way in for one browser.</summary>
internal static class StatusPage
{
    public static void Map(IEndpointRouteBuilder routes, LoginLink? login)
    {
        MapFile(routes, "/", "status.html", "text/html; charset=utf-8");
        MapFile(routes, "/status.js", "status.js", "text/javascript; charset=utf-8");
        MapFile(routes, "/status.css", "status.css", "text/css; charset=utf-8");
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

    private static void MapFile(IEndpointRouteBuilder routes, string path, string file, string type)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"status/{file}")
            ?? throw new InvalidOperationException($"the file {file} is not in the assembly");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        routes.MapGet(path, context =>
        {
            context.Response.ContentType = type;
            context.Response.ContentLength = content.Length;
            return context.Response.Body.WriteAsync(content, context.RequestAborted).AsTask();
        }).WithMetadata(Access.Anybody);
    }
}
