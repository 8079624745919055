using System.Collections.Frozen;
using BambooOrleans.Core.Expressions.Types;

namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>
/// The code of one <c>${…}</c>: what it refers to, whether it may ever run, and what runs. Made once and shared.
/// </summary>
internal sealed class TemplateCode
{
    private static readonly FrozenSet<string> EscapeNames = new[] { "x", "h", "u", "trim", "entity", "unicode", "decode", "str", "n" }
        .ToFrozenSet(StringComparer.Ordinal);

    private TemplateCode(IReadOnlyList<string> references)
    {
        References = references;
    }

    /// <summary>The names that it refers to, builtins included.</summary>
    public IReadOnlyList<string> References { get; }

    /// <summary>Why it can never be rendered, or null where it may be.</summary>
    public string? Failure { get; private init; }

    /// <summary>What the list of allowed names has against it whatever the context is, or null.</summary>
    public string? Refusal { get; private init; }

    /// <summary>The names that only a context can allow.</summary>
    public IReadOnlyList<string> Needed { get; private init; } = [];

    /// <summary>The names that are looked up in the context.</summary>
    public IReadOnlySet<string> Names { get; private init; } = FrozenSet<string>.Empty;

    /// <summary>The code, as arguments of the call that makes it text.</summary>
    public IReadOnlyList<ArgumentNode> Arguments { get; private init; } = [];

    /// <summary>The filters, first to last.</summary>
    public IReadOnlyList<string> Filters { get; private init; } = [];

    /// <summary>Whether a <c>yield</c> makes the whole a generator, which nobody runs.</summary>
    public bool IsGenerator { get; private init; }

    /// <summary>Reads the text between <c>${</c> and <c>}</c>.</summary>
    public static TemplateCode Read(string content)
    {
        try
        {
            return Cut(content.Replace("\r\n", "\n", StringComparison.Ordinal));
        }
        catch (SyntaxError error)
        {
            return new TemplateCode([]) { Failure = error.Message };
        }
    }

    private static TemplateCode Cut(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new SyntaxError("source code cannot contain null bytes");
        }

        if (!TryCut(text, out string code, out string escapes))
        {
            throw new SyntaxError("a bracket is not closed");
        }

        code = code.Replace('\r', '\n');
        return escapes.Length == 0 && IsPlainName(code) ? OfName(code) : Parse(code, escapes);
    }

    private static TemplateCode OfName(string name) => Lexer.IsKeyword(name) || name == "print"
        ? Parse(name, string.Empty)
        : Check([new NameNode(name)], name == "context" ? [] : [name], [], [new ArgumentNode(ArgumentKind.Positional, null, new NameNode(name))]);

    private static TemplateCode Parse(string code, string escapes)
    {
        // The reference ignores blanks in front when it looks for names, and only then.
        IReadOnlyList<Node> looked = Parser.ParseStatements(code.TrimStart(' ', '\t', '\n', '\f', '\v', '\u001c', '\u001d', '\u001e', '\u001f', '\u0085', '\u00a0'));
        (HashSet<string> references, HashSet<string> bound) = NameUse.Of(looked);
        List<string> filters = FilterNames(escapes, out HashSet<string> filterNames);
        references.UnionWith(filterNames);
        references.ExceptWith(bound);
        var visible = references.Where(name => name != "context").ToList();
        try
        {
            IReadOnlyList<Node> statements = Parser.ParseStatements(code);
            IReadOnlyList<ArgumentNode> arguments = statements is [not (StatementNode or TupleNode or StarredNode)] && code.AsSpan().IndexOfAny('\n', ';') < 0
                ? [new ArgumentNode(ArgumentKind.Positional, null, statements[0])]
                : Parser.ParseArguments(code);
            return Check(statements, visible, filters, arguments);
        }
        catch (SyntaxError error)
        {
            return new TemplateCode(visible) { Failure = error.Message };
        }
    }

    private static TemplateCode Check(
        IReadOnlyList<Node> statements,
        IReadOnlyList<string> references,
        IReadOnlyList<string> filters,
        IReadOnlyList<ArgumentNode> arguments)
    {
        SafetyCheck check = SafetyCheck.Of(statements);
        return new TemplateCode(references)
        {
            Failure = check.Failure ?? filters.Where(filter => !TemplateFilters.IsKnown(filter)).Select(filter => $"the filter {filter} is not allowed").FirstOrDefault(),
            Refusal = check.Refusal,
            Needed = check.Needed,
            Names = new HashSet<string>(references, StringComparer.Ordinal),
            Arguments = arguments,
            Filters = filters,
            IsGenerator = check.Yields,
        };
    }

    // Filters stand behind the first bar outside of quotes and brackets.
    private static bool TryCut(string text, out string code, out string escapes)
    {
        int open = 0;
        int bar = -1;
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\'' or '"':
                    i = EndOfQuotes(text, i) - 1;
                    break;
                case '(' or '[':
                    open++;
                    break;
                case ')' or ']':
                    open--;
                    break;
                case '|' when open <= 0 && bar < 0:
                    bar = i;
                    open = 0;
                    break;
            }
        }

        code = bar < 0 ? text : text[..bar];
        escapes = bar < 0 ? string.Empty : text[(bar + 1)..].Trim();
        return open <= 0;
    }

    // Quotes that do not close count as a single character: the parser will say what is wrong.
    private static int EndOfQuotes(string text, int start)
    {
        bool triple = start + 2 < text.Length && text[start + 1] == text[start] && text[start + 2] == text[start];
        string quote = triple ? new string(text[start], 3) : text[start].ToString();
        for (int i = start + quote.Length; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (string.CompareOrdinal(text, i, quote, 0, quote.Length) == 0)
            {
                return i + quote.Length;
            }
        }

        return start + 1;
    }

    private static List<string> FilterNames(string escapes, out HashSet<string> names)
    {
        names = new(StringComparer.Ordinal);
        var filters = new List<string>();
        if (escapes.Length == 0)
        {
            return filters;
        }

        foreach (Node node in Parser.ParseStatements(escapes + ","))
        {
            if (node is not TupleNode tuple)
            {
                continue;
            }

            foreach (Node item in tuple.Items)
            {
                filters.Add(FilterText(item));
                names.UnionWith(NameUse.Of([item]).Read);
            }
        }

        names.ExceptWith(EscapeNames);
        return filters;
    }

    private static string FilterText(Node node) => node switch
    {
        NameNode name => name.Name,
        AttributeNode attribute => FilterText(attribute.Target) + "." + attribute.Name,
        _ => "(an expression)",
    };

    private static bool IsPlainName(string code)
    {
        if (code.Length == 0 || char.IsAsciiDigit(code[0]))
        {
            return false;
        }

        foreach (char unit in code)
        {
            if (unit != '_' && !char.IsAsciiLetterOrDigit(unit))
            {
                return false;
            }
        }

        return true;
    }
}
