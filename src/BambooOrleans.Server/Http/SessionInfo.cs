using System.Reflection;
using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace BambooOrleans.Server.Http;

/// <summary>Who is asking, and what there is: <c>GET /api/v1/session</c>.</summary>
internal static class SessionInfo
{
    /// <summary>The version of the program, without what it was built from.</summary>
    public static string Version { get; } =
        (Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];

    public static void Map(IEndpointRouteBuilder routes, bool hasCallbackTokens) => routes.MapGet("/api/v1/session", context =>
    {
        if (context.Request.Query.Keys.FirstOrDefault() is { } name)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, $"there is no parameter {((Value)name).ToJson()}");
        }

        Caller caller = RequestGate.CallerOf(context);
        return EngineCalls.WriteAsync(context, Value.Map(
            ("result", true),
            ("message", "success"),
            ("data", Value.Map(
                ("operator", caller.Name),
                ("role", caller.Role.Name()),
                ("version", Version),
                ("callback_tokens", hasCallbackTokens))),
            ("code", Value.Null)));
    }).WithMetadata(new Access(Role.Viewer));
}
