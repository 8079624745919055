namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>What a token is.</summary>
internal enum TokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>The end of a line outside of all brackets.</summary>
    NewLine,

    /// <summary>A name or a keyword.</summary>
    Name,

    /// <summary>A number, text or bytes, with its value.</summary>
    Literal,

    /// <summary>An operator or a bracket.</summary>
    Operator,
}

/// <summary>One token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The name or operator.</param>
/// <param name="Value">The value of a literal.</param>
internal readonly record struct Token(TokenKind Kind, string Text, object? Value = null)
{
    public bool Is(string text) => Kind is TokenKind.Operator or TokenKind.Name && Text == text;
}
