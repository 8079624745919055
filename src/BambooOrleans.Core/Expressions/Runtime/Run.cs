using System.Runtime.CompilerServices;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>
/// One rendering: its budget, its sources of time and chance, and the context's values as Python objects. Objects are
/// made once for each name, so that an expression that changes a list is seen by those after it.
/// </summary>
internal sealed class Run
{
    // Python gives up at a thousand frames; ours are larger and the thread may be a small one.
    private const int DepthMax = 500;

    private readonly IReadOnlyDictionary<string, Value> _context;
    private Dictionary<string, object>? _objects;
    private int _depth;

    public Run(IReadOnlyDictionary<string, Value> context, ExpressionBudget budget, IExpressionEnvironment? environment)
    {
        _context = context;
        Budget = budget;
        Environment = environment;
    }

    public ExpressionBudget Budget { get; }

    public IExpressionEnvironment? Environment { get; }

    /// <summary>Whether anything that can change did change.</summary>
    public bool Mutated { get; set; }

    /// <summary>A run of its own, for what is converted outside of any rendering.</summary>
    public static Run Detached() => new(MapValue.Empty, new ExpressionBudget(long.MaxValue, long.MaxValue), null);

    public void Step(long count = 1) => Budget.Step(count);

    public void Take(long bytes) => Budget.Take(bytes);

    /// <summary>Takes the bytes of a text and hands it on.</summary>
    public string Taken(string text)
    {
        Budget.Take(2L * text.Length);
        return text;
    }

    /// <summary>Steps for walking over a text as a whole, which is fast but not for nothing.</summary>
    public void Scan(string text) => Budget.Step(text.Length >> 9);

    /// <summary>Steps for hashing a key, all that it holds included, before it is hashed.</summary>
    public void Look(object key)
    {
        switch (key)
        {
            case string text:
                Scan(text);
                break;
            case PyTuple tuple:
                Enter();
                Step(tuple.Items.Length);
                foreach (object item in tuple.Items)
                {
                    Look(item);
                }

                Leave();
                break;
        }
    }

    public bool HasName(string name) => _context.ContainsKey(name);

    public bool TryGetSource(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Value? value) => _context.TryGetValue(name, out value);

    public bool TryGetContext(string name, out object value)
    {
        if (_objects is not null && _objects.TryGetValue(name, out object? known))
        {
            value = known;
            return true;
        }

        if (!_context.TryGetValue(name, out Value? source))
        {
            value = PyNone.Instance;
            return false;
        }

        value = Conversion.ToObject(source);
        (_objects ??= new(StringComparer.Ordinal))[name] = value;
        return true;
    }

    /// <summary>The context's value, or what expressions of this run made of it.</summary>
    public Value Current(string name, Value source) =>
        Mutated && source.Kind is ValueKind.List or ValueKind.Map && _objects is not null && _objects.TryGetValue(name, out object? changed)
            ? Conversion.ToValue(changed, source)
            : source;

    public void Enter()
    {
        if (++_depth > DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            _depth--;
            throw PythonError.Recursion();
        }
    }

    public void Leave() => _depth--;
}
