using System.Globalization;
using System.Text;
using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace BambooOrleans.Server.Http;

/// <summary>The journal as server-sent events: each turn is an event whose id is its position, from which a stream is resumed.</summary>
internal sealed class EventStream(IBambooEngine engine, BambooServerOptions options, CancellationToken closing)
{
    private int _open;

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/events", StreamAsync).WithMetadata(new Access(AccessRules.Of("read_journal")));

    private async Task StreamAsync(HttpContext context)
    {
        foreach (string name in context.Request.Query.Keys)
        {
            if (name is not ("from" or "root_id"))
            {
                throw new ProblemException(StatusCodes.Status400BadRequest, $"there is no parameter {((Value)name).ToJson()}");
            }
        }

        (long from, bool isEnd) = await FirstPositionAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
        string? rootId = Read.Single(context.Request, "root_id");
        try
        {
            if (Interlocked.Increment(ref _open) > options.EventStreamsMax)
            {
                throw new ProblemException(StatusCodes.Status429TooManyRequests, "too many event streams are open") { RetryAfterSeconds = 10 };
            }

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, closing);
            await WriteAsync(context, from, isEnd, rootId, stop).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    // What a browser sends when it connects again wins over what its address said at first.
    private async Task<(long From, bool IsEnd)> FirstPositionAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.Headers["Last-Event-ID"] is [{ Length: > 0 } last])
        {
            return long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out long position) && position < long.MaxValue
                ? (position + 1, false)
                : throw new ProblemException(StatusCodes.Status400BadRequest, "Last-Event-ID must be the id of an event");
        }

        if (Read.Single(request, "from") == "end")
        {
            EngineApiResult<long> end = await engine.GetJournalEndAsync(cancellationToken).ConfigureAwait(false);
            return end.Result ? (end.Data, true) : throw end.Error as BambooException ?? new EngineUnavailableException("the journal cannot be read", end.Error);
        }

        return (Read.Whole(request, "from", 1, long.MaxValue) ?? 1, false);
    }

    private async Task WriteAsync(HttpContext context, long from, bool isEnd, string? rootId, CancellationTokenSource ending)
    {
        CancellationToken stop = ending.Token;
        await using IAsyncEnumerator<JournalTurn> turns =
            engine.ReadJournalAsync(from, rootId, follow: true, stop).GetAsyncEnumerator(stop);
        Task<bool>? next = null;
        try
        {
            // What cannot be read at all is refused before the stream begins.
            next = turns.MoveNextAsync().AsTask();
            if (next.IsFaulted)
            {
                await next.ConfigureAwait(false);
            }

            context.Response.ContentType = "text/event-stream";
            context.Response.Headers["X-Accel-Buffering"] = "no";

            // An id alone is no event; who is cut off before the first one goes on from here all the same.
            await SendAsync(
                context,
                isEnd ? string.Create(CultureInfo.InvariantCulture, $": bamboo\nid: {from - 1}\n\n") : ": bamboo\n\n",
                stop).ConfigureAwait(false);
            while (true)
            {
                try
                {
                    if (!await next.WaitAsync(options.EventSilenceMax, options.Time, stop).ConfigureAwait(false))
                    {
                        return;
                    }
                }
                catch (TimeoutException)
                {
                    await SendAsync(context, ": still here\n\n", stop).ConfigureAwait(false);
                    continue;
                }

                var text = new StringBuilder();
                do
                {
                    Append(text, turns.Current);
                    next = turns.MoveNextAsync().AsTask();
                }
                while (next.IsCompletedSuccessfully && next.Result && text.Length < 64 * 1024);

                await SendAsync(context, text.ToString(), stop).ConfigureAwait(false);

                // A page that shows what happens is not served better by more than a few writes a second, and the engine worse.
                if (!next.IsCompleted)
                {
                    await Task.Delay(options.EventInterval, options.Time, stop).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            // An enumerator must not be disposed while it moves.
            await ending.CancelAsync().ConfigureAwait(false);
            if (next is { IsCompleted: false })
            {
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static void Append(StringBuilder text, JournalTurn turn) => text.Append(
        CultureInfo.InvariantCulture,
        $"id: {turn.Position}\nevent: turn\ndata: {Value.Map(("position", turn.Position), ("root_id", turn.RootId), ("machine", turn.MachineId), ("events", turn.Events)).ToJson()}\n\n");

    private static async Task SendAsync(HttpContext context, string text, CancellationToken stop)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), stop).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(stop).ConfigureAwait(false);
    }
}
