using System.Collections.Frozen;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary>The modules that options can allow.</summary>
internal static class ModuleTable
{
    private static readonly FrozenDictionary<string, object> Modules = new Dictionary<string, object>(StringComparer.Ordinal)
    {
        ["datetime"] = DateTimeModule.Module,
        ["re"] = RegexModule.Module,
        ["hashlib"] = HashModule.Module,
        ["random"] = RandomModule.Module,
        ["time"] = TimeModule.Module,
        ["json"] = JsonModule.Module,
        ["os"] = PathModule.Parent,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The module that a name stands for, or null where the options allow none of that name.</summary>
    public static object? Find(IReadOnlySet<string> allowed, string name) =>
        allowed.Count > 0 && allowed.Contains(name == "os" ? "os.path" : name) ? Modules.GetValueOrDefault(name) : null;

    /// <summary>A module of functions.</summary>
    public static PyModule Module(string name, params (string Name, string Parameters, Func<Run, object?[], object> Body)[] functions)
    {
        var module = new PyModule(name);
        foreach ((string function, string parameters, Func<Run, object?[], object> body) in functions)
        {
            module.Members.Add(function, Function(function, parameters, body));
        }

        return module;
    }

    /// <summary>A function that is written in Python there, and so shows as one.</summary>
    public static PyFunction Function(string name, string parameters, Func<Run, object?[], object> body)
    {
        var signature = new Signature(name, parameters);
        return new PyFunction(name, $"<function {name}>", (run, arguments) => body(run, signature.Bind(arguments)));
    }

    /// <summary>A text argument.</summary>
    public static string Text(object? value) => value as string
        ?? throw PythonError.Type($"expected str, got {TypeNames.Of(value ?? PyNone.Instance)}");

    /// <summary>The source of time and chance, which only a host can bring.</summary>
    public static IExpressionEnvironment Environment(Run run) => run.Environment
        ?? throw PythonError.Unsupported("time and chance without an environment");
}
