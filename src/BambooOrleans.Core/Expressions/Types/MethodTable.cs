using System.Collections.Frozen;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>What a method does: its run, its object and its bound arguments, null where one is left out.</summary>
internal delegate object Method(Run run, object self, object?[] arguments);

/// <summary>The methods of the objects of each type, by the name of the type.</summary>
internal sealed class MethodTable
{
    private static readonly FrozenDictionary<string, MethodTable> Tables = new Dictionary<string, MethodTable>(StringComparer.Ordinal)
    {
        ["str"] = TextMethods.Table,
        ["bytes"] = BytesMethods.Table,
        ["list"] = ListMethods.Table,
        ["tuple"] = TupleMethods.Table,
        ["dict"] = DictMethods.Table,
        ["set"] = SetMethods.Table,
        ["int"] = IntMethods.Table,
        ["bool"] = IntMethods.Table,
        ["float"] = FloatMethods.Table,
        ["range"] = RangeMethods.Table,
        ["slice"] = RangeMethods.SliceTable,
        ["dict_keys"] = DictMethods.ViewTable,
        ["dict_items"] = DictMethods.ViewTable,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly string _type;
    private readonly Dictionary<string, Func<Run, object, Arguments, object>> _methods = new(StringComparer.Ordinal);

    public MethodTable(string type) => _type = type;

    /// <summary>A method of an object, or null where its type has none of this name.</summary>
    public static object? Bound(object self, string name)
    {
        string type = TypeNames.Of(self);
        if (!Tables.TryGetValue(type, out MethodTable? table) || !table._methods.TryGetValue(name, out Func<Run, object, Arguments, object>? method))
        {
            return null;
        }

        return new PyFunction(name, $"<built-in method {name} of {type} object>", (run, arguments) => Call(run, method, self, arguments));
    }

    /// <summary>A method of a type, which takes its object first.</summary>
    public static object? Unbound(PyType type, string name)
    {
        if (!Tables.TryGetValue(type.Name, out MethodTable? table) || !table._methods.TryGetValue(name, out Func<Run, object, Arguments, object>? method))
        {
            return null;
        }

        return new PyFunction(name, $"<method '{name}' of '{table._type}' objects>", (run, arguments) =>
        {
            object self = arguments.Positional.Length > 0
                ? arguments.Positional[0]
                : throw PythonError.Type($"unbound method {type.Name}.{name}() needs an argument");
            string actual = TypeNames.Of(self);
            if (actual != type.Name && !(type.Name == "int" && actual == "bool"))
            {
                throw PythonError.Type($"descriptor '{name}' for '{type.Name}' objects doesn't apply to a '{actual}' object");
            }

            return Call(run, method, self, arguments.Rest());
        });
    }

    /// <summary>Adds a method.</summary>
    public MethodTable Add(string name, string parameters, Method body)
    {
        var signature = new Signature($"{_type}.{name}", parameters);
        return AddRaw(name, (run, self, arguments) => body(run, self, signature.Bind(arguments)));
    }

    /// <summary>Adds a method that takes any number of arguments, by place only.</summary>
    public MethodTable AddAny(string name, Method body) => AddRaw(name, (run, self, arguments) => arguments.Named.Length == 0
        ? body(run, self, arguments.Positional)
        : throw PythonError.Type($"{_type}.{name}() takes no keyword arguments"));

    /// <summary>Adds a method that changes its object.</summary>
    public MethodTable AddChange(string name, string parameters, Method body) => Add(name, parameters, (run, self, arguments) =>
    {
        run.Mutated = true;
        return body(run, self, arguments);
    });

    /// <summary>Adds a method that looks at its arguments itself.</summary>
    public MethodTable AddRaw(string name, Func<Run, object, Arguments, object> body)
    {
        _methods.Add(name, body);
        return this;
    }

    private static object Call(Run run, Func<Run, object, Arguments, object> method, object self, Arguments arguments)
    {
        run.Step();
        if (self is string text)
        {
            run.Scan(text);
        }

        return method(run, self, arguments);
    }
}
