namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Calls of whatever can be called.</summary>
internal static class Calls
{
    public static object Invoke(Run run, object function, Arguments arguments)
    {
        run.Enter();
        try
        {
            return function switch
            {
                PyFunction known => known.Body(run, arguments),
                PyType type => type.Construct(run, arguments),
                _ => throw PythonError.Type($"'{TypeNames.Of(function)}' object is not callable"),
            };
        }
        finally
        {
            run.Leave();
        }
    }

    public static object Invoke(Run run, object function, object argument) => Invoke(run, function, Arguments.Of(argument));
}
