using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The methods of <c>set</c>.</summary>
internal static class SetMethods
{
    public static MethodTable Table { get; } = Build();

    public static object IsDisjoint(Run run, PySet set, object other)
    {
        foreach (object item in Iteration.Over(run, other))
        {
            if (set.Contains(run, item))
            {
                return false;
            }
        }

        return true;
    }

    private static MethodTable Build()
    {
        var table = new MethodTable("set");
        foreach ((string name, string op) in new[] { ("union", "|"), ("intersection", "&"), ("difference", "-") })
        {
            table.AddAny(name, (run, self, arguments) => Fold(run, op, ((PySet)self).Copy(run), arguments!));
            table.AddAny(name == "union" ? "update" : name + "_update", (run, self, arguments) =>
                Replace(run, (PySet)self, Fold(run, op, ((PySet)self).Copy(run), arguments!)));
        }

        table.Add("symmetric_difference", "other, /", (run, self, arguments) =>
            Sets.Combine(run, "^", (PySet)self, Sets.ToSet(run, arguments[0]!)));
        table.AddChange("symmetric_difference_update", "other, /", (run, self, arguments) =>
            Replace(run, (PySet)self, Sets.Combine(run, "^", (PySet)self, Sets.ToSet(run, arguments[0]!))));
        table.Add("issubset", "other, /", (run, self, arguments) =>
        {
            PySet other = Sets.ToSet(run, arguments[0]!);
            return ((PySet)self).Items().All(item => other.Contains(run, item));
        });
        table.Add("issuperset", "other, /", (run, self, arguments) =>
            Iteration.Over(run, arguments[0]!).All(item => ((PySet)self).Contains(run, item)));
        table.Add("isdisjoint", "other, /", (run, self, arguments) => IsDisjoint(run, (PySet)self, arguments[0]!));
        table.Add("copy", string.Empty, (run, self, _) => ((PySet)self).Copy(run));
        table.AddChange("add", "elem, /", (run, self, arguments) =>
        {
            ((PySet)self).Add(run, arguments[0]!);
            return PyNone.Instance;
        });
        table.AddChange("discard", "elem, /", (run, self, arguments) =>
        {
            ((PySet)self).Remove(run, arguments[0]!);
            return PyNone.Instance;
        });
        table.AddChange("remove", "elem, /", (run, self, arguments) =>
            ((PySet)self).Remove(run, arguments[0]!) ? PyNone.Instance : throw PythonError.Key(arguments[0]!));
        table.AddChange("pop", string.Empty, (_, self, _) =>
            ((PySet)self).Pop() ?? throw new PythonError("KeyError", "'pop from an empty set'"));
        table.AddChange("clear", string.Empty, (_, self, _) =>
        {
            ((PySet)self).Clear();
            return PyNone.Instance;
        });
        return table;
    }

    private static PySet Fold(Run run, string op, PySet set, object[] others)
    {
        foreach (object other in others)
        {
            if (!Iteration.IsIterable(other))
            {
                throw PythonError.Type($"'{TypeNames.Of(other)}' object is not iterable");
            }

            set = Sets.Combine(run, op, set, other);
        }

        return set;
    }

    private static object Replace(Run run, PySet target, PySet source)
    {
        object[] items = [.. source.Items()];
        target.Clear();
        foreach (object item in items)
        {
            target.Add(run, item);
        }

        return PyNone.Instance;
    }
}
