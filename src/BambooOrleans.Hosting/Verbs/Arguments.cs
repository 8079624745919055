namespace BambooOrleans.Hosting;

/// <summary>
/// What every verb checks of its arguments before a machine hears of them: a machine that stumbles over one would stop the
/// whole engine.
/// </summary>
public static class Arguments
{
    /// <summary>The argument, which has to be given.</summary>
    /// <exception cref="InvalidArgumentException">It is not given.</exception>
    public static T Given<T>(T? argument, string name)
        where T : class => argument ?? throw new InvalidArgumentException($"{name} is missing");

    /// <summary>The data, which has to be given, and such that it can be kept.</summary>
    /// <exception cref="InvalidArgumentException">It is not given, or is nested so deep that it cannot be kept.</exception>
    public static T Keepable<T>(T? data, string name)
        where T : Value => !ValueJson.IsTooDeep(Given(data, name))
        ? data!
        : throw new InvalidArgumentException($"{name} is nested deeper than {ValueJson.MaxDepth} levels");

    /// <summary>Checks a text that becomes a key of a store.</summary>
    /// <exception cref="InvalidArgumentException">The text has no UTF-8, so that a store cannot tell it from another.</exception>
    public static void CheckText(string text, string what)
    {
        for (int index = 0; index < text.Length; index++)
        {
            if (char.IsSurrogate(text[index]) && !(index + 1 < text.Length && char.IsSurrogatePair(text[index], text[++index])))
            {
                throw new InvalidArgumentException($"{what} {((Value)text).ToJson()} holds half a surrogate pair, which is no Unicode text");
            }
        }
    }
}
