using System.Net;
using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Server.Http;

/// <summary>
/// What every request passes: headers that browsers obey, who makes it, how often, and whether it may. Whatever goes wrong behind
/// it is answered here, so that no failure shows more than it should.
/// </summary>
internal sealed partial class RequestGate(BambooServerOptions options, Authenticator authenticator, RequestRates rates, ILogger logger)
{
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; worker-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly bool _isLoopback = options.Listen.All(at => BambooServer.IsLoopback(at.Address));

    /// <summary>Who makes a request that has passed.</summary>
    public static Caller CallerOf(HttpContext context) => (Caller)context.Items[typeof(Caller)]!;

    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        SetHeaders(context.Response.Headers);
        try
        {
            await CheckAsync(context).ConfigureAwait(false);
            await next(context).ConfigureAwait(false);

            // Routing's own refusals have no body.
            if (context.Response is { HasStarted: false, StatusCode: >= 400 } response)
            {
                await new ProblemException(response.StatusCode, response.StatusCode switch
                {
                    StatusCodes.Status404NotFound => "there is nothing at this path; /api/v1/openapi.json lists what there is",
                    StatusCodes.Status405MethodNotAllowed => $"this path does not take {MethodOf(context)}, but {response.Headers.Allow}",
                    _ => "the request cannot be taken",
                }).WriteAsync(context).ConfigureAwait(false);
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception failure) when (context.Response.HasStarted)
        {
            LogFailure(context.TraceIdentifier, MethodOf(context), failure);
            context.Abort();
        }
        catch (Exception failure)
        {
            await ProblemOf(context, failure).WriteAsync(context).ConfigureAwait(false);
        }
    }

    private ProblemException ProblemOf(HttpContext context, Exception failure)
    {
        switch (failure)
        {
            case ProblemException problem:
                return problem;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return RequestBody.TooLarge(options);
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return RequestBody.TooSlow(context, options);
            case BadHttpRequestException bad:
                return new ProblemException(bad.StatusCode, "the request is not HTTP as it should be");
            case InvalidArgumentException wrong:
                return new ProblemException(StatusCodes.Status400BadRequest, wrong.Message);
            case EngineUnavailableException away:
                return new ProblemException(StatusCodes.Status503ServiceUnavailable, away.Message) { RetryAfterSeconds = 1 };
            default:
                LogFailure(context.TraceIdentifier, MethodOf(context), failure);
                return new ProblemException(
                    StatusCodes.Status500InternalServerError, $"the server failed; its log has the failure under {context.TraceIdentifier}");
        }
    }

    private async Task CheckAsync(HttpContext context)
    {
        // A name that somebody lets point at this machine would make a browser's page of that name one of ours.
        if (_isLoopback && !IsLoopbackHost(context.Request.Host.Host))
        {
            throw new ProblemException(StatusCodes.Status421MisdirectedRequest, "this server is for localhost only");
        }

        Access access = context.GetEndpoint()?.Metadata.GetMetadata<Access>() ?? Access.Anybody;
        string address = $"address:{context.Connection.RemoteIpAddress}";
        Caller? caller;
        try
        {
            caller = await authenticator.IdentifyAsync(context).ConfigureAwait(false);
        }
        catch (ProblemException refusal) when (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            rates.CountFailedLogin(address);
            throw;
        }

        rates.Count(caller?.Partition ?? address);
        CheckOrigin(context, caller);
        if (access.Needed is { } needed)
        {
            if (caller is null)
            {
                throw new ProblemException(StatusCodes.Status401Unauthorized, "an API key or a token is needed: Authorization: Bearer …");
            }

            if (caller.Role < needed)
            {
                throw new ProblemException(
                    StatusCodes.Status403Forbidden, $"this needs the role {needed.Name()}, but {caller.Name} has {caller.Role.Name()}");
            }

            context.Items[typeof(Caller)] = caller;
        }
    }

    // Another site's page may have the browser send a request with the browser's credentials, or from within the machine.
    private static void CheckOrigin(HttpContext context, Caller? caller)
    {
        HttpRequest request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        {
            return;
        }

        string? origin = request.Headers.Origin;
        string? site = request.Headers["Sec-Fetch-Site"];
        bool isOwn = origin is null
            ? site is null or "same-origin" or "none"
            : Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) && from.Authority == request.Host.Value;
        if (!isOwn || (caller?.IsBrowser == true && origin is null && site is null))
        {
            throw new ProblemException(StatusCodes.Status403Forbidden, "a page of another site may not do this");
        }
    }

    private static bool IsLoopbackHost(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && BambooServer.IsLoopback(address));

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    // What is logged or shown of a method that a caller made up.
    private static string MethodOf(HttpContext context) =>
        context.Request.Method is { Length: <= 10 } method && method.All(char.IsAsciiLetter) ? method : "such a method";

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {Request} ({Method}) failed.")]
    private partial void LogFailure(string request, string method, Exception failure);
}
