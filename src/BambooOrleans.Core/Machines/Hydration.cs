using System.Collections.ObjectModel;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Machines;

/// <summary>
/// Turns a slice of a context into plain values: renders splice variables, and computes lazy ones with the help of whoever
/// runs user code, one at a time, in the order in which they need each other.
/// </summary>
/// <remarks>
/// Every variable of the slice is resolved, wanted or not, and one that fails fails the whole (observed). Call
/// <see cref="NextLazy"/>, give it what the variable's code returns with <see cref="Supply"/>, and go on until it answers null;
/// then <see cref="Values"/> holds everything.
/// </remarks>
public sealed class Hydration
{
    private readonly IReadOnlyDictionary<string, ContextEntry> _entries;
    private readonly ExpressionOptions _options;
    private readonly List<ContextEntry> _order;
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);
    private int _next;

    /// <summary>Prepares a slice.</summary>
    /// <exception cref="HydrationException">The variables refer to each other in a circle.</exception>
    public Hydration(IReadOnlyDictionary<string, ContextEntry> entries, ExpressionOptions options)
    {
        _entries = entries;
        _options = options;
        _order = Order();
    }

    /// <summary>The values by bare name, once <see cref="NextLazy"/> has answered null.</summary>
    public IReadOnlyDictionary<string, Value> Values => _values;

    /// <summary>Whether a slice needs user code at all.</summary>
    public static bool NeedsUserCode(IReadOnlyDictionary<string, ContextEntry> entries)
    {
        if (entries.Count == 0)
        {
            return false;
        }

        foreach (ContextEntry entry in entries.Values)
        {
            if (entry.Type == ContextValueType.Compute)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Resolves as far as it can, and answers the lazy variable that is to be computed next; null when all is resolved.</summary>
    /// <exception cref="HydrationException">A template fails and the engine's options make that an error.</exception>
    public LazyCall? NextLazy()
    {
        for (; _next < _order.Count; _next++)
        {
            ContextEntry entry = _order[_next];
            Value value = entry.Type == ContextValueType.Plain ? entry.Value : Render(entry);
            if (entry.Type == ContextValueType.Compute)
            {
                return new LazyCall(entry.Key, entry.Code ?? "", value);
            }

            _values[entry.BareName] = value;
        }

        return null;
    }

    /// <summary>Gives the value of the lazy variable that <see cref="NextLazy"/> answered.</summary>
    public void Supply(Value value) => _values[_order[_next++].BareName] = value;

    /// <summary>Resolves a slice that needs no user code.</summary>
    public static IReadOnlyDictionary<string, Value> Resolve(
        IReadOnlyDictionary<string, ContextEntry> entries, ExpressionOptions options)
    {
        if (entries.Count == 0)
        {
            return ReadOnlyDictionary<string, Value>.Empty;
        }

        var hydration = new Hydration(entries, options);
        return hydration.NextLazy() is { } lazy
            ? throw new HydrationException($"{lazy.Key} is lazy and nobody computed it")
            : hydration.Values;
    }

    private Value Render(ContextEntry entry)
    {
        try
        {
            // Only what the entry refers to is visible to it, as far as the slice has it.
            Value value = entry.GetTemplate(_options).Render(_values);
            return !ValueJson.IsTooDeep(value)
                ? value
                : throw new HydrationException($"the value is nested deeper than {ValueJson.MaxDepth} levels");
        }
        catch (BambooException failure)
        {
            throw new HydrationException($"{entry.Key}: {failure.Message}", failure);
        }
    }

    // What an entry refers to comes before it. Iterative, so that a long chain of variables cannot overflow the stack.
    private List<ContextEntry> Order()
    {
        var order = new List<ContextEntry>(_entries.Count);
        var states = new Dictionary<string, bool>(_entries.Count, StringComparer.Ordinal);
        var path = new Stack<(ContextEntry Entry, IEnumerator<string> References)>();
        foreach (ContextEntry start in _entries.Values)
        {
            if (states.ContainsKey(start.Key))
            {
                continue;
            }

            Push(start);
            while (path.TryPeek(out (ContextEntry Entry, IEnumerator<string> References) top))
            {
                if (!top.References.MoveNext())
                {
                    path.Pop();
                    states[top.Entry.Key] = true;
                    order.Add(top.Entry);
                }
                else if (_entries.TryGetValue(top.References.Current, out ContextEntry? next))
                {
                    if (!states.TryGetValue(next.Key, out bool done))
                    {
                        Push(next);
                    }
                    else if (!done)
                    {
                        throw new HydrationException($"maximum recursion depth exceeded: {Circle(next.Key)} refer to each other");
                    }
                }
            }
        }

        return order;

        void Push(ContextEntry entry)
        {
            states[entry.Key] = false;
            path.Push((entry, ReferencesOf(entry).GetEnumerator()));
        }

        string Circle(string key) => string.Join(
            ", ", path.Select(step => step.Entry.Key).TakeWhile(step => step != key).Append(key).Reverse());
    }

    private IEnumerable<string> ReferencesOf(ContextEntry entry) =>
        entry.Type == ContextValueType.Plain ? [] : entry.GetTemplate(_options).References;
}

/// <summary>A lazy variable that is to be computed.</summary>
/// <param name="Key">Its context key.</param>
/// <param name="Code">The code of what computes it.</param>
/// <param name="Value">Its value, rendered.</param>
public sealed record LazyCall(string Key, string Code, Value Value);

/// <summary>A context could not be hydrated.</summary>
public sealed class HydrationException(string message, Exception? innerException = null)
    : BambooException("hydration.failed", message, innerException);
