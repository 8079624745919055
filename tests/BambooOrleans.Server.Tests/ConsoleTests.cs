using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using BambooOrleans.Server.Http;

namespace BambooOrleans.Server.Tests;

/// <summary>How the console is served. A build without it has a page that says how to get it.</summary>
public sealed partial class ConsoleTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/submit")]
    [InlineData("/pipelines/some")]
    [InlineData("/pipelines/a%2Fb/timeline?node=c")]
    public async Task Every_page_is_the_one_file_that_is_asked_about_each_time(string path)
    {
        await using Served served = await Served.StartAsync(Served.WithKeys, isSeeded: false);
        using HttpResponseMessage response = await served.Http.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Headers.CacheControl?.NoCache);
        Assert.False(response.Headers.CacheControl?.NoStore);
        Assert.Equal(await served.Http.GetStringAsync("/"), await response.Content.ReadAsStringAsync());

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(Assert.IsType<EntityTagHeaderValue>(response.Headers.ETag));
        using HttpResponseMessage unchanged = await served.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.Empty(await unchanged.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Its_files_are_kept_for_ever_and_come_as_the_client_takes_them()
    {
        await using Served served = await Served.StartAsync(Served.WithKeys, isSeeded: false);
        IReadOnlyList<string> files = await FilesAsync(served);
        Assert.Equal(ConsoleFiles.IsIncluded, files.Count > 0);
        foreach (string file in files)
        {
            using HttpResponseMessage plain = await served.Http.GetAsync(file);
            Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
            Assert.Equal(file.EndsWith(".css", StringComparison.Ordinal) ? "text/css" : "text/javascript", plain.Content.Headers.ContentType?.MediaType);
            Assert.Contains("immutable", plain.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
            Assert.Empty(plain.Content.Headers.ContentEncoding);
            Assert.Equal("Accept-Encoding", Assert.Single(plain.Headers.Vary));
            byte[] content = await plain.Content.ReadAsByteArrayAsync();

            foreach (string coding in new[] { "br", "gzip" })
            {
                using var asked = new HttpRequestMessage(HttpMethod.Get, file);
                asked.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(coding));
                using HttpResponseMessage packed = await served.Http.SendAsync(asked);
                Assert.Equal(coding, Assert.Single(packed.Content.Headers.ContentEncoding));
                Assert.NotEqual(plain.Headers.ETag, packed.Headers.ETag);
                Stream body = await packed.Content.ReadAsStreamAsync();
                await using Stream unpacking = coding == "br" ? new BrotliStream(body, CompressionMode.Decompress) : new GZipStream(body, CompressionMode.Decompress);
                using var unpacked = new MemoryStream();
                await unpacking.CopyToAsync(unpacked);
                Assert.Equal(content, unpacked.ToArray());
            }

            using var refusing = new HttpRequestMessage(HttpMethod.Get, file);
            refusing.Headers.TryAddWithoutValidation("Accept-Encoding", "br;q=0, gzip;q=0");
            using HttpResponseMessage unpackedAnswer = await served.Http.SendAsync(refusing);
            Assert.Equal(content, await unpackedAnswer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task It_loads_nothing_from_elsewhere_and_needs_no_looser_policy()
    {
        await using Served served = await Served.StartAsync(isSeeded: false);
        string page = await served.Http.GetStringAsync("/");
        Assert.DoesNotMatch("(?i)(src|href)=[\"'](https?:)?//", page);
        Assert.DoesNotMatch("(?i)<script(?![^>]*\\ssrc=)", page);
        Assert.DoesNotMatch("(?i)<style|\\sstyle=|\\son[a-z]+=", page);
        using HttpResponseMessage response = await served.Http.GetAsync("/");
        string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("style-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("worker-src 'self';", policy, StringComparison.Ordinal);
        foreach (string file in (await FilesAsync(served)).Where(file => file.EndsWith(".css", StringComparison.Ordinal)))
        {
            Assert.DoesNotMatch("(?i)@import|url\\(\\s*[\"']?(https?:)?//", await served.Http.GetStringAsync(file));
        }
    }

    [Theory]
    [InlineData("/assets/nothing.js")]
    [InlineData("/assets")]
    [InlineData("/index.html")]
    [InlineData("/index.html.gz")]
    [InlineData("/BambooOrleans.Server.dll")]
    [InlineData("/assets/..%2f..%2fBambooOrleans.Server.dll")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/..%5c..%5cwindows")]
    [InlineData("/submit/more")]
    public async Task There_is_nothing_but_its_files(string path)
    {
        await using Served served = await Served.StartAsync(isSeeded: false);
        using HttpResponseMessage response = await served.Http.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_page_can_only_be_read()
    {
        await using Served served = await Served.StartAsync(isSeeded: false);
        using HttpResponseMessage response = await served.Http.PostAsync("/", new StringContent("{}", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        using var asked = new HttpRequestMessage(HttpMethod.Head, "/");
        using HttpResponseMessage head = await served.Http.SendAsync(asked);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_build_without_it_says_how_to_get_it()
    {
        await using Served served = await Served.StartAsync(isSeeded: false);
        string page = await served.Http.GetStringAsync("/");
        Assert.Equal(!ConsoleFiles.IsIncluded, page.Contains("BambooConsole=true", StringComparison.Ordinal));
    }

    // What the page loads, and what that loads in turn.
    private static async Task<IReadOnlyList<string>> FilesAsync(Served served)
    {
        var found = new List<string>();
        var open = new Queue<string>(["/"]);
        while (open.TryDequeue(out string? path))
        {
            string text = await served.Http.GetStringAsync(path);
            foreach (Match match in AssetName().Matches(text))
            {
                string file = $"/assets/{match.Groups[1].Value}";
                if (!found.Contains(file))
                {
                    found.Add(file);
                    open.Enqueue(file);
                }
            }
        }

        return found;
    }

    [GeneratedRegex("[\"'`](?:\\./|/?assets/)([A-Za-z0-9._-]+-[A-Za-z0-9_-]{8}\\.(?:js|css))[\"'`]")]
    private static partial Regex AssetName();
}
