using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary><c>str()</c> and <c>repr()</c>.</summary>
internal static class PythonRepr
{
    public static string Str(object item) => Str(Run.Detached(), item);

    public static string Repr(object item) => Repr(Run.Detached(), item);

    public static string Str(Run run, object item)
    {
        switch (item)
        {
            case string text:
                return text;
            case PyObject other:
                return run.Taken(other.Str());
            case PyUndefined:
                throw new PythonError("NameError", "Undefined");
            default:
                return Repr(run, item);
        }
    }

    public static string Repr(Run run, object item)
    {
        switch (item)
        {
            case BigInteger number:
                return run.Taken(Numbers.ToText(number));
            case bool flag:
                return flag ? "True" : "False";
            case double number:
                return FloatDigits.Shortest(number);
            case PyNone:
                return "None";
            default:
                var text = new StringBuilder();
                Write(run, text, item, []);
                return text.ToString();
        }
    }

    // A container that holds itself is shown once; a list of those being shown is short, as nesting is limited.
    private static void Write(Run run, StringBuilder text, object item, List<object> open)
    {
        run.Step();
        int length = text.Length;
        switch (item)
        {
            case string part:
                run.Take(2L * part.Length);
                TextRepr.Write(text, part);
                break;
            case PyList list:
                WriteItems(run, text, item, "[", list.Items, "]", "[...]", open);
                break;
            case PyTuple tuple:
                WriteItems(run, text, item, "(", tuple.Items, tuple.Items.Length == 1 ? ",)" : ")", "(...)", open);
                break;
            case PySet set:
                if (set.Count == 0)
                {
                    text.Append("set()");
                }
                else
                {
                    WriteItems(run, text, item, "{", [.. set.Items()], "}", "{...}", open);
                }

                break;
            case PyDict dict:
                WriteDict(run, text, dict, open);
                break;
            case PyDictView view:
                text.Append(TypeNames.Of(view)).Append('(');
                Write(run, text, new PyList([.. Iteration.Over(run, view)]), open);
                text.Append(')');
                break;
            case PyBytes bytes:
                run.Take(bytes.Data.Length * 4L);
                TextRepr.Write(text, bytes.Data);
                break;
            case PyRange range:
                text.Append(CultureInfo.InvariantCulture, $"range({Numbers.ToText(range.Start)}, {Numbers.ToText(range.Stop)}");
                text.Append(range.Step.IsOne ? ")" : $", {Numbers.ToText(range.Step)})");
                break;
            case PySlice slice:
                WriteItems(run, text, item, "slice(", [slice.Start, slice.Stop, slice.Step], ")", "slice(...)", open);
                break;
            case PyEllipsis:
                text.Append("Ellipsis");
                break;
            case PyFunction function:
                text.Append(function.Representation);
                break;
            case PyType type:
                text.Append(CultureInfo.InvariantCulture, $"<class '{type.Name}'>");
                break;
            case PyModule module:
                text.Append(CultureInfo.InvariantCulture, $"<module '{module.Name}'>");
                break;
            case PyObject other:
                text.Append(other.Repr());
                break;
            case BigInteger or bool or double or PyNone:
                text.Append(Repr(run, item));
                break;
            case PyUndefined:
                throw new PythonError("NameError", "Undefined");
            default:
                // Python shows an address, which would make a rendering differ each time.
                text.Append(CultureInfo.InvariantCulture, $"<{TypeNames.Of(item)} object>");
                break;
        }

        run.Take(2L * Math.Max(0, text.Length - length));
    }

    private static void WriteItems(
        Run run, StringBuilder text, object owner, string start, IReadOnlyList<object> items, string end, string again, List<object> open)
    {
        if (open.Exists(other => ReferenceEquals(other, owner)))
        {
            text.Append(again);
            return;
        }

        Descend(open, owner);
        text.Append(start);
        for (int i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? string.Empty : ", ");
            Write(run, text, items[i], open);
        }

        text.Append(end);
        open.RemoveAt(open.Count - 1);
    }

    private static void WriteDict(Run run, StringBuilder text, PyDict dict, List<object> open)
    {
        if (open.Exists(other => ReferenceEquals(other, dict)))
        {
            text.Append("{...}");
            return;
        }

        Descend(open, dict);
        text.Append('{');
        string separator = string.Empty;
        foreach ((object key, object value) in dict.Pairs())
        {
            text.Append(separator);
            Write(run, text, key, open);
            text.Append(": ");
            Write(run, text, value, open);
            separator = ", ";
        }

        text.Append('}');
        open.RemoveAt(open.Count - 1);
    }

    private static void Descend(List<object> open, object owner)
    {
        if (open.Count >= ValueJson.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw PythonError.Recursion();
        }

        open.Add(owner);
    }
}
