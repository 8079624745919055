using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace BambooOrleans.Server.Http;

/// <summary>Callbacks of outside systems that have no key, but a token for one attempt of one node.</summary>
internal sealed class Callbacks(CallbackTokens tokens, EngineCalls calls, BambooServerOptions options)
{
    private const string OutsideName = "callback token";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/callbacks/{node}/{version}", CallAsync).WithMetadata(Access.Anybody);
        routes.MapPost("/api/v1/callback_tokens", IssueAsync).WithMetadata(new Access(AccessRules.Of("callback")));
    }

    private async Task CallAsync(HttpContext context)
    {
        string node = Read.PathPart(context, 4);
        string version = Read.PathPart(context, 5);
        if (!tokens.IsValid(node, version, Read.Single(context.Request, "token")))
        {
            throw new ProblemException(StatusCodes.Status403Forbidden, "the token is not one for this node and version");
        }

        Value data = await RequestBody.ReadValueAsync(context, options).ConfigureAwait(false);
        await EngineCalls.WriteAsync(context, await calls.AskAsync(
            context,
            EngineDispatcher.Functions["callback"],
            Value.Map(("node_id", node), ("version", version), ("data", data), ("operator", OutsideName)),
            context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task IssueAsync(HttpContext context)
    {
        MapValue body = await RequestBody.ReadMapAsync(context, options).ConfigureAwait(false);
        if (body.Count != 2 || body.GetValueOrDefault("node_id") is not TextValue node || body.GetValueOrDefault("version") is not TextValue version)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, "the body must have node_id and version, both of them text");
        }

        string token = tokens.Of(node.Value, version.Value);
        await EngineCalls.WriteAsync(context, Value.Map(
            ("token", token),
            ("path", $"/api/v1/callbacks/{Uri.EscapeDataString(node.Value)}/{Uri.EscapeDataString(version.Value)}?token={token}"))).ConfigureAwait(false);
    }
}
