using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Security;

namespace BambooOrleans.Server.Http;

/// <summary>The API as an OpenAPI 3.1 document, made from the functions that there are.</summary>
public static class OpenApiDocument
{
    private const string Json = "application/json";

    private static readonly MapValue Text = Value.Map(("type", "string"));

    /// <summary>The document, indented.</summary>
    public static string Create() => ValueJson.ToText(Document(), indented: true) + "\n";

    private static MapValue Document() => Value.Map(
        ("openapi", "3.1.0"),
        ("info", Value.Map(
            ("title", "BambooOrleans"),
            ("version", "1"),
            ("description", "The Engine API over HTTP. What the engine answers, refusals included, is an envelope with status 200; "
                + "what is wrong with a request itself is a problem of RFC 9457."),
            ("license", Value.Map(("name", "MIT"), ("identifier", "MIT"))))),
        ("security", Value.List(Value.Map(("key", ListValue.Empty)))),
        ("paths", Value.Map(Paths().OrderBy(path => path.Path, StringComparer.Ordinal).Select(path => (path.Path, (Value)path.Item)))),
        ("components", Components()));

    private static IEnumerable<(string Path, MapValue Item)> Paths()
    {
        foreach (EngineFunction function in EngineDispatcher.Functions.Values)
        {
            yield return ($"/api/v1/{function.Name}", Value.Map(("post", Operation(
                function.Name,
                function.IsControl ? "control" : "read",
                AccessRules.Of(function.Name),
                Reference("Envelope"),
                [("requestBody", BodyOf(ArgumentsOf(function)))]))));
        }

        foreach (Read read in Read.All)
        {
            yield return ($"/api/v1/{read.Kind}/{{id}}/{read.Name}", Value.Map(("get", Operation(
                $"read_{read.Kind}_{read.Name}",
                "by path",
                AccessRules.Of(read.Function),
                Reference("Envelope"),
                [
                    ("parameters", Value.List(
                    [
                        Parameter("path", "id", Text, isRequired: true),
                        .. read.Called.Arguments.Where(argument => argument.Name != read.Argument)
                            .Select(argument => Parameter("query", argument.Name, ArgumentSchema.Of(argument).Schema, argument.IsRequired)),
                    ])),
                ]))));
        }

        yield return ("/api/v1/pipelines", Value.Map(("get", Operation(
            "find_pipelines",
            "by path",
            AccessRules.Of("list_pipelines"),
            Reference("PipelinePage"),
            [
                ("parameters", Value.List(
                [
                    .. FilterParameters(),
                    Parameter("query", "limit", Value.Map(("type", "integer"), ("minimum", 1), ("maximum", 1000), ("default", 50))),
                    Parameter("query", "cursor", Described("string", "next_cursor of the page before")),
                ])),
            ]))));
        yield return ("/api/v1/pipeline_counts", Value.Map(("get", Operation(
            "pipeline_counts",
            "by path",
            AccessRules.Of("count_pipelines"),
            EnvelopeOf(Object(
                ("counts", Value.Map(("type", "object"), ("additionalProperties", Value.Map(("type", "integer"))))),
                ("total", Value.Map(("type", "integer"))))),
            [("parameters", Value.List(FilterParameters()))]))));
        yield return ("/api/v1/session", Value.Map(("get", Operation(
            "get_session",
            "session",
            Role.Viewer,
            EnvelopeOf(Object(
                ("operator", Value.Map(("type", Value.List("string", "null")))),
                ("role", Value.Map(("type", "string"), ("enum", Value.List(Enum.GetValues<Role>().Select(role => (Value)role.Name()))))),
                ("version", Text),
                ("callback_tokens", Value.Map(("type", "boolean"))))),
            []))));
        yield return ("/api/v1/events", Value.Map(("get", Operation(
            "stream_events",
            "events",
            AccessRules.Of("read_journal"),
            Text,
            [
                ("parameters", Value.List(
                    Parameter("query", "from", Value.Map(
                        ("description", "The first position; end for what happens from now on"),
                        ("anyOf", Value.List(
                            Value.Map(("type", "integer"), ("minimum", 1)), Value.Map(("type", "string"), ("const", "end")))),
                        ("default", 1))),
                    Parameter("query", "root_id", Text),
                    Parameter("header", "Last-Event-ID", Described("string", "The id of the last event that was received")))),
            ],
            "text/event-stream"))));
        foreach (EngineFunction function in Batch.Functions)
        {
            yield return ($"/api/v1/batch/{function.Name}", Value.Map(("post", Operation(
                $"batch_{function.Name}", "batch", AccessRules.Of(function.Name), Reference("BatchResult"), [("requestBody", BodyOf(Reference("Batch")))]))));
        }

        yield return ("/api/v1/callback_tokens", Value.Map(("post", Operation(
            "issue_callback_token",
            "callbacks",
            AccessRules.Of("callback"),
            Object(("token", Text), ("path", Text)),
            [("requestBody", BodyOf(Object(("node_id", Text), ("version", Text))))]))));
        yield return ("/api/v1/callbacks/{node}/{version}", Value.Map(("post", Operation(
            "call_back",
            "callbacks",
            null,
            Reference("Envelope"),
            [
                ("security", ListValue.Empty),
                ("parameters", Value.List(
                    Parameter("path", "node", Text, isRequired: true),
                    Parameter("path", "version", Text, isRequired: true),
                    Parameter("query", "token", Text, isRequired: true))),
                ("requestBody", BodyOf(Value.Map(("description", "The data of the callback")))),
            ]))));
    }

    private static IEnumerable<Value> FilterParameters() =>
    [
        Parameter("query", "state", Described("string", "States, with commas between")),
        Parameter("query", "text", Described("string", "What the id or the name must contain, whatever the case")),
        Parameter("query", "name", Described("string", "What the name must contain, whatever the case")),
        Parameter("query", "created_from", Value.Map(("type", "string"), ("format", "date-time"))),
        Parameter("query", "created_before", Value.Map(("type", "string"), ("format", "date-time"))),
    ];

    private static MapValue EnvelopeOf(MapValue data) =>
        Value.Map(("allOf", Value.List(Reference("Envelope"), Value.Map(("properties", Value.Map(("data", data)))))));

    private static MapValue ArgumentsOf(EngineFunction function) => Value.Map(
        ("type", "object"),
        ("properties", Value.Map(function.Arguments.Select(argument => (argument.Name, (Value)(argument.IsRequired
            ? ArgumentSchema.Of(argument).Schema
            : Value.Map(("anyOf", Value.List(ArgumentSchema.Of(argument).Schema, Value.Map(("type", "null")))))))))),
        ("required", Value.List(function.Arguments.Where(argument => argument.IsRequired).Select(argument => (Value)argument.Name))),
        ("additionalProperties", false));

    private static MapValue Operation(
        string id, string tag, Role? role, Value schema, IEnumerable<(string, Value)> more, string type = Json) => Value.Map(
    [
        ("operationId", id),
        ("tags", Value.List(tag)),
        ("summary", role is { } needed ? $"{id}, for the role {needed.Name()}" : $"{id}, for who has the token"),
        .. more,
        ("responses", Value.Map(
            ("200", Value.Map(("description", "The answer"), ("content", Value.Map((type, Value.Map(("schema", schema))))))),
            ("default", Value.Map(("$ref", "#/components/responses/Problem"))))),
    ]);

    private static MapValue Components()
    {
        MapValue nullable = Value.Map(("type", Value.List("string", "null")));
        MapValue whole = Value.Map(("type", "integer"));
        MapValue flag = Value.Map(("type", "boolean"));
        MapValue any = MapValue.Empty;
        return Value.Map(
            ("schemas", Value.Map(
                ("Envelope", Object(
                    ("result", flag), ("message", Text), ("data", any), ("code", nullable)).With("description", "What the engine answers: whether the call was carried out, what went wrong with its code and, where there is more to say, details")),
                ("PipelineTree", Value.Map(("type", "object"), ("description", "A pipeline as JSON, with start_event, end_event, activities, gateways, flows and data"))),
                ("ContextValue", Object(
                    ("key", Text), ("type", Value.Map(("description", "How the value is taken"))), ("value", any))),
                ("PipelinePosition", Object(("created_time", Value.Map(("type", "string"), ("format", "date-time"))), ("root_id", Text))),
                ("Pipeline", Object(("root_id", Text), ("name", nullable), ("state", Text), ("created_time", Text), ("archived_time", nullable))),
                ("PipelinePage", Object(("pipelines", Value.Map(("type", "array"), ("items", Reference("Pipeline")))), ("next_cursor", nullable))),
                ("Batch", Value.Map(
                    ("type", "object"),
                    ("description", "ids or filter says which; with a filter, expected_count must be the count of a preview"),
                    ("properties", Value.Map(
                        ("ids", Value.Map(("type", "array"), ("items", Text), ("maxItems", Batch.TargetsMax))),
                        ("filter", Value.Map(("type", "object"), ("properties", Value.Map(
                            ("state", Text), ("text", Text), ("name", Text), ("created_from", Text), ("created_before", Text))), ("additionalProperties", false))),
                        ("arguments", Value.Map(("type", "object"))),
                        ("preview", flag),
                        ("expected_count", whole))),
                    ("additionalProperties", false))),
                ("BatchResult", Object(
                    ("preview", flag),
                    ("count", whole),
                    ("accepted", whole),
                    ("refused", whole),
                    ("results", Value.Map(("type", "array"), ("items", Object(("id", Text), ("result", flag), ("message", Text), ("code", nullable))))))),
                ("Problem", Object(("type", Text), ("title", Text), ("status", whole), ("detail", Text))))),
            ("responses", Value.Map(("Problem", Value.Map(
                ("description", "What is wrong with the request: 400, 401, 403, 404, 405, 408, 409, 413, 415, 421, 429, 500, 503 or 504"),
                ("content", Value.Map(("application/problem+json", Value.Map(("schema", Reference("Problem")))))))))),
            ("securitySchemes", Value.Map(("key", Value.Map(
                ("type", "http"), ("scheme", "bearer"), ("description", "An API key, or a JSON Web Token of the identity provider"))))));
    }

    private static MapValue Parameter(string place, string name, MapValue schema, bool isRequired = false) =>
        Value.Map(("name", name), ("in", place), ("required", isRequired), ("schema", schema));

    private static MapValue BodyOf(MapValue schema) =>
        Value.Map(("required", true), ("content", Value.Map((Json, Value.Map(("schema", schema))))));

    private static MapValue Object(params IReadOnlyList<(string Name, Value Value)> members) => Value.Map(
        ("type", "object"),
        ("properties", Value.Map(members)),
        ("required", Value.List(members.Select(member => (Value)member.Name))));

    private static MapValue Described(string type, string description) => Value.Map(("type", type), ("description", description));

    private static MapValue Reference(string schema) => Value.Map(("$ref", $"#/components/schemas/{schema}"));
}
