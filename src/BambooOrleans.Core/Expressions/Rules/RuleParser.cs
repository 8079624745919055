using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Rules;

/// <summary>
/// Parses a condition. It tries alternatives in the order of the reference's grammar and takes the first that matches, with
/// the same rules about white space: before every token, and never inside one.
/// </summary>
internal sealed class RuleParser
{
    private const int DepthMax = 100;

    // Longer ones before those that they start with.
    private static readonly string[] Operators = ["==", "!=", "<=", "<", ">=", ">", "in", "notin", "issuperset", "notissuperset"];

    private readonly string _expression;
    private readonly string _text;
    private int _depth;
    private int _furthest;
    private string _expected = "a value";

    private RuleParser(string expression)
    {
        _expression = expression;
        _text = ExpandTabs(expression);
    }

    /// <summary>Parses a whole condition.</summary>
    /// <exception cref="BooleanRuleParseException">It is none.</exception>
    /// <exception cref="PythonError">A number in it is one that the reference fails on.</exception>
    public static RuleRow Parse(string expression)
    {
        var parser = new RuleParser(expression);
        int at = 0;
        RuleRow? row = parser.Row(ref at);
        if (row is not null && parser.Skip(at) < parser._text.Length)
        {
            parser.Expect("the end", parser.Skip(at));
            row = null;
        }

        return row ?? throw parser.Error();
    }

    // condition ((and | or) row)*, which makes one row of all of them.
    private RuleRow? Row(ref int at)
    {
        if (++_depth > DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new BooleanRuleParseException(_expression, at, "Too deeply nested");
        }

        var conditions = new List<RuleNode>();
        var isAnd = new List<bool>();
        int end = at;
        while (Condition(ref end) is { } condition)
        {
            conditions.Add(condition);
            at = end;
            bool and = Keyword("and", ref end);
            if (!and && !Keyword("or", ref end))
            {
                Expect("and, or, or the end", Skip(end));
                break;
            }

            isAnd.Add(and);
        }

        _depth--;
        if (conditions.Count == 0)
        {
            return null;
        }

        // A word at the end that no condition follows is not part of the row.
        return new RuleRow(conditions, isAnd.Count == conditions.Count ? isAnd[..^1] : isAnd);
    }

    private RuleNode? Condition(ref int at)
    {
        int end = at;
        if (Operand(ref end) is { } left && Operator(ref end) is { } op && Operand(ref end) is { } right)
        {
            at = end;
            return new RuleComparison(left, op, right);
        }

        end = at;
        if (!Literal('(', ref end) || Row(ref end) is not { } row || !Literal(')', ref end))
        {
            return null;
        }

        at = end;
        return row;
    }

    private RuleOperand? Operand(ref int at)
    {
        if (Value(ref at) is { } value)
        {
            return value;
        }

        int end = at;
        if (!Literal('(', ref end) || Value(ref end) is not { } first)
        {
            return null;
        }

        var items = new List<RuleOperand> { first };
        for (int next = end; Literal(',', ref next) && Value(ref next) is { } item; end = next)
        {
            items.Add(item);
        }

        if (!Literal(')', ref end))
        {
            return null;
        }

        at = end;
        return new RuleList(items);
    }

    private RuleOperand? Value(ref int at)
    {
        int start = Skip(at);
        if (Real(start) is { } real)
        {
            at = real;
            return new RuleLiteral(double.Parse(_text.AsSpan(start, real - start), NumberStyles.Float, CultureInfo.InvariantCulture));
        }

        if (Integer(start) is { } integer)
        {
            at = integer;
            return new RuleLiteral(ToInt(_text[start..integer]));
        }

        if (start < _text.Length && _text[start] is '"' or '\'')
        {
            int close = _text.AsSpan(start + 1).IndexOfAny(_text[start], '\n', '\r');
            if (close >= 0 && _text[start + 1 + close] == _text[start])
            {
                at = start + close + 2;
                return new RuleLiteral(Unescape(_text.Substring(start + 1, close)));
            }
        }

        foreach (string word in new[] { "true", "false" })
        {
            if (string.Compare(_text, start, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) == 0)
            {
                at = start + word.Length;
                return new RuleLiteral(word == "true");
            }
        }

        if (Path(start) is { } path)
        {
            at = path;
            return new RulePath(_text[start..path]);
        }

        Expect("a value", start);
        return null;
    }

    // [+-]? (digits . digits? | . digits) (E [+-]? digits)?
    private int? Real(int at)
    {
        at = Sign(at);
        int whole = Digits(at);
        if (whole >= _text.Length || _text[whole] != '.')
        {
            return null;
        }

        int fraction = Digits(whole + 1);
        return whole == at && fraction == whole + 1 ? null : Exponent(fraction, minus: true);
    }

    // [+-]? digits (E +? digits)?
    private int? Integer(int at)
    {
        at = Sign(at);
        int end = Digits(at);
        return end == at ? null : Exponent(end, minus: false);
    }

    private int Exponent(int at, bool minus)
    {
        if (at >= _text.Length || _text[at] is not ('e' or 'E'))
        {
            return at;
        }

        int digits = minus ? Sign(at + 1) : at + 1 < _text.Length && _text[at + 1] == '+' ? at + 2 : at + 1;
        int end = Digits(digits);
        return end == digits ? at : end;
    }

    // A sign that another follows is none.
    private int Sign(int at) =>
        at < _text.Length && _text[at] is '+' or '-' && !(at + 1 < _text.Length && _text[at + 1] is '+' or '-') ? at + 1 : at;

    private int Digits(int at)
    {
        while (at < _text.Length && char.IsAsciiDigit(_text[at]))
        {
            at++;
        }

        return at;
    }

    private int? Path(int at)
    {
        if (Identifier(at) is not { } end)
        {
            return null;
        }

        while (end < _text.Length && _text[end] == '.' && Identifier(end + 1) is { } next)
        {
            end = next;
        }

        return end;
    }

    // "${"? _? letter (letter | digit | _)* "}"?
    private int? Identifier(int at)
    {
        at += at + 1 < _text.Length && _text[at] == '$' && _text[at + 1] == '{' ? 2 : 0;
        at += at < _text.Length && _text[at] == '_' ? 1 : 0;
        if (at >= _text.Length || !char.IsAsciiLetter(_text[at]))
        {
            return null;
        }

        while (at < _text.Length && (char.IsAsciiLetterOrDigit(_text[at]) || _text[at] == '_'))
        {
            at++;
        }

        return at < _text.Length && _text[at] == '}' ? at + 1 : at;
    }

    private string? Operator(ref int at)
    {
        int start = Skip(at);
        foreach (string op in Operators)
        {
            if (string.Compare(_text, start, op, 0, op.Length, StringComparison.OrdinalIgnoreCase) == 0)
            {
                at = start + op.Length;
                return op;
            }
        }

        Expect("an operator", start);
        return null;
    }

    // A word is one only where nothing of a name touches it.
    private bool Keyword(string word, ref int at)
    {
        static bool Touches(char unit) => char.IsAsciiLetterOrDigit(unit) || unit is '_' or '$';
        int start = Skip(at);
        int end = start + word.Length;
        if (end > _text.Length
            || string.Compare(_text, start, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) != 0
            || (end < _text.Length && Touches(_text[end]))
            || (start > 0 && Touches(_text[start - 1])))
        {
            return false;
        }

        at = end;
        return true;
    }

    private bool Literal(char unit, ref int at)
    {
        int start = Skip(at);
        if (start >= _text.Length || _text[start] != unit)
        {
            Expect($"'{unit}'", start);
            return false;
        }

        at = start + 1;
        return true;
    }

    private int Skip(int at)
    {
        while (at < _text.Length && _text[at] is ' ' or '\n' or '\t' or '\r')
        {
            at++;
        }

        return at;
    }

    private void Expect(string what, int at)
    {
        if (at >= _furthest)
        {
            _furthest = at;
            _expected = what;
        }
    }

    private BooleanRuleParseException Error() => new(_expression, _furthest, $"Expected {_expected}");

    // The grammar takes ints with an exponent, but the reference then fails to read them.
    private static object ToInt(string text)
    {
        text = text.Replace('e', 'E');
        return IntText.ReadInt(text, 10) ?? throw PythonError.Value($"invalid literal for int() with base 10: '{text}'");
    }

    private static string Unescape(string text) => text.Contains('\\', StringComparison.Ordinal)
        ? text.Replace("\\t", "\t", StringComparison.Ordinal)
            .Replace("\\n", "\n", StringComparison.Ordinal)
            .Replace("\\f", "\f", StringComparison.Ordinal)
            .Replace("\\r", "\r", StringComparison.Ordinal)
        : text;

    // Tabs become blanks before anything is parsed, those between quotes too.
    private static string ExpandTabs(string text)
    {
        if (!text.Contains('\t', StringComparison.Ordinal))
        {
            return text;
        }

        var target = new StringBuilder(text.Length + 16);
        int column = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value == '\t')
            {
                target.Append(' ', 8 - (column % 8));
                column += 8 - (column % 8);
                continue;
            }

            target.Append(rune);
            column = rune.Value is '\n' or '\r' ? 0 : column + 1;
        }

        return target.ToString();
    }
}
