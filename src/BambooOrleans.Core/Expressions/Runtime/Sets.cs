namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>What two sets make together. The steps follow CPython's, because they decide the order of the result.</summary>
internal static class Sets
{
    /// <summary>The set of an object's items; a set is answered itself.</summary>
    public static PySet ToSet(Run run, object item)
    {
        if (item is PySet set)
        {
            return set;
        }

        var made = new PySet();
        Update(run, made, item);
        return made;
    }

    public static void Update(Run run, PySet target, object items)
    {
        switch (items)
        {
            case PySet other:
                target.Merge(run, other);
                break;
            case PyDict dict:
                target.MakeRoom(dict.Count);
                foreach (object key in dict.Keys())
                {
                    target.Add(run, key);
                }

                break;
            default:
                foreach (object item in Iteration.Over(run, items))
                {
                    target.Add(run, item);
                }

                break;
        }
    }

    public static PySet Combine(Run run, string op, PySet left, object right)
    {
        switch (op)
        {
            case "|":
                PySet union = left.Copy(run);
                Update(run, union, right);
                return union;
            case "&":
                return Intersection(run, left, right);
            case "-":
                return Difference(run, left, right);
            default:
                PySet result = ToSet(run, right).Copy(run);
                foreach (object item in left.Items().ToArray())
                {
                    if (!result.Remove(run, item))
                    {
                        result.Add(run, item);
                    }
                }

                return result;
        }
    }

    private static PySet Intersection(Run run, PySet left, object right)
    {
        IEnumerable<object> walked = right is PySet ? [] : Iteration.Over(run, right);
        if (right is PySet other)
        {
            (left, PySet small) = other.Count > left.Count ? (other, left) : (left, other);
            walked = small.Items();
        }

        var result = new PySet();
        foreach (object item in walked)
        {
            if (left.Contains(run, item))
            {
                result.Add(run, item);
            }
        }

        return result;
    }

    private static PySet Difference(Run run, PySet left, object right)
    {
        if (right is not PySet other || left.Count >> 2 > other.Count)
        {
            PySet copy = left.Copy(run);
            foreach (object item in Iteration.Over(run, right))
            {
                copy.Remove(run, item);
            }

            return copy;
        }

        var result = new PySet();
        foreach (object item in left.Items())
        {
            if (!other.Contains(run, item))
            {
                result.Add(run, item);
            }
        }

        return result;
    }
}
