using BambooOrleans.Core.Expressions.Syntax;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Binds the arguments of a call to the parameters of a lambda.</summary>
internal static class Lambdas
{
    public static Scope Bind(Run run, LambdaNode node, object?[] defaults, Scope outer, Arguments arguments)
    {
        var scope = new Scope(outer, isComprehension: false);
        var named = arguments.Named.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        int next = 0;
        bool takesRest = false;
        bool takesNames = false;
        for (int i = 0; i < node.Parameters.Count; i++)
        {
            run.Step();
            ParameterNode parameter = node.Parameters[i];
            switch (parameter.Kind)
            {
                case ParameterKind.Star:
                    takesRest = true;
                    scope.Bind(parameter.Name, new PyTuple(arguments.Positional[Math.Min(next, arguments.Positional.Length)..]));
                    break;
                case ParameterKind.DoubleStar:
                    takesNames = true;
                    var rest = new PyDict();
                    foreach ((string name, object value) in arguments.Named)
                    {
                        if (named.ContainsKey(name))
                        {
                            rest.Set(run, name, value);
                        }
                    }

                    scope.Bind(parameter.Name, rest);
                    break;
                default:
                    bool byPlace = parameter.Kind != ParameterKind.NamedOnly && next < arguments.Positional.Length;
                    bool byName = parameter.Kind != ParameterKind.PositionalOnly && named.ContainsKey(parameter.Name);
                    if (byPlace && byName)
                    {
                        throw PythonError.Type($"<lambda>() got multiple values for argument '{parameter.Name}'");
                    }

                    object? argument = byPlace ? arguments.Positional[next++] : byName ? named[parameter.Name] : defaults[i];
                    if (byName)
                    {
                        named.Remove(parameter.Name);
                    }

                    scope.Bind(parameter.Name, argument ?? throw PythonError.Type($"<lambda>() missing 1 required positional argument: '{parameter.Name}'"));
                    break;
            }
        }

        if (!takesRest && next < arguments.Positional.Length)
        {
            throw PythonError.Type($"<lambda>() takes {next} positional arguments but {arguments.Positional.Length} were given");
        }

        return takesNames || named.Count == 0
            ? scope
            : throw PythonError.Type($"<lambda>() got an unexpected keyword argument '{named.Keys.First()}'");
    }
}
