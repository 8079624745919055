namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>
/// What a function of the language takes, written as Python documents it: <c>old, new, count?, /</c>. A question mark makes
/// a parameter optional, those before <c>/</c> go by place only and those after <c>*</c> by name only.
/// </summary>
internal sealed class Signature
{
    private readonly string _function;
    private readonly string[] _names;
    private readonly bool[] _required;
    private readonly int _positionalOnly;
    private readonly int _positionalMax;

    public Signature(string function, string parameters)
    {
        _function = function;
        var names = new List<string>();
        var required = new List<bool>();
        int positionalMax = -1;
        foreach (string part in parameters.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "/")
            {
                _positionalOnly = names.Count;
            }
            else if (part == "*")
            {
                positionalMax = names.Count;
            }
            else
            {
                names.Add(part.TrimEnd('?'));
                required.Add(!part.EndsWith('?'));
            }
        }

        _names = [.. names];
        _required = [.. required];
        _positionalMax = positionalMax < 0 ? _names.Length : positionalMax;
    }

    /// <summary>The argument of each parameter, null where there is none.</summary>
    public object?[] Bind(Arguments arguments)
    {
        int given = arguments.Positional.Length;
        if (given > _positionalMax)
        {
            throw PythonError.Type($"{_function}() takes at most {_positionalMax} argument{(_positionalMax == 1 ? string.Empty : "s")} ({given} given)");
        }

        var bound = new object?[_names.Length];
        arguments.Positional.CopyTo(bound, 0);
        foreach ((string name, object value) in arguments.Named)
        {
            int place = Array.IndexOf(_names, name);
            if (place < _positionalOnly)
            {
                throw PythonError.Type(_positionalOnly == _names.Length
                    ? $"{_function}() takes no keyword arguments"
                    : $"'{name}' is an invalid keyword argument for {_function}()");
            }

            bound[place] = bound[place] is null
                ? value
                : throw PythonError.Type($"argument for {_function}() given by name ('{name}') and position ({place + 1})");
        }

        for (int i = 0; i < bound.Length; i++)
        {
            if (_required[i] && bound[i] is null)
            {
                throw PythonError.Type($"{_function}() missing required argument '{_names[i]}' (pos {i + 1})");
            }
        }

        return bound;
    }
}
