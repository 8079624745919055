using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Server.Http;

/// <summary>Calls functions of the Engine API for a request, and writes their answers.</summary>
internal sealed partial class EngineCalls(IBambooEngine engine, BambooServerOptions options, ILogger logger)
{
    private const string Operator = "operator";

    private readonly EngineDispatcher _dispatcher = new(options.Time);

    /// <summary>The answer of a function, for whoever makes the request.</summary>
    /// <exception cref="ProblemException">It may not be asked in another's name, or took too long.</exception>
    public Task<MapValue> AskAsync(HttpContext context, EngineFunction function, MapValue arguments) =>
        AskAsync(context, function, InNameOf(RequestGate.CallerOf(context), function, arguments), context.RequestAborted);

    /// <summary>The answer of a function whose arguments stand as they are.</summary>
    /// <exception cref="ProblemException">It took too long.</exception>
    public async Task<MapValue> AskAsync(HttpContext context, EngineFunction function, MapValue arguments, CancellationToken stop)
    {
        using var over = new CancellationTokenSource(options.CallTimeMax, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, stop);
        try
        {
            MapValue answer = await _dispatcher.CallAsync(engine, function.Name, arguments, either.Token).ConfigureAwait(false);
            return Presentable(context, function, answer);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new ProblemException(
                StatusCodes.Status504GatewayTimeout, $"{function.Name} had no answer within {options.CallTimeMax.TotalSeconds:0.#} s; it may still be carried out");
        }
    }

    public static Task WriteAsync(HttpContext context, MapValue answer)
    {
        byte[] body;
        try
        {
            body = WireJson.ToUtf8(answer);
        }
        catch (InvalidArgumentException tooDeep)
        {
            body = WireJson.ToUtf8(Value.Map(
                ("result", false), ("message", tooDeep.Message), ("data", Value.Null), ("code", tooDeep.Code)));
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static MapValue InNameOf(Caller caller, EngineFunction function, MapValue arguments)
    {
        if (caller.Name is not { } name || function.Arguments.All(argument => argument.Name != Operator))
        {
            return arguments;
        }

        return (arguments.TryGetValue(Operator, out Value? named) ? named : Value.Null) switch
        {
            NullValue => arguments.With(Operator, name),
            TextValue text when text.Value == name => arguments,
            TextValue => throw new ProblemException(
                StatusCodes.Status403Forbidden, $"the operator is who asks, {name}, and nobody else: leave the argument operator out"),

            // What is no name is refused as any argument of a wrong type.
            _ => arguments,
        };
    }

    // Messages of errors that nobody foresaw may tell of the machine that the engine runs on.
    private MapValue Presentable(HttpContext context, EngineFunction function, MapValue answer)
    {
        if (!answer.TryGetValue("code", out Value? code) || code is not TextValue { Value: EngineErrors.Internal })
        {
            return answer;
        }

        LogInternal(function.Name, context.TraceIdentifier, (answer["message"] as TextValue)?.Value ?? "");
        return Value.Map(
            ("result", false),
            ("message", $"the engine failed; the server's log has the failure under {context.TraceIdentifier}"),
            ("data", Value.Null),
            ("code", EngineErrors.Internal));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Function} of request {Request} failed in the engine: {Failure}")]
    private partial void LogInternal(string function, string request, string failure);
}
