using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace BambooOrleans.Server.Http;

/// <summary>
/// The console: the files that the build embedded, each at a path of its own and nowhere else. Its pages are all the same file, which
/// shows what the address says.
/// </summary>
internal static class ConsoleFiles
{
    private const string Prefix = "console/";
    private const string Index = "index.html";

    private const string LeftOutPage =
        """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Bamboo</title></head>
        <body>
        <h1>This server was built without the console</h1>
        <p>The build needs Node.js 20.19 or later and the console's npm packages. Where they are there, build again with
        <code>dotnet build -p:BambooConsole=true</code>, which says what is missing; docs/building.md tells more.</p>
        <p>Everything it shows can be asked by the API (<a href="/api/v1/openapi.json">what it offers</a>) and the command line
        (<code>bamboo --help</code>).</p>
        </body>
        </html>
        """;

    private static readonly Lazy<FrozenDictionary<string, ConsoleFile>> Files = new(ReadAll);

    /// <summary>Whether the console is in this build.</summary>
    public static bool IsIncluded => Files.Value.ContainsKey(Index);

    public static void Map(IEndpointRouteBuilder routes)
    {
        ConsoleFile page = Files.Value.GetValueOrDefault(Index)
            ?? new ConsoleFile(Index, System.Text.Encoding.UTF8.GetBytes(LeftOutPage), FrozenDictionary<string, byte[]>.Empty);

        // Pages that somebody may have a link to. Everything else is a file, or not there.
        foreach (string path in (string[])["/", "/submit", "/pipelines/{**rest}"])
        {
            routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], page.WriteAsync).WithMetadata(Access.Anybody);
        }

        foreach (ConsoleFile file in Files.Value.Values.Where(file => file.Name != Index))
        {
            routes.MapMethods($"/{file.Name}", [HttpMethods.Get, HttpMethods.Head], file.WriteAsync).WithMetadata(Access.Anybody);
        }
    }

    private static FrozenDictionary<string, ConsoleFile> ReadAll()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, Dictionary<string, byte[]>>(StringComparer.Ordinal);
        foreach (string resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(resource)!;
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            string name = resource[Prefix.Length..];
            string coding = Path.GetExtension(name) switch
            {
                ".br" => "br",
                ".gz" => "gzip",
                _ => "",
            };
            string plain = coding.Length == 0 ? name : Path.ChangeExtension(name, null);
            if (!files.TryGetValue(plain, out Dictionary<string, byte[]>? forms))
            {
                files.Add(plain, forms = new Dictionary<string, byte[]>(StringComparer.Ordinal));
            }

            forms.Add(coding, content);
        }

        return files.ToFrozenDictionary(
            file => file.Key,
            file => new ConsoleFile(
                file.Key,
                file.Value.TryGetValue("", out byte[]? content) ? content : null,
                file.Value.Where(form => form.Key.Length > 0).ToFrozenDictionary()),
            StringComparer.Ordinal);
    }

    /// <summary>One file.</summary>
    /// <param name="Name">Its path, without a slash before it.</param>
    /// <param name="Plain">Its content; null where it is only there compressed.</param>
    /// <param name="Compressed">Its content by content coding.</param>
    private sealed record ConsoleFile(string Name, byte[]? Plain, FrozenDictionary<string, byte[]> Compressed)
    {
        private readonly Lazy<byte[]> _plain = new(() => Plain ?? Unpack(Compressed["gzip"]));
        private readonly string _etag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Plain ?? Compressed["gzip"]))[..32]}\"";

        private string Type => Path.GetExtension(Name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".json" => "application/json",
            _ => "application/octet-stream",
        };

        public Task WriteAsync(HttpContext context)
        {
            HttpResponse response = context.Response;
            string? coding = CodingFor(context.Request);

            // Files under assets/ have a hash of their content in their names, and so never change; the others are asked about each time.
            response.Headers.CacheControl = Name.StartsWith("assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
            response.Headers.ETag = coding is null ? _etag : $"{_etag[..^1]}-{coding}\"";
            if (Compressed.Count > 0)
            {
                response.Headers.Vary = HeaderNames.AcceptEncoding;
            }

            if (context.Request.Headers.IfNoneMatch.Any(tags => tags is not null && tags.Contains((string)response.Headers.ETag!, StringComparison.Ordinal)))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }

            byte[] content = coding is null ? _plain.Value : Compressed[coding];
            if (coding is not null)
            {
                response.Headers.ContentEncoding = coding;
            }

            response.ContentType = Type;
            response.ContentLength = content.Length;
            return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(content, context.RequestAborted).AsTask();
        }

        private string? CodingFor(HttpRequest request)
        {
            IList<StringWithQualityHeaderValue> accepted = request.GetTypedHeaders().AcceptEncoding;
            return ((string[])["br", "gzip"]).FirstOrDefault(coding => Compressed.ContainsKey(coding)
                && accepted.Any(value => value.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && value.Quality is null or > 0));
        }

        private static byte[] Unpack(byte[] compressed)
        {
            using var unpacked = new MemoryStream();
            using var gzip = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress);
            gzip.CopyTo(unpacked);
            return unpacked.ToArray();
        }
    }
}
