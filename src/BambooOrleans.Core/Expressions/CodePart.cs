using System.Collections.Frozen;
using BambooOrleans.Core.Expressions.Modules;
using BambooOrleans.Core.Expressions.Runtime;
using BambooOrleans.Core.Expressions.Syntax;
using BambooOrleans.Core.Expressions.Types;

namespace BambooOrleans.Core.Expressions;

/// <summary>One <c>${…}</c> under given options: renders it to text, or leaves it as written.</summary>
internal sealed class CodePart(string source, ExpressionOptions options)
{
    // The reference hands the context to its template library as named arguments, and these names collide there with the
    // library's own: nothing but lone names can then be rendered.
    private static readonly string[] CollidingNames =
        ["self", "context", "loop", "buffer", "tmpl", "callable_", "UNDEFINED", "STOP_RENDERING"];

    private static readonly FrozenSet<string> Unreadable =
        new[] { "context", "UNDEFINED", "STOP_RENDERING", "loop", "caller", "capture" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>How the reason of a failure that is the engine's own fault begins.</summary>
    public const string InternalError = "internal error: ";

    private readonly TemplateCode _code = TemplateCode.Read(source[2..^1]);

    /// <summary>The template as written.</summary>
    public string Source { get; } = source;

    /// <summary>The text that it becomes, or <see cref="Source"/> itself where it stays as written.</summary>
    public string Render(Run run)
    {
        run.Step();
        string? failure = _code.Failure ?? Refused(run.HasName);
        if (failure is null)
        {
            try
            {
                return Evaluate(run);
            }
            catch (PythonError error)
            {
                failure = error.ToString();
            }
            catch (Exception error) when (error is not BambooException)
            {
                // A fault of ours must not take the engine down; tests look for it by this word.
                failure = $"{InternalError}{error.GetType().Name}: {error.Message}";
            }
        }

        return options.UnresolvedIsError ? throw new ExpressionException(Source, failure) : Source;
    }

    public void CollectReferences(HashSet<string> references) => references.UnionWith(_code.References);

    public void CollectWarnings(List<ExpressionWarning> warnings, IReadOnlySet<string>? knownNames)
    {
        if (_code.Failure is not null)
        {
            warnings.Add(new ExpressionWarning(Source, _code.Arguments.Count == 0 ? "template.syntax" : "template.forbidden", $"It stays as written: {_code.Failure}."));
            return;
        }

        // Whatever the mode, a name that nothing defines cannot be rendered; outside of Off it may not even be tried.
        string? refusal = options.NameWhitelist == NameWhitelist.Off ? null : _code.Refusal;
        if (refusal is not null)
        {
            warnings.Add(new ExpressionWarning(Source, "template.forbidden", $"It stays as written: {refusal}."));
        }
        else if (knownNames is not null)
        {
            foreach (string name in _code.Needed.Where(name => !knownNames.Contains(name) && !IsModule(name)))
            {
                warnings.Add(new ExpressionWarning(Source, "template.undefined", $"It stays as written: nothing defines {name}."));
            }
        }
    }

    private string? Refused(Func<string, bool> inContext)
    {
        foreach (string name in CollidingNames)
        {
            if (inContext(name))
            {
                return $"no expression can be rendered beside a variable named {name}";
            }
        }

        if (options.NameWhitelist != NameWhitelist.Enforce)
        {
            return null;
        }

        if (_code.Refusal is not null)
        {
            return _code.Refusal;
        }

        foreach (string name in _code.Needed)
        {
            if (!inContext(name) && !IsModule(name))
            {
                return $"the name {name} is neither defined nor allowed";
            }
        }

        return null;
    }

    private string Evaluate(Run run)
    {
        if (_code.IsGenerator)
        {
            return string.Empty;
        }

        object Resolve(string name) => Find(run, name);
        Arguments arguments = new Evaluator(run, Resolve).Arguments(_code.Arguments, new Scope(null, isComprehension: false));
        object str = _code.Names.Contains("str") ? Find(run, "str") : Builtins.Find("str")!;
        string text = TemplateFilters.Apply(run, arguments, _code.Filters, str);

        // Whoever asks whether anything was rendered looks for this very instance.
        return ReferenceEquals(text, Source) ? new string(text.AsSpan()) : text;
    }

    private object Find(Run run, string name)
    {
        bool read = _code.Names.Contains(name);
        if (read && !Unreadable.Contains(name) && run.TryGetContext(name, out object value))
        {
            return value;
        }

        if (read && ModuleTable.Find(options.ImportModules, name) is { } module)
        {
            return module;
        }

        if (read && Builtins.Shielded.Contains(name))
        {
            return PyNone.Instance;
        }

        return Builtins.Find(name)
            ?? (read ? PyUndefined.Instance : throw PythonError.Name(name));
    }

    private bool IsModule(string name)
    {
        foreach (string module in options.ImportModules)
        {
            if (module == name || (module.Length > name.Length && module[name.Length] == '.' && module.StartsWith(name, StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }
}
