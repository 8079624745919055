namespace BambooOrleans.Cli.Reports;

/// <summary>Turns results of the Engine API into what commands go on with.</summary>
internal static class Results
{
    /// <exception cref="BambooException">The verb was refused.</exception>
    public static void OrThrow(this EngineApiResult result)
    {
        if (!result.Result)
        {
            throw Refusal(result);
        }
    }

    /// <exception cref="BambooException">The verb was refused.</exception>
    public static T OrThrow<T>(this EngineApiResult<T> result) => result.Result ? result.Data! : throw Refusal(result);

    private static BambooException Refusal(EngineApiResult result) =>
        result.Error as BambooException ?? new CliException("internal", result.ErrorTrace ?? result.Message);
}
