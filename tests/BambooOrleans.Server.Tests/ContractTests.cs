using System.Text.Json.Nodes;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Http;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace BambooOrleans.Server.Tests;

/// <summary>The OpenAPI document is one, and the server does what it says.</summary>
public class ContractTests
{
    private static readonly byte[] CallbackSecret = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];

    [Fact]
    public void The_document_is_valid_openapi_3_1()
    {
        ReadResult read = Read(Http.OpenApiDocument.Create());

        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic!.SpecificationVersion);
        Assert.Empty(read.Diagnostic.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.True(read.Document!.Paths.Count > 70);
    }

    [Theory]
    [InlineData("\"description\": \"The answer\"", "\"describtion\": \"The answer\"")]
    [InlineData("\"in\": \"path\"", "\"in\": \"paths\"")]
    [InlineData("\"operationId\"", "\"operatoinId\"")]
    [InlineData("\"title\": \"BambooOrleans\",", "")]
    public void A_document_that_is_none_is_found_out(string right, string wrong)
    {
        string document = Http.OpenApiDocument.Create();
        Assert.Contains(right, document, StringComparison.Ordinal);

        OpenApiDiagnostic diagnostic = Read(document.Replace(right, wrong, StringComparison.Ordinal)).Diagnostic!;

        Assert.NotEmpty(diagnostic.Errors.Concat(diagnostic.Warnings));
    }

    [Fact]
    public async Task Every_operation_answers_good_and_bad_input_as_the_document_says()
    {
        Microsoft.OpenApi.OpenApiDocument document = Read(Http.OpenApiDocument.Create()).Document!;
        await using Served served = await Served.StartAsync(Served.WithKeys with { CallbackSecret = CallbackSecret });
        string key = Served.Keys[Security.Role.Admin].Key;
        string version = (await served.Engine.GetWaitsAsync("dev_waiting")).Data![0].Version!;
        int operations = 0;
        foreach ((string path, IOpenApiPathItem item) in document.Paths)
        {
            foreach ((HttpMethod method, OpenApiOperation operation) in item.Operations!)
            {
                operations++;
                await TryAsync(path, method, operation);
            }
        }

        Assert.Equal(
            EngineDispatcher.Functions.Count + Http.Read.All.Count + Batch.Functions.Count
                + "pipelines pipeline_counts session events callback_tokens callbacks".Split(' ').Length,
            operations);

        async Task TryAsync(string path, HttpMethod method, OpenApiOperation operation)
        {
            string name = path.Split('/')[3];
            string at = path.Replace("{id}", path.Contains("/nodes/", StringComparison.Ordinal) ? "dev_greet" : "dev_finished", StringComparison.Ordinal);
            if (path == "/api/v1/events")
            {
                using HttpRequestMessage request = Served.Request(HttpMethod.Get, path, bearer: key);
                using HttpResponseMessage response = await served.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
                Assert.Contains("text/event-stream", operation.Responses!["200"].Content!.Keys);
            }
            else if (method == HttpMethod.Get)
            {
                await GoodAsync(at, method, null, operation);
            }
            else if (name == "batch")
            {
                await GoodAsync(at, method, Value.Map(("ids", Value.List("dev_finished", "nobody")), ("arguments", Arguments(path.Split('/')[4])), ("preview", true)), operation);
                await BadAsync(at, method, Value.Map(("ids", "all")));
            }
            else if (name == "callback_tokens")
            {
                await GoodAsync(at, method, Value.Map(("node_id", "dev_approve"), ("version", version)), operation);
                await BadAsync(at, method, Value.Map(("node_id", 1)));
            }
            else if (name == "callbacks")
            {
                at = at.Replace("{node}", "dev_approve", StringComparison.Ordinal).Replace("{version}", "v1", StringComparison.Ordinal);
                Assert.Equal(403, (await served.AskAsync(method, at, MapValue.Empty)).Status);
                (_, MapValue issued) = await served.AskAsync(
                    HttpMethod.Post, "/api/v1/callback_tokens", Value.Map(("node_id", "dev_approve"), ("version", "v1")), key);
                (int status, MapValue answer) = await served.AskAsync(method, ((TextValue)issued["path"]).Value, MapValue.Empty);
                Assert.Equal(200, status);
                AssertConforms(operation, answer, path);
            }
            else
            {
                await FunctionAsync(EngineDispatcher.Functions[name], operation);
            }

            if (method == HttpMethod.Get)
            {
                await BadAsync($"{at}?no_such_parameter=1", method, null);
            }
            else if (name != "callbacks")
            {
                await BadAsync(at, method, Value.List(1));
            }
        }

        async Task FunctionAsync(EngineFunction function, OpenApiOperation operation)
        {
            foreach ((_, MapValue arguments) in Calls.All.Where(call => call.Function == function.Name))
            {
                await GoodAsync($"/api/v1/{function.Name}", HttpMethod.Post, arguments, operation);
            }

            // An argument that there is not, each one left out that must be there, and each of a type that it cannot be.
            MapValue good = Calls.All.First(call => call.Function == function.Name).Arguments;
            await RefusedAsync(function, good.With("no_such_argument", 1), operation);
            foreach (EngineArgument argument in function.Arguments)
            {
                if (argument.IsRequired)
                {
                    await RefusedAsync(function, Value.Map(good.Where(given => given.Key != argument.Name).Select(given => (given.Key, given.Value))), operation);
                }

                if (argument.Expected != "a JSON value")
                {
                    await RefusedAsync(function, good.With(argument.Name, Value.List(Value.List(true))), operation);
                }
            }
        }

        async Task RefusedAsync(EngineFunction function, MapValue arguments, OpenApiOperation operation)
        {
            (int status, MapValue answer) = await served.AskAsync(HttpMethod.Post, $"/api/v1/{function.Name}", arguments, key);
            string what = $"{function.Name} {arguments.ToJson()}: {status} {answer.ToJson()}";
            Assert.True(status == 200 || (status == 403 && arguments.ContainsKey("operator")), what);
            if (status == 200)
            {
                Assert.False(answer["result"].IsTruthy, what);
                Assert.True(answer["code"] is TextValue { Value: "invalid-argument" } || ((TextValue)answer["code"]).Value.StartsWith("tree.", StringComparison.Ordinal), what);
                AssertConforms(operation, answer, what);
            }
        }

        async Task GoodAsync(string path, HttpMethod method, Value? body, OpenApiOperation operation)
        {
            (int status, MapValue answer) = await served.AskAsync(method, path, body, key);
            Assert.True(status == 200, $"{method} {path}: {status} {answer.ToJson()}");
            AssertConforms(operation, answer, $"{method} {path}");
        }

        async Task BadAsync(string path, HttpMethod method, Value? body)
        {
            (int status, MapValue answer) = await served.AskAsync(method, path, body, key);
            Assert.True(status == 400, $"{method} {path} {body?.ToJson()}: {status}");
            AssertIs(document.Components!.Schemas!["Problem"], answer, path);
        }

        static MapValue Arguments(string function) => Value.Map(EngineDispatcher.Functions[function].Arguments
            .Where(argument => argument.IsRequired && argument.Name is not ("node_id" or "pipeline_id"))
            .Select(argument => (argument.Name, Calls.All.First(call => call.Function == function).Arguments[argument.Name])));
    }

    private static ReadResult Read(string document) => Microsoft.OpenApi.OpenApiDocument.Parse(document, "json", new OpenApiReaderSettings());

    private static void AssertConforms(OpenApiOperation operation, MapValue answer, string what) =>
        AssertIs(operation.Responses!["200"].Content!["application/json"].Schema!, answer, what);

    // What schemas of this document use: types, members, items, lists of values, and other schemas.
    private static void AssertIs(IOpenApiSchema schema, Value value, string what)
    {
        JsonSchemaType type = value switch
        {
            TextValue => JsonSchemaType.String,
            BoolValue => JsonSchemaType.Boolean,
            IntValue => JsonSchemaType.Integer | JsonSchemaType.Number,
            FloatValue => JsonSchemaType.Number,
            ListValue => JsonSchemaType.Array,
            MapValue => JsonSchemaType.Object,
            _ => JsonSchemaType.Null,
        };
        Assert.True(schema.Type is not { } expected || (expected & type) != 0, $"{what} must be {schema.Type}, but is {value.ToJson()}");
        Assert.True(
            schema.Enum is not { Count: > 0 } known || known.Any(item => JsonNode.DeepEquals(item, JsonNode.Parse(value.ToJson()))),
            $"{what} is none of its values: {value.ToJson()}");
        foreach (IOpenApiSchema part in schema.AllOf ?? [])
        {
            AssertIs(part, value, what);
        }

        if (value is ListValue list && schema.Items is { } items)
        {
            Assert.All(list, item => AssertIs(items, item, $"an item of {what}"));
        }

        if (value is MapValue map)
        {
            Assert.All(schema.Required ?? new HashSet<string>(), name => Assert.True(map.ContainsKey(name), $"{what} has no {name}: {map.ToJson()}"));
            foreach ((string name, Value member) in map)
            {
                if (schema.Properties?.TryGetValue(name, out IOpenApiSchema? property) == true)
                {
                    AssertIs(property, member, $"{name} of {what}");
                }
                else if (schema.AdditionalProperties is { } others)
                {
                    AssertIs(others, member, $"{name} of {what}");
                }
            }
        }
    }
}
