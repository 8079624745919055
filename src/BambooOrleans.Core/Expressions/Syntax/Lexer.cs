using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>Cuts Python text into tokens.</summary>
internal sealed class Lexer
{
    // CPython's own limit.
    private const int BracketsMax = 200;

    private static readonly FrozenSet<string> Keywords = new[]
    {
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    }.ToFrozenSet(StringComparer.Ordinal);

    // The longest first.
    private static readonly string[] Operators =
    [
        "**=", "//=", "<<=", ">>=", "...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "->", ":=", "+=", "-=", "*=",
        "/=", "%=", "&=", "|=", "^=", "@=", "+", "-", "*", "/", "%", "@", "&", "|", "^", "~", "<", ">", "(", ")", "[", "]",
        ",", ":", ".", ";", "=",
    ];

    private readonly string _text;
    private readonly List<Token> _tokens = [];
    private readonly Stack<char> _brackets = [];
    private int _at;

    private Lexer(string text) => _text = text;

    /// <summary>Whether a name is one of the language's words.</summary>
    public static bool IsKeyword(string name) => Keywords.Contains(name);

    /// <summary>The tokens of a text, with one <see cref="TokenKind.End"/> at the end.</summary>
    /// <param name="text">The text, its line ends as <c>\n</c>.</param>
    /// <param name="linesMatter">Whether line ends outside of brackets are tokens and indentation an error, as between statements.</param>
    /// <exception cref="SyntaxError">The text has what no token starts with.</exception>
    public static List<Token> Read(string text, bool linesMatter) => new Lexer(text).Read(linesMatter);

    private List<Token> Read(bool linesMatter)
    {
        bool lineStart = linesMatter;
        while (true)
        {
            int before = _at;
            SkipBlanks();
            if (_at >= _text.Length)
            {
                if (_brackets.Count > 0)
                {
                    throw new SyntaxError($"'{_brackets.Peek()}' was never closed");
                }

                _tokens.Add(new Token(TokenKind.End, string.Empty));
                return _tokens;
            }

            char unit = _text[_at];
            if (unit == '\n')
            {
                _at++;
                if (linesMatter && _brackets.Count == 0)
                {
                    if (!lineStart)
                    {
                        _tokens.Add(new Token(TokenKind.NewLine, "\n"));
                    }

                    lineStart = true;
                }

                continue;
            }

            // A form feed starts the count of columns anew.
            if (lineStart && _at > before && _text[_at - 1] != '\f')
            {
                throw new SyntaxError("unexpected indent");
            }

            lineStart = false;
            ReadToken(unit);
        }
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length)
        {
            if (_text[_at] is ' ' or '\t' or '\f')
            {
                _at++;
            }
            else if (_text[_at] == '\\' && _at + 1 < _text.Length && _text[_at + 1] == '\n')
            {
                _at += 2;
                if (_at >= _text.Length)
                {
                    throw new SyntaxError("unexpected EOF while parsing");
                }
            }
            else
            {
                return;
            }
        }
    }

    private void ReadToken(char unit)
    {
        if (char.IsAsciiDigit(unit) || (unit == '.' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1])))
        {
            ReadNumber();
        }
        else if (StringStart() is { } prefix)
        {
            _at += prefix;
            _tokens.Add(new Token(TokenKind.Literal, "string", LiteralText.Read(_text, ref _at, _text[(_at - prefix).._at])));
        }
        else if (Characters.IsNameStart(unit))
        {
            int start = _at;
            while (_at < _text.Length && Characters.IsNamePart(_text[_at]))
            {
                _at++;
            }

            string name = _text[start.._at];
            _tokens.Add(new Token(TokenKind.Name, Ascii.IsValid(name) ? name : name.Normalize(NormalizationForm.FormKC)));
        }
        else
        {
            ReadOperator();
        }
    }

    // The length of a prefix such as rb, where text in quotes follows.
    private int? StringStart()
    {
        for (int length = 0; length <= 2 && _at + length < _text.Length; length++)
        {
            char unit = _text[_at + length];
            if (unit is '\'' or '"')
            {
                string prefix = _text.Substring(_at, length).ToLowerInvariant();
                return prefix is "" or "r" or "u" or "b" or "f" or "br" or "rb" or "fr" or "rf" ? length : null;
            }

            if (!char.IsAsciiLetter(unit))
            {
                return null;
            }
        }

        return null;
    }

    private void ReadOperator()
    {
        foreach (string candidate in Operators)
        {
            if (string.CompareOrdinal(_text, _at, candidate, 0, candidate.Length) != 0)
            {
                continue;
            }

            _at += candidate.Length;
            if (candidate is "(" or "[")
            {
                _brackets.Push(candidate[0]);
                if (_brackets.Count >= BracketsMax)
                {
                    throw new SyntaxError("too many nested parentheses");
                }
            }
            else if (candidate is ")" or "]" && (!_brackets.TryPop(out char open) || open != (candidate == ")" ? '(' : '[')))
            {
                throw new SyntaxError($"unmatched '{candidate}'");
            }

            _tokens.Add(new Token(TokenKind.Operator, candidate));
            return;
        }

        throw new SyntaxError($"invalid character '{_text[_at]}' (U+{(int)_text[_at]:X4})");
    }

    private void ReadNumber()
    {
        int start = _at;
        object value;
        if (_text[_at] == '0' && _at + 1 < _text.Length && char.ToLowerInvariant(_text[_at + 1]) is 'x' or 'o' or 'b')
        {
            int numberBase = char.ToLowerInvariant(_text[_at + 1]) switch
            {
                'x' => 16,
                'o' => 8,
                _ => 2,
            };
            _at += 2;
            bool IsDigit(char unit) => numberBase == 16 ? char.IsAsciiHexDigit(unit) : unit >= '0' && unit < '0' + numberBase;
            _at += _at < _text.Length && _text[_at] == '_' ? 1 : 0;
            ReadDigits(IsDigit);
            value = IntText.ReadInt(_text[start.._at], 0) ?? throw new SyntaxError("invalid number");
        }
        else
        {
            value = ReadDecimal(start);
        }

        // 1if and 1or are read as a number and a keyword; any other name right behind a number is an error.
        if (_at < _text.Length && Characters.IsNamePart(_text[_at]))
        {
            ReadOnlySpan<char> rest = _text.AsSpan(_at);
            if (!(rest.StartsWith("and") || rest.StartsWith("else") || rest.StartsWith("for") || rest.StartsWith("if")
                || rest.StartsWith("in") || rest.StartsWith("is") || rest.StartsWith("or") || rest.StartsWith("not")))
            {
                throw new SyntaxError("invalid decimal literal");
            }
        }

        _tokens.Add(new Token(TokenKind.Literal, "number", value));
    }

    private object ReadDecimal(int start)
    {
        bool isFloat = false;
        if (_text[_at] != '.')
        {
            ReadDigits(char.IsAsciiDigit);
        }

        if (_at < _text.Length && _text[_at] == '.')
        {
            isFloat = true;
            _at++;
            if (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            {
                ReadDigits(char.IsAsciiDigit);
            }
        }

        if (_at < _text.Length && _text[_at] is 'e' or 'E')
        {
            int sign = _at + 1 < _text.Length && _text[_at + 1] is '+' or '-' ? 1 : 0;
            if (_at + 1 + sign < _text.Length && char.IsAsciiDigit(_text[_at + 1 + sign]))
            {
                isFloat = true;
                _at += 1 + sign;
                ReadDigits(char.IsAsciiDigit);
            }
        }

        if (_at < _text.Length && _text[_at] is 'j' or 'J')
        {
            throw new SyntaxError("complex numbers are not supported");
        }

        string digits = _text[start.._at].Replace("_", string.Empty, StringComparison.Ordinal);
        if (isFloat)
        {
            return double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        }

        if (digits.Length > 1 && digits[0] == '0' && digits.Trim('0').Length > 0)
        {
            throw new SyntaxError("leading zeros in decimal integer literals are not permitted");
        }

        return digits.Length <= 18
            ? new BigInteger(long.Parse(digits, CultureInfo.InvariantCulture))
            : ReadLong(digits);
    }

    private static object ReadLong(string digits)
    {
        try
        {
            return IntText.ReadInt(digits, 10) ?? throw new SyntaxError("invalid number");
        }
        catch (PythonError error)
        {
            throw new SyntaxError(error.Message);
        }
    }

    // Digits with single underscores between them.
    private void ReadDigits(Func<char, bool> isDigit)
    {
        while (true)
        {
            if (_at >= _text.Length || !isDigit(_text[_at]))
            {
                throw new SyntaxError("invalid decimal literal");
            }

            while (_at < _text.Length && isDigit(_text[_at]))
            {
                _at++;
            }

            if (_at >= _text.Length || _text[_at] != '_')
            {
                return;
            }

            _at++;
        }
    }
}
