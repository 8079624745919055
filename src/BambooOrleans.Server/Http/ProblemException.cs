using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace BambooOrleans.Server.Http;

/// <summary>A request cannot be taken, apart from what the engine says to it: answered as problem details (RFC 9457).</summary>
internal sealed class ProblemException(int status, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    /// <summary>After how many seconds trying again makes sense; null where that is not known.</summary>
    public int? RetryAfterSeconds { get; init; }

    public Task WriteAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.StatusCode = Status;
        if (Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        byte[] body = Encoding.UTF8.GetBytes(Value.Map(
            ("type", "about:blank"), ("title", ReasonPhrases.GetReasonPhrase(Status)), ("status", Status), ("detail", Message)).ToJson());
        response.ContentType = "application/problem+json";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
