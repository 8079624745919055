using System.Numerics;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary><c>object[key]</c> and slices.</summary>
internal static class Subscripts
{
    public static object Get(Run run, object target, object key)
    {
        switch (target)
        {
            case string text:
                run.Scan(text);
                return key is PySlice textSlice
                    ? run.Taken(Slice(run, text, textSlice))
                    : CodePoints.At(text, Index(key, CodePoints.Length(text), "string"));
            case PyList list:
                return key is PySlice listSlice
                    ? new PyList([.. Slice(run, list.Items, listSlice)])
                    : list.Items[Index(key, list.Items.Count, "list")];
            case PyTuple tuple:
                return key is PySlice tupleSlice
                    ? new PyTuple([.. Slice(run, tuple.Items, tupleSlice)])
                    : tuple.Items[Index(key, tuple.Items.Length, "tuple")];
            case PyDict dict:
                return dict.TryGet(run, key, out object? value) ? value : throw PythonError.Key(key);
            case PyRange range:
                return key is PySlice rangeSlice ? Slice(range, rangeSlice) : At(range, key);
            case PyBytes bytes:
                return key is PySlice bytesSlice
                    ? new PyBytes([.. Slice(run, bytes.Data, bytesSlice)])
                    : new BigInteger(bytes.Data[Index(key, bytes.Data.Length, "index")]);
            case PyObject other when other.Item(key) is { } item:
                return item;
            default:
                throw PythonError.Type(target is PyType
                    ? $"type '{((PyType)target).Name}' is not subscriptable"
                    : $"'{TypeNames.Of(target)}' object is not subscriptable");
        }
    }

    /// <summary>The first place, the number of places and the step of a slice of something of this length.</summary>
    public static (int Start, int Count, int Step) Resolve(PySlice slice, int length)
    {
        (BigInteger start, BigInteger stop, BigInteger step) = ResolveLarge(slice, length);
        BigInteger count = new PyRange(start, stop, step).Length;
        int shortStep = step > int.MaxValue ? int.MaxValue : step < -int.MaxValue ? -int.MaxValue : (int)step;
        return ((int)start, (int)count, shortStep);
    }

    private static (BigInteger Start, BigInteger Stop, BigInteger Step) ResolveLarge(PySlice slice, BigInteger length)
    {
        BigInteger step = slice.Step is PyNone ? BigInteger.One : Part(slice.Step);
        if (step.IsZero)
        {
            throw PythonError.Value("slice step cannot be zero");
        }

        bool back = step.Sign < 0;
        BigInteger low = back ? BigInteger.MinusOne : BigInteger.Zero;
        BigInteger high = back ? length - 1 : length;
        BigInteger Place(object part, BigInteger none)
        {
            if (part is PyNone)
            {
                return none;
            }

            BigInteger place = Part(part);
            place = place.Sign < 0 ? place + length : place;
            return place < low ? low : place > high ? high : place;
        }

        return (Place(slice.Start, back ? high : low), Place(slice.Stop, back ? low : high), step);
    }

    private static BigInteger Part(object part) => Numbers.IsInt(part)
        ? Numbers.ToInt(part)
        : throw PythonError.Type("slice indices must be integers or None or have an __index__ method");

    private static int Index(object key, int length, string what)
    {
        if (!Numbers.IsInt(key))
        {
            string allowed = what == "string" ? "integers" : what == "index" ? "byte indices must be integers or slices" : "integers or slices";
            throw PythonError.Type(what == "index"
                ? $"{allowed}, not {TypeNames.Of(key)}"
                : $"{what} indices must be {allowed}, not {(what == "string" ? $"'{TypeNames.Of(key)}'" : TypeNames.Of(key))}");
        }

        BigInteger index = Numbers.ToInt(key);
        index = index.Sign < 0 ? index + length : index;
        return index.Sign < 0 || index >= length
            ? throw PythonError.Index(what == "index" ? "index out of range" : $"{what} index out of range")
            : (int)index;
    }

    private static object At(PyRange range, object key)
    {
        if (!Numbers.IsInt(key))
        {
            throw PythonError.Type($"range indices must be integers or slices, not {TypeNames.Of(key)}");
        }

        BigInteger index = Numbers.ToInt(key);
        index = index.Sign < 0 ? index + range.Length : index;
        return index.Sign < 0 || index >= range.Length ? throw PythonError.Index("range object index out of range") : range.At(index);
    }

    private static PyRange Slice(PyRange range, PySlice slice)
    {
        (BigInteger start, BigInteger stop, BigInteger step) = ResolveLarge(slice, range.Length);
        return new PyRange(range.At(start), range.At(stop), range.Step * step);
    }

    private static string Slice(Run run, string text, PySlice slice)
    {
        bool flat = CodePoints.IsFlat(text);
        int length = flat ? text.Length : CodePoints.Length(text);
        (int start, int count, int step) = Resolve(slice, length);
        if (step == 1)
        {
            return CodePoints.Range(text, start, start + count);
        }

        run.Step(1 + (count >> 4));
        if (flat)
        {
            return string.Create(count, (text, start, step), static (span, from) =>
            {
                for (int i = 0; i < span.Length; i++)
                {
                    span[i] = from.text[from.start + (i * from.step)];
                }
            });
        }

        string[] characters = [.. CodePoints.Each(text)];
        return string.Concat(Enumerable.Range(0, count).Select(i => characters[start + (i * step)]));
    }

    private static IEnumerable<T> Slice<T>(Run run, IReadOnlyList<T> items, PySlice slice)
    {
        (int start, int count, int step) = Resolve(slice, items.Count);
        run.Step(1 + (count >> 4));
        run.Take(8L * count);
        return Enumerable.Range(0, count).Select(i => items[start + (i * step)]);
    }
}
