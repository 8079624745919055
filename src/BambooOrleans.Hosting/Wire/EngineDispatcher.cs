namespace BambooOrleans.Hosting.Wire;

/// <summary>
/// Calls an engine by the names of the Engine API: function and arguments are data, and so is the answer. What carries both
/// between processes (a grain, HTTP) has only to move them; <see cref="RemoteEngine"/> is the other end.
/// </summary>
/// <remarks>
/// The answer is a map of <c>result</c> (whether the call was carried out), <c>message</c> (<c>success</c>, or what went wrong),
/// <c>data</c> (what the function gives; null where it gives nothing or failed) and <c>code</c> (the stable code of the error; null on
/// success). A failure whose type says more than its message has that as <c>details</c>. Names are in snake case as in the Engine
/// API's documents; times are ISO 8601 in UTC with microseconds, durations are in seconds.
/// </remarks>
/// <param name="time">What limits of waiting are measured by; the system's clock where it is null.</param>
public sealed class EngineDispatcher(TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>The functions by name.</summary>
    public static IReadOnlyDictionary<string, EngineFunction> Functions => EngineFunctions.ByName;

    /// <summary>
    /// Calls a function. Whatever is wrong with the call is in the answer; an unknown function, and an argument that is unknown, missing
    /// or of a wrong type, is refused before the engine hears of it.
    /// </summary>
    /// <param name="engine">The engine that is asked.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="arguments">Its arguments by name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<MapValue> CallAsync(
        IBambooEngine engine, string function, MapValue arguments, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(arguments);
        try
        {
            if (!Functions.TryGetValue(function, out EngineFunction? known))
            {
                throw new InvalidArgumentException($"there is no function {ArgumentPlace.Quote(function)}");
            }

            var call = new EngineCall(engine, known, arguments, _time, cancellationToken);
            call.CheckNames();
            return await known.CarryOut(call).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return Envelope.Failure(failure);
        }
    }

    /// <summary>Calls a function with arguments and answer as UTF-8 JSON, as <see cref="WireJson"/> writes them.</summary>
    /// <param name="engine">The engine that is asked.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="arguments">One JSON object.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<byte[]> CallAsync(
        IBambooEngine engine, string function, ReadOnlyMemory<byte> arguments, CancellationToken cancellationToken = default)
    {
        MapValue answer;
        try
        {
            answer = await CallAsync(engine, function, WireJson.Parse(arguments.Span), cancellationToken).ConfigureAwait(false);
            return WireJson.ToUtf8(answer);
        }
        catch (InvalidArgumentException failure)
        {
            return WireJson.ToUtf8(Envelope.Failure(failure));
        }
    }
}
