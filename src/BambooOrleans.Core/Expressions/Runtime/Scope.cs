namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>The names bound by a lambda or a comprehension; the outermost holds those bound with <c>:=</c>.</summary>
internal sealed class Scope(Scope? parent, bool isComprehension)
{
    private readonly Dictionary<string, object> _names = new(StringComparer.Ordinal);

    public void Bind(string name, object value) => _names[name] = value;

    /// <summary>Binds with <c>:=</c>, which reaches out of comprehensions.</summary>
    public void Assign(string name, object value)
    {
        Scope target = this;
        while (target.IsComprehension && target.Parent is not null)
        {
            target = target.Parent;
        }

        target.Bind(name, value);
    }

    public bool TryFind(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out object? value)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._names.TryGetValue(name, out value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }

    private Scope? Parent { get; } = parent;

    private bool IsComprehension { get; } = isComprehension;
}
