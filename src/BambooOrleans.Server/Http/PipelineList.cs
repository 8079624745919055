using System.Globalization;
using System.Text;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace BambooOrleans.Server.Http;

/// <summary>Which pipelines are wanted.</summary>
/// <param name="States">In one of these states; null for any.</param>
/// <param name="Text">With this in the id, whatever the case; null for any.</param>
/// <param name="CreatedFrom">Submitted then or later.</param>
/// <param name="CreatedBefore">Submitted before then.</param>
internal sealed record PipelineFilter(IReadOnlySet<NodeStateName>? States, string? Text, DateTimeOffset? CreatedFrom, DateTimeOffset? CreatedBefore)
{
    /// <exception cref="InvalidArgumentException">A state or a time is none.</exception>
    public static PipelineFilter Read(Func<string, string?> parameter)
    {
        return new PipelineFilter(
            parameter("state") is { } states ? states.Split(',').Select(State).ToHashSet() : null,
            parameter("text"),
            Time("created_from"),
            Time("created_before"));

        DateTimeOffset? Time(string name) => parameter(name) is not { } text ? null
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time
            : throw new InvalidArgumentException($"{name} must be a time as ISO 8601");
    }

    public bool Takes(PipelineSummary pipeline) =>
        States?.Contains(pipeline.State) != false
        && (Text is null || pipeline.RootId.Contains(Text, StringComparison.OrdinalIgnoreCase))
        && !(pipeline.CreatedTime < CreatedFrom)
        && !(pipeline.CreatedTime >= CreatedBefore);

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
internal sealed class PipelineList(IBambooEngine engine)
{
    private const int PageDefault = 50;
    private const int PageMax = 1000;
    private const int FirstScan = 1000;

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/pipelines", async context =>
    {
        foreach (string name in context.Request.Query.Keys)
        {
            if (name is not ("state" or "text" or "created_from" or "created_before" or "limit" or "cursor"))
            {
                throw new ProblemException(StatusCodes.Status400BadRequest, $"there is no parameter {((Value)name).ToJson()}");
            }
        }

        PipelineFilter filter = PipelineFilter.Read(name => Read.Single(context.Request, name));
        int limit = (int)(Read.Whole(context.Request, "limit", 1, PageMax) ?? PageDefault);
        (DateTimeOffset Created, string RootId)? after = Read.Single(context.Request, "cursor") is { } cursor ? ReadCursor(cursor) : null;
        IReadOnlyList<PipelineSummary> found = await FindAsync(filter, after, limit + 1, context.RequestAborted).ConfigureAwait(false);
        await EngineCalls.WriteAsync(context, Value.Map(
            ("pipelines", Value.List(found.Take(limit).Select(Write))),
            ("next_cursor", found.Count > limit ? CursorOf(found[limit - 1]) : Value.Null))).ConfigureAwait(false);
    }).WithMetadata(new Access(AccessRules.Of("list_pipelines")));

    /// <summary>Pipelines that a filter takes, after one of an earlier page.</summary>
    /// <exception cref="EngineUnavailableException">The engine cannot tell.</exception>
    public async Task<IReadOnlyList<PipelineSummary>> FindAsync(
        PipelineFilter filter, (DateTimeOffset Created, string RootId)? after, int count, CancellationToken cancellationToken)
    {
        // The engine lists from the newest on: as far as the page needs, and twice as far each time that was not enough.
        for (int scan = FirstScan; ; scan *= 2)
        {
            EngineApiResult<IReadOnlyList<PipelineSummary>> listed = await engine.ListPipelinesAsync(scan, cancellationToken).ConfigureAwait(false);
            if (!listed.Result)
            {
                throw listed.Error as BambooException ?? new EngineUnavailableException("the pipelines cannot be listed", listed.Error);
            }

            List<PipelineSummary> found = [.. After(listed.Data!, after).Where(filter.Takes).Take(count)];
            if (found.Count == count || listed.Data!.Count < scan || scan > int.MaxValue / 2)
            {
                return found;
            }
        }
    }

    private static IEnumerable<PipelineSummary> After(IReadOnlyList<PipelineSummary> pipelines, (DateTimeOffset Created, string RootId)? after)
    {
        if (after is not { } last)
        {
            return pipelines;
        }

        for (int index = 0; index < pipelines.Count; index++)
        {
            if (pipelines[index].RootId == last.RootId)
            {
                return pipelines.Skip(index + 1);
            }
        }

        return pipelines.SkipWhile(pipeline => pipeline.CreatedTime >= last.Created);
    }

    private static MapValue Write(PipelineSummary pipeline) => Value.Map(
        ("root_id", pipeline.RootId),
        ("state", pipeline.State.ToApiName()),
        ("created_time", ApiTime.Text(pipeline.CreatedTime)),
        ("archived_time", ApiTime.Text(pipeline.ArchivedTime)));

    private static Value CursorOf(PipelineSummary pipeline) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{pipeline.CreatedTime.UtcTicks} {pipeline.RootId}")));

    private static (DateTimeOffset Created, string RootId) ReadCursor(string cursor)
    {
        try
        {
            string[] parts = Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(cursor)).Split(' ', 2);
            return (new DateTimeOffset(long.Parse(parts[0], CultureInfo.InvariantCulture), TimeSpan.Zero), parts[1]);
        }
        catch (Exception failure) when (failure is FormatException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, "cursor must be the next_cursor of an earlier page");
        }
    }
}
