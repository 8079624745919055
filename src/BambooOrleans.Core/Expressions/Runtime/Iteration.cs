namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Walking over Python objects. Each item is a step of the budget.</summary>
internal static class Iteration
{
    public static bool IsIterable(object item) =>
        item is string or PyList or PyTuple or PyDict or PySet or PyRange or PyIterator or PyDictView or PyBytes;

    public static IEnumerable<object> Over(Run run, object item) => item switch
    {
        string text => Counted(run, CodePoints.Each(text)),
        PyList list => OverList(run, list),
        PyTuple tuple => Counted(run, tuple.Items),
        PyDict dict => Counted(run, dict.Keys()),
        PySet set => Counted(run, set.Items()),
        PyRange range => OverRange(run, range),
        PyIterator iterator => OverIterator(run, iterator),
        PyDictView view => Counted(run, OverView(view)),
        PyBytes bytes => Counted(run, bytes.Data.Select(unit => (object)new System.Numerics.BigInteger(unit))),
        _ => throw PythonError.Type($"'{TypeNames.Of(item)}' object is not iterable"),
    };

    public static List<object> ToList(Run run, object item)
    {
        var items = new List<object>();
        foreach (object entry in Over(run, item))
        {
            run.Take(8);
            items.Add(entry);
        }

        return items;
    }

    // Items added while a list is walked over are seen too, as in Python.
    private static IEnumerable<object> OverList(Run run, PyList list)
    {
        for (int i = 0; i < list.Items.Count; i++)
        {
            run.Step();
            yield return list.Items[i];
        }
    }

    private static IEnumerable<object> OverRange(Run run, PyRange range)
    {
        System.Numerics.BigInteger number = range.Start;
        for (System.Numerics.BigInteger left = range.Length; left.Sign > 0; left--)
        {
            run.Step();
            yield return number;
            number += range.Step;
        }
    }

    private static IEnumerable<object> OverIterator(Run run, PyIterator iterator)
    {
        while (iterator.Source.MoveNext())
        {
            run.Step();
            yield return iterator.Source.Current;
        }
    }

    private static IEnumerable<object> OverView(PyDictView view)
    {
        foreach ((object key, object value) in view.Dict.Pairs())
        {
            yield return view.Kind switch
            {
                DictViewKind.Keys => key,
                DictViewKind.Values => value,
                _ => PyTuple.Of(key, value),
            };
        }
    }

    private static IEnumerable<object> Counted(Run run, IEnumerable<object> items)
    {
        foreach (object item in items)
        {
            run.Step();
            yield return item;
        }
    }
}
