using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The methods of <c>dict</c> and of its views.</summary>
internal static class DictMethods
{
    public static MethodTable Table { get; } = new MethodTable("dict")
        .Add("get", "key, default?, /", (run, self, arguments) =>
            ((PyDict)self).TryGet(run, arguments[0]!, out object? value) ? value : arguments[1] ?? PyNone.Instance)
        .Add("keys", string.Empty, (_, self, _) => new PyDictView((PyDict)self, DictViewKind.Keys))
        .Add("values", string.Empty, (_, self, _) => new PyDictView((PyDict)self, DictViewKind.Values))
        .Add("items", string.Empty, (_, self, _) => new PyDictView((PyDict)self, DictViewKind.Items))
        .Add("copy", string.Empty, (run, self, _) => ((PyDict)self).Copy(run))
        .AddChange("pop", "key, default?, /", (run, self, arguments) =>
        {
            var dict = (PyDict)self;
            if (!dict.TryGet(run, arguments[0]!, out object? value))
            {
                return arguments[1] ?? throw PythonError.Key(arguments[0]!);
            }

            dict.Remove(run, arguments[0]!);
            return value;
        })
        .AddChange("popitem", string.Empty, (_, self, _) =>
        {
            var dict = (PyDict)self;
            if (dict.Count == 0)
            {
                throw new PythonError("KeyError", "'popitem(): dictionary is empty'");
            }

            (object key, object value) = dict.At(dict.Count - 1);
            dict.RemoveAt(dict.Count - 1);
            return PyTuple.Of(key, value);
        })
        .AddChange("setdefault", "key, default?, /", (run, self, arguments) =>
        {
            var dict = (PyDict)self;
            if (dict.TryGet(run, arguments[0]!, out object? value))
            {
                return value;
            }

            dict.Set(run, arguments[0]!, arguments[1] ?? PyNone.Instance);
            return arguments[1] ?? PyNone.Instance;
        })
        .AddChange("clear", string.Empty, (_, self, _) =>
        {
            ((PyDict)self).Clear();
            return PyNone.Instance;
        })
        .AddRaw("update", (run, self, arguments) =>
        {
            run.Mutated = true;
            Update(run, (PyDict)self, arguments, "update");
            return PyNone.Instance;
        });

    public static MethodTable ViewTable { get; } = new MethodTable("dict_keys")
        .Add("isdisjoint", "other, /", (run, self, arguments) => SetMethods.IsDisjoint(run, Sets.ToSet(run, self), arguments[0]!));

    /// <summary>Adds what <c>dict(…)</c> or <c>dict.update(…)</c> was given.</summary>
    public static void Update(Run run, PyDict target, Arguments arguments, string function)
    {
        if (arguments.Positional.Length > 1)
        {
            throw PythonError.Type($"{function} expected at most 1 argument, got {arguments.Positional.Length}");
        }

        if (arguments.Positional.Length == 1)
        {
            UpdateFrom(run, target, arguments.Positional[0]);
        }

        foreach ((string name, object value) in arguments.Named)
        {
            target.Set(run, name, value);
        }
    }

    private static void UpdateFrom(Run run, PyDict target, object source)
    {
        if (source is PyDict dict)
        {
            foreach ((object key, object value) in dict.Pairs())
            {
                run.Step();
                target.Set(run, key, value);
            }

            return;
        }

        int number = 0;
        foreach (object item in Iteration.Over(run, source))
        {
            if (!Iteration.IsIterable(item))
            {
                throw PythonError.Type($"cannot convert dictionary update sequence element #{number} to a sequence");
            }

            List<object> pair = Iteration.ToList(run, item);
            if (pair.Count != 2)
            {
                throw PythonError.Value($"dictionary update sequence element #{number} has length {pair.Count}; 2 is required");
            }

            target.Set(run, pair[0], pair[1]);
            number++;
        }
    }
}
