using System.Globalization;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace BambooOrleans.Server.Http;

/// <summary>
/// One verb on many pipelines or nodes: <c>POST /api/v1/batch/{function}</c>. A preview tries each and tells how many there are; what
/// is then carried out must be as many, so that nobody revokes a thousand pipelines by a filter that was meant for ten.
/// </summary>
internal sealed class Batch(IBambooEngine engine, PipelineList pipelines, EngineCalls calls, BambooServerOptions options)
{
    /// <summary>How many pipelines or nodes one batch may have.</summary>
    public const int TargetsMax = 1000;

    private const string PipelineId = "pipeline_id";
    private const string NodeId = "node_id";

    /// <summary>The functions that a batch may call: verbs whose one target is a pipeline or a node.</summary>
    public static IReadOnlyList<EngineFunction> Functions { get; } =
    [
        .. EngineDispatcher.Functions.Values
            .Where(function => function.IsControl && function.Name != "callback" && TargetOf(function) is not null)
            .OrderBy(function => function.Name, StringComparer.Ordinal),
    ];

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (EngineFunction function in Functions)
        {
            routes.MapPost($"/api/v1/batch/{function.Name}", context => CarryOutAsync(context, function))
                .WithMetadata(new Access(AccessRules.Of(function.Name)));
        }
    }

    private static string? TargetOf(EngineFunction function) =>
        function.Arguments.FirstOrDefault(argument => argument.IsRequired && argument.Name is PipelineId or NodeId)?.Name;

    private async Task CarryOutAsync(HttpContext context, EngineFunction function)
    {
        MapValue body = await RequestBody.ReadMapAsync(context, options).ConfigureAwait(false);
        foreach (string name in body.Keys)
        {
            if (name is not ("ids" or "filter" or "arguments" or "preview" or "expected_count"))
            {
                throw Wrong($"there is no member {((Value)name).ToJson()}; there are ids, filter, arguments, preview and expected_count");
            }
        }

        bool isPreview = Member(body, "preview") switch
        {
            null => false,
            BoolValue flag => flag.Value,
            _ => throw Wrong("preview must be true or false"),
        };
        MapValue arguments = Member(body, "arguments") switch
        {
            null => MapValue.Empty,
            MapValue map => map,
            _ => throw Wrong("arguments must be an object"),
        };
        string target = TargetOf(function)!;
        if (arguments.ContainsKey(target) || arguments.ContainsKey("dry_run"))
        {
            throw Wrong($"arguments must not have {target} or dry_run: ids or filter, and preview, say that");
        }

        long? expected = Member(body, "expected_count") switch
        {
            null => null,
            IntValue number when number.TryGetInt64(out long count) => count,
            _ => throw Wrong("expected_count must be a whole number"),
        };
        bool isFiltered = Member(body, "filter") is not null;
        IReadOnlyList<string> ids = await TargetsAsync(body, function, target, context.RequestAborted).ConfigureAwait(false);
        if (isFiltered && !isPreview && expected is null)
        {
            throw Wrong("expected_count is missing: with a filter, it must be the count that a preview gave");
        }

        if (expected is { } wanted && wanted != ids.Count)
        {
            throw new ProblemException(
                StatusCodes.Status409Conflict, $"expected_count is {wanted}, but there are {ids.Count} now; nothing was done. Preview again");
        }

        int done = 0;
        var results = new List<Value>(ids.Count);
        foreach (string id in ids)
        {
            MapValue answer = await calls.AskAsync(
                context, function, arguments.With(target, id).With("dry_run", isPreview)).ConfigureAwait(false);
            bool result = answer["result"].IsTruthy;
            done += result ? 1 : 0;
            results.Add(Value.Map(("id", id), ("result", result), ("message", answer["message"]), ("code", answer["code"])));
        }

        await EngineCalls.WriteAsync(context, Value.Map(
            ("preview", isPreview),
            ("count", ids.Count),
            ("accepted", done),
            ("refused", ids.Count - done),
            ("results", Value.List(results)))).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<string>> TargetsAsync(MapValue body, EngineFunction function, string target, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> ids = (Member(body, "ids"), Member(body, "filter")) switch
        {
            (ListValue list, null) => [.. list.Select(item => item is TextValue text ? text.Value : throw Wrong("ids must be a list of texts")).Distinct()],
            (null, MapValue filter) => await FilteredAsync(filter, function, target, cancellationToken).ConfigureAwait(false),
            (null, null) or ({ }, { }) => throw Wrong("either ids or filter must be given"),
            ({ }, null) => throw Wrong("ids must be a list of texts"),
            _ => throw Wrong("filter must be an object"),
        };
        return ids.Count <= TargetsMax ? ids : throw Wrong(string.Create(
            CultureInfo.InvariantCulture, $"a batch may have at most {TargetsMax} targets, but there are more; narrow the filter, or take them in parts"));
    }

    // Of a verb of nodes: those in the pipelines that the verb would move.
    private async Task<IReadOnlyList<string>> FilteredAsync(MapValue map, EngineFunction function, string target, CancellationToken cancellationToken)
    {
        foreach ((string name, Value value) in map)
        {
            if (!PipelineFilters.Names.Contains(name) || value is not TextValue)
            {
                throw Wrong("filter has state, text, name, created_from and created_before, each of them text");
            }
        }

        PipelineFilter filter = PipelineFilters.Read(name => Member(map, name) is TextValue text ? text.Value : null);
        IReadOnlyList<PipelineSummary> found = await pipelines.FindAsync(filter, null, TargetsMax + 1, cancellationToken).ConfigureAwait(false);
        if (target == PipelineId)
        {
            return [.. found.Select(pipeline => pipeline.RootId)];
        }

        var nodes = new List<string>();
        foreach (PipelineSummary pipeline in found.Where(pipeline => pipeline.ArchivedTime is null))
        {
            EngineApiResult<IReadOnlyList<WaitInfo>> waits = await engine.GetWaitsAsync(pipeline.RootId, cancellationToken).ConfigureAwait(false);
            nodes.AddRange((waits.Data ?? []).Where(wait => wait.Verbs.Contains(function.Name)).Select(wait => wait.NodeId));
            if (nodes.Count > TargetsMax)
            {
                break;
            }
        }

        return [.. nodes.Distinct()];
    }

    private static Value? Member(MapValue map, string name) => map.TryGetValue(name, out Value? value) && !value.IsNull ? value : null;

    private static ProblemException Wrong(string problem) => new(StatusCodes.Status400BadRequest, problem);
}
