using System.Net;
using System.Net.Http.Headers;
using System.Text;
using BambooOrleans.Cli;
using BambooOrleans.Cli.Serving;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Security;

namespace BambooOrleans.Server.Tests;

/// <summary>A server on a free port before an engine in memory that has the three pipelines of <c>bamboo dev</c>.</summary>
internal sealed class Served : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Session _session;

    private Served(Session session, BambooServer server)
    {
        _session = session;
        Server = server;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Addresses[0], Timeout = Patience };
    }

    public static IReadOnlyDictionary<Role, (ApiKey Kept, string Key)> Keys { get; } = Enum.GetValues<Role>()
        .ToDictionary(role => role, role => ApiKey.Create($"{role.Name()}-key", role, DateTimeOffset.UnixEpoch));

    public IBambooEngine Engine => _session.Engine;

    public BambooServer Server { get; }

    public HttpClient Http { get; }

    public static BambooServerOptions OnFreePort { get; } = new()
    {
        Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
        RequestsPerSecond = 100_000,
        FailedLoginsPerSecond = 100_000,
    };

    /// <summary>With a key for each role.</summary>
    public static BambooServerOptions WithKeys { get; } = OnFreePort with { Keys = [.. Keys.Values.Select(key => key.Kept)] };

    public static async Task<Served> StartAsync(BambooServerOptions? options = null, bool isSeeded = true)
    {
        Session session = await Session.WithoutDatabaseAsync(default);
        try
        {
            if (isSeeded)
            {
                await SeedPipelines.SubmitAsync(session.Engine, default).WaitAsync(Patience);
            }

            return new Served(session, await BambooServer.StartAsync(session.Engine, options ?? OnFreePort));
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public static HttpRequestMessage Request(HttpMethod method, string path, Value? body = null, string? bearer = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = Json(body.ToJson());
        }

        if (bearer is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }

        return request;
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>The answer to a request: its status, and its JSON.</summary>
    public async Task<(int Status, MapValue Body)> AskAsync(HttpMethod method, string path, Value? body = null, string? bearer = null)
    {
        using HttpRequestMessage request = Request(method, path, body, bearer);
        return await AskAsync(request);
    }

    public async Task<(int Status, MapValue Body)> AskAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await Http.SendAsync(request);
        return ((int)response.StatusCode, WireJson.Parse(await response.Content.ReadAsByteArrayAsync()));
    }

    public async Task<MapValue> CallAsync(string function, MapValue arguments, string? bearer = null)
    {
        (int status, MapValue body) = await AskAsync(HttpMethod.Post, $"/api/v1/{function}", arguments, bearer);
        Assert.True(status == 200, $"{function}: {status} {body.ToJson()}");
        return body;
    }

    public async Task<MapValue> DoneAsync(string function, MapValue arguments)
    {
        MapValue answer = await CallAsync(function, arguments);
        Assert.True(answer["result"].IsTruthy, $"{function}: {answer.ToJson()}");
        return answer;
    }

    public async Task<string> StateAsync(string pipelineId)
    {
        await Engine.WaitUntilSettledAsync(pipelineId).WaitAsync(Patience);
        return (await Engine.GetPipelineStatesAsync(pipelineId)).Data![pipelineId].State.ToApiName();
    }

    /// <summary>A chain of activities.</summary>
    public static MapValue Tree(string id, params (string Name, string Code, MapValue Inputs)[] activities)
    {
        string[] nodes = [$"{id}_start", .. activities.Select(activity => $"{id}_{activity.Name}"), $"{id}_end"];
        string FlowAfter(int index) => $"{id}_flow{index}";
        MapValue Activity((string Name, string Code, MapValue Inputs) activity, int index) => Value.Map(
            ("id", nodes[index + 1]),
            ("name", activity.Name),
            ("type", "ServiceActivity"),
            ("incoming", Value.List(FlowAfter(index))),
            ("outgoing", FlowAfter(index + 1)),
            ("component", Value.Map(
                ("code", activity.Code),
                ("inputs", Value.Map(activity.Inputs.Select(input => (input.Key, (Value)Value.Map(("type", "plain"), ("value", input.Value)))))))));
        return Value.Map(
            ("id", id),
            ("start_event", Value.Map(("id", nodes[0]), ("name", ""), ("type", "EmptyStartEvent"), ("incoming", ""), ("outgoing", FlowAfter(0)))),
            ("end_event", Value.Map(
                ("id", nodes[^1]), ("name", ""), ("type", "EmptyEndEvent"), ("incoming", Value.List(FlowAfter(nodes.Length - 2))), ("outgoing", ""))),
            ("activities", Value.Map(activities.Select((activity, index) => (nodes[index + 1], (Value)Activity(activity, index))))),
            ("gateways", MapValue.Empty),
            ("flows", Value.Map(Enumerable.Range(0, nodes.Length - 1).Select(index => (FlowAfter(index), (Value)Value.Map(
                ("id", FlowAfter(index)), ("source", nodes[index]), ("target", nodes[index + 1])))))),
            ("data", Value.Map(("inputs", MapValue.Empty), ("outputs", ListValue.Empty))));
    }

    public static MapValue Waiting(string id) => Tree(id, ("wait", "wait_callback", MapValue.Empty));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        await _session.DisposeAsync();
    }

    public static string Solution()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "BambooOrleans.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("BambooOrleans.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
