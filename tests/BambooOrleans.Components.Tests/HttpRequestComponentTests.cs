using BambooOrleans.Components.BuiltIn;

namespace BambooOrleans.Components.Tests;

public sealed class HttpRequestComponentTests
{
    private static readonly HttpComponentOptions Local = new() { AllowPrivateAddresses = true };

    [Fact]
    public async Task The_response_becomes_outputs()
    {
        await using var server = new LocalServer(_ => LocalServer.Response("{\"a\": 1}", headers: "X-Kind: test\r\n"));

        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(new HttpRequestComponent(Local), ("url", server.Url));

        Assert.True(success);
        Assert.Equal(200, context.Outputs["status_code"]);
        Assert.Equal("{\"a\": 1}", context.Outputs["body"]);
        Assert.Equal(Value.Map(("a", 1)), context.Outputs["json"]);
        Assert.Equal("test", ((MapValue)context.Outputs["headers"])["x-kind"]);
    }

    [Fact]
    public async Task Method_headers_and_body_are_sent_with_the_version_as_idempotency_key()
    {
        await using var server = new LocalServer(_ => LocalServer.Response(""));

        await Attempts.ExecuteAsync(
            new HttpRequestComponent(Local),
            ("url", server.Url),
            ("method", "post"),
            ("headers", Value.Map(("X-Token", "t"), ("Content-Type", "application/vnd.test+json"))),
            ("body", Value.Map(("n", 1))));

        string request = Assert.Single(server.Requests);
        Assert.StartsWith("POST / HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Token: t\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/vnd.test+json\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nIdempotency-Key: v1\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n{\"n\":1}", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_that_is_no_success_fails_unless_any_is_accepted()
    {
        await using var server = new LocalServer(_ => LocalServer.Response("gone", "404 Not Found"));

        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(new HttpRequestComponent(Local), ("url", server.Url));
        (bool accepted, _) = await Attempts.ExecuteAsync(
            new HttpRequestComponent(Local), ("url", server.Url), ("accept_any_status", true));

        Assert.False(success);
        Assert.Equal($"GET {server.Url} was answered with status 404", context.ExData());
        Assert.Equal("gone", context.Outputs["body"]);
        Assert.True(accepted);
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(7, false)]
    public async Task A_response_may_have_as_many_bytes_as_allowed_and_no_more(int bytesMax, bool fits)
    {
        await using var server = new LocalServer(_ => LocalServer.Response("12345678"));

        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(
            new HttpRequestComponent(Local), ("url", server.Url), ("response_bytes_max", bytesMax));

        Assert.Equal(fits, success);
        Assert.Equal(fits ? null : "the response has more than 7 bytes", fits ? null : context.ExData());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up()
    {
        await using var server = new LocalServer(_ => null);

        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(
            new HttpRequestComponent(Local), ("url", server.Url), ("timeout_seconds", 0.05));

        Assert.False(success);
        Assert.Equal($"GET {server.Url} took longer than 0.05 s", context.ExData());
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/")]
    [InlineData("http://localhost:9/")]
    [InlineData("http://10.1.2.3:9/")]
    [InlineData("http://172.16.0.1:9/")]
    [InlineData("http://192.168.1.1:9/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::1]:9/")]
    [InlineData("http://[::ffff:127.0.0.1]:9/")]
    [InlineData("http://[fd00::1]:9/")]
    [InlineData("http://[fe80::1]:9/")]
    [InlineData("http://[64:ff9b::7f00:1]:9/")]
    [InlineData("http://[2002:7f00:1::]:9/")]
    [InlineData("http://0.0.0.0:9/")]
    [InlineData("http://2130706433:9/")]
    [InlineData("http://0x7f.1:9/")]
    public async Task An_address_that_is_not_public_is_refused(string url)
    {
        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(new HttpRequestComponent(), ("url", url));

        Assert.False(success);
        Assert.Contains("not a public one", context.ExData(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1.1.1", true)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.32.0.0", true)]
    [InlineData("100.63.255.255", true)]
    [InlineData("100.64.0.0", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("::ffff:1.1.1.1", true)]
    [InlineData("64:ff9b::101:101", true)]
    [InlineData("2001:db8::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::", false)]
    public void Addresses_are_public_or_not(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddresses.IsPublic(System.Net.IPAddress.Parse(address)));

    [Fact]
    public async Task A_redirect_is_looked_at_as_the_first_address_is()
    {
        // The guard must refuse where a redirect leads, so the way to the first server is let through and the next is not.
        await using var inner = new LocalServer(_ => LocalServer.Response("secret"));
        await using var outer = new LocalServer(_ => LocalServer.Response(
            "", "302 Found", $"Location: {inner.Url.Replace("127.0.0.1", "127.0.0.2", StringComparison.Ordinal)}\r\n"));
        using HttpClient client = HttpClients.Create(address => address.ToString() == "127.0.0.1");

        HttpRequestException refusal = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(outer.Url));

        Assert.IsType<PrivateAddressException>(refusal.InnerException);
        Assert.Single(outer.Requests);
        Assert.Empty(inner.Requests);
    }

    [Theory]
    [InlineData("ftp://example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/relative")]
    public async Task A_url_of_another_scheme_is_refused(string url)
    {
        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(new HttpRequestComponent(Local), ("url", url));

        Assert.False(success);
        Assert.StartsWith("the input \"url\" must begin with http:// or https://", context.ExData(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_fails_with_the_reason()
    {
        string url;
        await using (var gone = new LocalServer(_ => null))
        {
            url = gone.Url;
        }

        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(new HttpRequestComponent(Local), ("url", url));

        Assert.False(success);
        Assert.StartsWith($"GET {url} failed: ", context.ExData(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Polling_goes_on_until_the_member_has_the_value()
    {
        int asked = 0;
        await using var server = new LocalServer(_ => LocalServer.Response(
            ++asked < 3 ? "{\"job\": {\"state\": \"busy\"}}" : "{\"job\": {\"state\": \"done\"}}"));
        (bool success, ComponentContext context) = await ExecutePollAsync(server.Url);
        Assert.True(success);

        var waits = new List<TimeSpan>();
        for (int times = 0; !context.IsScheduleFinished; times++)
        {
            context = Attempts.Poll(context, times);
            var component = new HttpPollComponent(Local);
            Assert.True((await component.ScheduleAsync(context, null, default)).IsSuccess);
            waits.Add(component.Schedule.IntervalAfter(times + 1));
        }

        Assert.Equal(3, context.Outputs["polls"]);
        Assert.Equal("done", context.Outputs["value"]);
        Assert.Equal(TimeSpan.FromSeconds(2), waits[0]);
    }

    [Theory]
    [InlineData("{\"job\": {\"state\": \"broken\"}}", "job.state is \"broken\"")]
    [InlineData("{\"job\": 1}", "job.state is null after 1 requests, and not \"done\"")]
    public async Task Polling_fails_at_a_value_of_failure_and_after_the_last_request(string answer, string reason)
    {
        await using var server = new LocalServer(_ => LocalServer.Response(answer));
        (_, ComponentContext context) = await ExecutePollAsync(server.Url, ("polls_max", 1));
        context = Attempts.Poll(context);

        ComponentResult result = await new HttpPollComponent(Local).ScheduleAsync(context, null, default);

        Assert.False(result.IsSuccess);
        Assert.Equal(reason, context.ExData());
    }

    [Fact]
    public async Task Polling_asks_again_where_the_server_has_an_error()
    {
        await using var server = new LocalServer(_ => LocalServer.Response("", "503 Service Unavailable"));
        (_, ComponentContext context) = await ExecutePollAsync(server.Url);
        context = Attempts.Poll(context);

        ComponentResult result = await new HttpPollComponent(Local).ScheduleAsync(context, null, default);

        Assert.True(result.IsSuccess);
        Assert.False(context.IsScheduleFinished);
    }

    private static Task<(bool Success, ComponentContext Context)> ExecutePollAsync(string url, params (string, Value)[] more) =>
        Attempts.ExecuteAsync(
            new HttpPollComponent(Local),
            [
                ("url", url), ("until_key", "job.state"), ("until_value", "done"), ("interval_seconds", 2),
                ("fail_values", Value.List("broken")), .. more,
            ]);
}
