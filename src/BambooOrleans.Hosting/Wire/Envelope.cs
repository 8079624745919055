namespace BambooOrleans.Hosting.Wire;

/// <summary>The answer of every function as data.</summary>
internal static class Envelope
{
    public static MapValue Success(Value data) => Value.Map(
        ("result", true), ("message", "success"), ("data", data), ("code", Value.Null));

    public static MapValue Failure(Exception error)
    {
        var answer = new MapValue.Builder
        {
            ["result"] = false,
            ["message"] = error.Message,
            ["data"] = Value.Null,
            ["code"] = (error as BambooException)?.Code ?? EngineErrors.Internal,
        };
        if (EngineErrors.DetailsOf(error) is { Count: > 0 } details)
        {
            answer["details"] = details;
        }

        return answer.Build();
    }

    public static MapValue Of(EngineApiResult result) => result.Result ? Success(Value.Null) : Failure(result.Error!);

    public static MapValue Of<T>(EngineApiResult<T> result, Func<T, Value> write) =>
        result.Result ? Success(write(result.Data!)) : Failure(result.Error!);

    /// <summary>Whether the call was carried out; the error where it was not.</summary>
    /// <exception cref="AnswerFormatException">The answer is none.</exception>
    public static bool TryRead(MapValue answer, out Exception? error)
    {
        AnswerMembers members = AnswerMembers.Of(answer, "the answer");
        if (members.Flag("result"))
        {
            error = null;
            return true;
        }

        error = EngineErrors.Create(members.Text("code"), members.Text("message"), members.OptionalMap("details") ?? MapValue.Empty);
        return false;
    }
}
