using System.Globalization;
using System.Text;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace BambooOrleans.Server.Http;

/// <summary>Which pipelines are wanted, as parameters of a query or members of a filter say it.</summary>
internal static class PipelineFilters
{
    /// <summary>The parameters.</summary>
    public static IReadOnlyList<string> Names { get; } = ["state", "text", "name", "created_from", "created_before"];

    /// <exception cref="InvalidArgumentException">A state or a time is none.</exception>
    public static PipelineFilter Read(Func<string, string?> parameter)
    {
        return new PipelineFilter
        {
            States = parameter("state")?.Split(',').Select(State).ToHashSet(),
            Text = parameter("text"),
            Name = parameter("name"),
            CreatedFrom = Time("created_from"),
            CreatedBefore = Time("created_before"),
        };

        DateTimeOffset? Time(string name) => parameter(name) is not { } text ? null
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time
            : throw new InvalidArgumentException($"{name} must be a time as ISO 8601");
    }

    private static NodeStateName State(string name)
    {
        try
        {
            return NodeStateNames.Parse(name);
        }
        catch (ArgumentException)
        {
            throw new InvalidArgumentException(
                $"state must be of {string.Join(", ", Enum.GetValues<NodeStateName>().Select(state => state.ToApiName()))}");
        }
    }
}

/// <summary>The list of pipelines, the newest first, in pages that stay as they are while pipelines are submitted.</summary>
internal sealed class PipelineList(IBambooEngine engine, EngineCalls calls)
{
    private const int PageDefault = 50;
    private const int PageMax = 1000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/pipelines", ListAsync).WithMetadata(new Access(AccessRules.Of("list_pipelines")));
        routes.MapGet("/api/v1/pipeline_counts", CountAsync).WithMetadata(new Access(AccessRules.Of("count_pipelines")));
    }

    /// <summary>Pipelines that a filter takes, after one of an earlier page.</summary>
    /// <exception cref="EngineUnavailableException">The engine cannot tell.</exception>
    public async Task<IReadOnlyList<PipelineSummary>> FindAsync(
        PipelineFilter filter, PipelinePosition? after, int count, CancellationToken cancellationToken)
    {
        EngineApiResult<IReadOnlyList<PipelineSummary>> listed =
            await engine.ListPipelinesAsync(filter, after, count, cancellationToken).ConfigureAwait(false);
        return listed.Result
            ? listed.Data!
            : throw listed.Error as BambooException ?? new EngineUnavailableException("the pipelines cannot be listed", listed.Error);
    }

    private static PipelineFilter FilterOf(HttpRequest request, params IReadOnlyList<string> others)
    {
        foreach (string name in request.Query.Keys)
        {
            if (!PipelineFilters.Names.Contains(name) && !others.Contains(name))
            {
                throw new ProblemException(StatusCodes.Status400BadRequest, $"there is no parameter {((Value)name).ToJson()}");
            }
        }

        return PipelineFilters.Read(name => Read.Single(request, name));
    }

    private async Task ListAsync(HttpContext context)
    {
        PipelineFilter filter = FilterOf(context.Request, "limit", "cursor");
        int limit = (int)(Read.Whole(context.Request, "limit", 1, PageMax) ?? PageDefault);
        PipelinePosition? after = Read.Single(context.Request, "cursor") is { } cursor ? ReadCursor(cursor) : null;
        IReadOnlyList<PipelineSummary> found = await FindAsync(filter, after, limit + 1, context.RequestAborted).ConfigureAwait(false);
        await EngineCalls.WriteAsync(context, Value.Map(
            ("pipelines", Value.List(found.Take(limit).Select(pipeline => (Value)PipelineData.Write(pipeline)))),
            ("next_cursor", found.Count > limit ? CursorOf(found[limit - 1]) : Value.Null))).ConfigureAwait(false);
    }

    private async Task CountAsync(HttpContext context)
    {
        PipelineFilter filter = FilterOf(context.Request);
        var arguments = new MapValue.Builder();
        if (filter.States is { } states)
        {
            arguments["states"] = Value.List(states.Select(state => (Value)state.ToApiName()));
        }

        foreach ((string name, Value value) in new (string, Value)[]
        {
            ("text", filter.Text),
            ("name", filter.Name),
            ("created_from", filter.CreatedFrom?.ToString("O", CultureInfo.InvariantCulture)),
            ("created_before", filter.CreatedBefore?.ToString("O", CultureInfo.InvariantCulture)),
        })
        {
            arguments[name] = value;
        }

        await EngineCalls.WriteAsync(
            context,
            await calls.AskAsync(context, EngineDispatcher.Functions["count_pipelines"], arguments.Build()).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private static Value CursorOf(PipelineSummary pipeline) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{pipeline.CreatedTime.UtcTicks} {pipeline.RootId}")));

    private static PipelinePosition ReadCursor(string cursor)
    {
        try
        {
            string[] parts = Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(cursor)).Split(' ', 2);
            return new PipelinePosition(new DateTimeOffset(long.Parse(parts[0], CultureInfo.InvariantCulture), TimeSpan.Zero), parts[1]);
        }
        catch (Exception failure) when (failure is FormatException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, "cursor must be the next_cursor of an earlier page");
        }
    }
}
