using System.Globalization;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace BambooOrleans.Server.Http;

/// <summary>A read by path, such as <c>GET /api/v1/pipelines/{id}/states</c>: a function whose first argument is in the path, and the others in the query.</summary>
/// <param name="Kind"><c>pipelines</c> or <c>nodes</c>.</param>
/// <param name="Name">The last part of the path.</param>
/// <param name="Function">The function.</param>
/// <param name="Argument">The argument that is in the path.</param>
internal sealed record Read(string Kind, string Name, string Function, string Argument)
{
    public static IReadOnlyList<Read> All { get; } =
    [
        new("pipelines", "states", "get_pipeline_states", "root_id"),
        new("pipelines", "context", "get_context", "pipeline_id"),
        new("pipelines", "waits", "get_waits", "root_id"),
        new("pipelines", "execution_time", "get_pipeline_execution_time", "pipeline_id"),
        new("pipelines", "definition", "get_pipeline_definition", "root_id"),
        new("pipelines", "debug_info", "get_pipeline_debug_info", "pipeline_id"),
        new("pipelines", "journal", "read_journal", "root_id"),
        new("nodes", "states", "get_children_states", "node_id"),
        new("nodes", "data", "get_data", "node_id"),
        new("nodes", "execution_data", "get_execution_data", "node_id"),
        new("nodes", "inputs", "get_execution_data_inputs", "node_id"),
        new("nodes", "outputs", "get_execution_data_outputs", "node_id"),
        new("nodes", "histories", "get_node_histories", "node_id"),
        new("nodes", "short_histories", "get_node_short_histories", "node_id"),
        new("nodes", "execution_time", "get_node_execution_time", "node_id"),
        new("nodes", "debug_info", "get_node_debug_info", "node_id"),
    ];

    public EngineFunction Called => EngineDispatcher.Functions[Function];

    public static void Map(IEndpointRouteBuilder routes, EngineCalls calls)
    {
        foreach (Read read in All)
        {
            routes.MapGet($"/api/v1/{read.Kind}/{{id}}/{read.Name}", async context =>
            {
                MapValue arguments = Query(context.Request, read.Called, read.Argument);
                string id = PathPart(context, 4);
                await EngineCalls.WriteAsync(
                    context,
                    await calls.AskAsync(context, read.Called, arguments.With(read.Argument, id)).ConfigureAwait(false)).ConfigureAwait(false);
            }).WithMetadata(new Access(AccessRules.Of(read.Function)));
        }
    }

    /// <summary>A part of the path as it was sent, decoded: routing leaves an encoded slash as it is.</summary>
    public static string PathPart(HttpContext context, int index)
    {
        string raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        string[] parts = raw.Split('?', 2)[0].Split('/');
        return index < parts.Length
            ? Uri.UnescapeDataString(parts[index])
            : throw new ProblemException(StatusCodes.Status400BadRequest, "the path cannot be read");
    }

    /// <summary>A whole number of the query; null where it is not there.</summary>
    /// <exception cref="ProblemException">It is none, or out of its range.</exception>
    public static long? Whole(HttpRequest request, string name, long min, long max)
    {
        string? text = Single(request, name);
        return text is null ? null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= min && number <= max ? number
            : throw new ProblemException(StatusCodes.Status400BadRequest, $"{name} must be a whole number from {min} to {max}");
    }

    /// <summary>A parameter of the query; null where it is not there.</summary>
    /// <exception cref="ProblemException">It is there more than once.</exception>
    public static string? Single(HttpRequest request, string name) => request.Query[name] switch
    {
        [] => null,
        [var text] => text,
        _ => throw new ProblemException(StatusCodes.Status400BadRequest, $"{name} must be given once"),
    };

    // A query has only text: what each parameter must be says what it is taken for.
    private static MapValue Query(HttpRequest request, EngineFunction function, string inPath)
    {
        var arguments = new MapValue.Builder();
        foreach (string name in request.Query.Keys)
        {
            EngineArgument argument = function.Arguments.FirstOrDefault(known => known.Name == name && name != inPath)
                ?? throw new ProblemException(StatusCodes.Status400BadRequest, $"there is no parameter {((Value)name).ToJson()}");
            string text = Single(request, name) ?? "";
            arguments[name] = ArgumentSchema.Of(argument).Type switch
            {
                "boolean" when bool.TryParse(text, out bool flag) => flag,
                "integer" when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => number,
                "number" when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) => number,
                "string" => text,
                _ => throw new ProblemException(StatusCodes.Status400BadRequest, $"{name} must be {argument.Expected}"),
            };
        }

        return arguments.Build();
    }
}
