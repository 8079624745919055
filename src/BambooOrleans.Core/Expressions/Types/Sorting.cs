using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>A stable sort that only ever asks whether one item is less than another, as Python's does.</summary>
internal static class Sorting
{
    public static List<object> Sort(Run run, List<object> items, object? key, object? reverse)
    {
        bool backwards = reverse is not null && !Numbers.ToInt(reverse).IsZero;
        run.Take(32L * items.Count);
        (object Key, object Item)[] keyed =
            [.. items.Select(item => (key is null or PyNone ? item : Calls.Invoke(run, key, item), item))];

        // Backwards, equal items still keep their order.
        if (backwards)
        {
            Array.Reverse(keyed);
        }

        Sort(run, keyed, new (object, object)[keyed.Length], 0, keyed.Length);
        if (backwards)
        {
            Array.Reverse(keyed);
        }

        return [.. keyed.Select(pair => pair.Item)];
    }

    private static void Sort(Run run, (object Key, object Item)[] items, (object Key, object Item)[] spare, int from, int to)
    {
        if (to - from < 2)
        {
            return;
        }

        int middle = from + ((to - from) / 2);
        Sort(run, items, spare, from, middle);
        Sort(run, items, spare, middle, to);
        Array.Copy(items, from, spare, from, to - from);
        int left = from;
        int right = middle;
        for (int i = from; i < to; i++)
        {
            run.Step();
            bool takeRight = right < to && (left >= middle || Comparison.Order(run, "<", spare[right].Key, spare[left].Key));
            items[i] = takeRight ? spare[right++] : spare[left++];
        }
    }
}
