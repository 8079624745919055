using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace BambooOrleans.Components.BuiltIn;

/// <summary>One request as a node's inputs describe it, within the limits of the options.</summary>
internal static class HttpCall
{
    /// <summary>Makes the request and fills the outputs.</summary>
    /// <returns>Whether the status is one of success.</returns>
    /// <exception cref="BambooException">An input cannot be used, or the request failed.</exception>
    public static async Task<bool> SendAsync(
        ComponentContext context, HttpComponentOptions options, HttpMethod method, CancellationToken cancellationToken)
    {
        double seconds = context.OptionalNumber("timeout_seconds", 0.001, options.TimeLimitMax.TotalSeconds)
            ?? options.TimeLimit.TotalSeconds;
        int bytesMax = (int)(context.OptionalNumber("response_bytes_max", 0, options.ResponseBytesMax) ?? options.ResponseBytesMax);
        using HttpRequestMessage request = Request(context, method);
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeUp.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            using HttpResponseMessage response = await HttpClients.For(options)
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeUp.Token).ConfigureAwait(false);
            string body = await ReadAsync(response.Content, bytesMax, timeUp.Token).ConfigureAwait(false);
            context.SetOutput("status_code", (int)response.StatusCode);
            context.SetOutput("headers", Headers(response));
            context.SetOutput("body", body);
            context.SetOutput("json", Json(body));
            return response.IsSuccessStatusCode;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpCallException(string.Create(
                CultureInfo.InvariantCulture, $"{method} {request.RequestUri} took longer than {seconds} s"));
        }
        catch (HttpRequestException failure)
        {
            throw failure.InnerException as PrivateAddressException
                ?? (BambooException)new HttpCallException($"{method} {request.RequestUri} failed: {failure.Message}", failure);
        }
        catch (IOException failure)
        {
            throw new HttpCallException($"{method} {request.RequestUri} broke off: {failure.Message}", failure);
        }
    }

    private static HttpRequestMessage Request(ComponentContext context, HttpMethod method)
    {
        string url = context.RequiredText("url");
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new ComponentInputException("url", $"must begin with http:// or https://, but is \"{url}\"");
        }

        var request = new HttpRequestMessage(method, address) { Content = Content(context.Input("body")) };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("BambooOrleans", "0.1"));

        // The same attempt may be sent twice where a process dies; a server that knows this header takes it once.
        request.Headers.TryAddWithoutValidation("Idempotency-Key", context.Version);
        foreach ((string name, Value value) in context.OptionalMap("headers"))
        {
            Set(request, name, Inputs.AsText(value));
        }

        return request;
    }

    private static void Set(HttpRequestMessage request, string name, string value)
    {
        try
        {
            request.Headers.Remove(name);
            if (request.Headers.TryAddWithoutValidation(name, value))
            {
                return;
            }
        }
        catch (InvalidOperationException)
        {
            // It is a header of the content.
        }
        catch (FormatException)
        {
            throw new ComponentInputException("headers", $"has a name that is none: \"{name}\"");
        }

        request.Content ??= new ByteArrayContent([]);
        request.Content.Headers.Remove(name);
        if (!request.Content.Headers.TryAddWithoutValidation(name, value))
        {
            throw new ComponentInputException("headers", $"has a name that is none: \"{name}\"");
        }
    }

    private static HttpContent? Content(Value body) => body switch
    {
        NullValue => null,
        TextValue text => new StringContent(text.Value, Encoding.UTF8, "text/plain"),
        _ => new StringContent(body.ToJson(), Encoding.UTF8, "application/json"),
    };

    private static async Task<string> ReadAsync(HttpContent content, int bytesMax, CancellationToken cancellationToken)
    {
        Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var kept = new MemoryStream();
        byte[] buffer = new byte[8192];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (kept.Length + read > bytesMax)
            {
                throw new HttpCallException($"the response has more than {bytesMax} bytes");
            }

            kept.Write(buffer, 0, read);
        }

        return EncodingOf(content).GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }

    private static Encoding EncodingOf(HttpContent content)
    {
        try
        {
            return content.Headers.ContentType?.CharSet is { } name ? Encoding.GetEncoding(name.Trim('"')) : Encoding.UTF8;
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }

    private static MapValue Headers(HttpResponseMessage response) => Value.Map(
        response.Headers.Concat(response.Content.Headers)
            .Select(header => (header.Key.ToLowerInvariant(), (Value)string.Join(", ", header.Value))));

    // Null where the body is no JSON: a pipeline that reads it then fails at what it misses.
    private static Value Json(string body)
    {
        try
        {
            return body.Length > 0 ? Value.ParseJson(body) : Value.Null;
        }
        catch (JsonException)
        {
            return Value.Null;
        }
    }
}
