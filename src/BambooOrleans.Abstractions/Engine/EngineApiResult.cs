namespace BambooOrleans;

/// <summary>What every verb of the Engine API answers. A verb never throws for what it was asked; it says so here.</summary>
public class EngineApiResult
{
    private protected EngineApiResult(bool result, string message, Exception? error)
    {
        Result = result;
        Message = message;
        Error = error;
    }

    /// <summary>Whether the verb was carried out.</summary>
    public bool Result { get; }

    /// <summary><c>success</c>, or what went wrong.</summary>
    public string Message { get; }

    /// <summary>What went wrong, as a typed error; null where nothing did. The reference's <c>exc</c>.</summary>
    public Exception? Error { get; }

    /// <summary>The stable code of the error, <c>internal</c> for one that has none; null where nothing went wrong.</summary>
    public string? ErrorCode => Error is null ? null : (Error as BambooException)?.Code ?? "internal";

    /// <summary>The error with its stack trace; null where nothing went wrong. The reference's <c>exc_trace</c>.</summary>
    public string? ErrorTrace => Error?.ToString();

    /// <summary>Success without data.</summary>
    public static EngineApiResult Success { get; } = new(true, "success", null);

    /// <summary>A failure.</summary>
    public static EngineApiResult Fail(Exception error) => new(false, error.Message, error);

    /// <summary>Success with data.</summary>
    public static EngineApiResult<T> Of<T>(T data) => new(data);

    /// <summary>A failure of a verb that would have given data.</summary>
    public static EngineApiResult<T> Fail<T>(Exception error) => new(error);
}

/// <summary>What a verb that gives data answers.</summary>
/// <typeparam name="T">The data.</typeparam>
public sealed class EngineApiResult<T> : EngineApiResult
{
    internal EngineApiResult(T data)
        : base(true, "success", null) => Data = data;

    internal EngineApiResult(Exception error)
        : base(false, error.Message, error)
    {
    }

    /// <summary>The data; the type's default where <see cref="EngineApiResult.Result"/> is false.</summary>
    public T? Data { get; }
}
