using BambooOrleans.Hosting.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace BambooOrleans.Server.Http;

/// <summary>Reads the JSON of a request within its limits.</summary>
internal static class RequestBody
{
    private const int ReadBytes = 16 * 1024;

    /// <summary>One JSON object.</summary>
    /// <exception cref="ProblemException">It is not JSON, too large, too deep or too slow.</exception>
    public static async Task<MapValue> ReadMapAsync(HttpContext context, BambooServerOptions options)
    {
        byte[] body = await ReadAsync(context, options).ConfigureAwait(false);
        try
        {
            return WireJson.Parse(body);
        }
        catch (InvalidArgumentException wrong)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, wrong.Message);
        }
    }

    /// <summary>Any JSON value.</summary>
    /// <exception cref="ProblemException">It is not JSON, too large, too deep or too slow.</exception>
    public static async Task<Value> ReadValueAsync(HttpContext context, BambooServerOptions options)
    {
        byte[] body = await ReadAsync(context, options).ConfigureAwait(false);
        try
        {
            Value value = ValueJson.Parse(body);
            return ValueJson.IsTooDeep(value)
                ? throw new ProblemException(StatusCodes.Status400BadRequest, $"the JSON is nested deeper than {ValueJson.MaxDepth} levels")
                : value;
        }
        catch (System.Text.Json.JsonException)
        {
            throw new ProblemException(
                StatusCodes.Status400BadRequest, $"the body is not JSON, or is nested deeper than {ValueJson.MaxDepth} levels");
        }
    }

    public static ProblemException TooLarge(BambooServerOptions options) => new(
        StatusCodes.Status413PayloadTooLarge, $"the body must have at most {options.BodyBytesMax} bytes");

    public static ProblemException TooSlow(HttpContext context, BambooServerOptions options)
    {
        // What is left of the body will not be read.
        context.Response.Headers.Connection = "close";
        return new ProblemException(StatusCodes.Status408RequestTimeout, $"the body must come within {options.BodyTimeMax.TotalSeconds:0.#} s");
    }

    private static async Task<byte[]> ReadAsync(HttpContext context, BambooServerOptions options)
    {
        HttpRequest request = context.Request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || !(type.Charset.Length == 0 || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            throw new ProblemException(StatusCodes.Status415UnsupportedMediaType, "the body must be application/json in UTF-8");
        }

        if (request.Headers.ContentEncoding.Count > 0)
        {
            throw new ProblemException(StatusCodes.Status415UnsupportedMediaType, "the body must not be compressed");
        }

        if (request.ContentLength > options.BodyBytesMax)
        {
            throw TooLarge(options);
        }

        using var over = new CancellationTokenSource(options.BodyTimeMax, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, context.RequestAborted);
        using var body = new MemoryStream();
        byte[] part = new byte[ReadBytes];
        try
        {
            while (await request.Body.ReadAsync(part, either.Token).ConfigureAwait(false) is > 0 and var count)
            {
                if (body.Length + count > options.BodyBytesMax)
                {
                    throw TooLarge(options);
                }

                body.Write(part, 0, count);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            throw TooSlow(context, options);
        }

        return body.ToArray();
    }
}
