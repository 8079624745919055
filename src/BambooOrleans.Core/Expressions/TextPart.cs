using System.Buffers;
using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions;

/// <summary>A text with templates in it.</summary>
internal sealed class TextPart : TemplatePart
{
    private static readonly SearchValues<char> Ends = SearchValues.Create("${}#");

    private readonly TextValue _source;
    private readonly IReadOnlyList<(string Text, CodePart? Code)> _pieces;

    private TextPart(TextValue source, IReadOnlyList<(string Text, CodePart? Code)> pieces)
    {
        _source = source;
        _pieces = pieces;
    }

    public static TemplatePart Read(TextValue source, ExpressionOptions options)
    {
        string text = source.Value;
        (int start, int length) = FindTemplate(text, 0);
        if (length == 0)
        {
            return new ConstantPart(source);
        }

        if (length == text.Length)
        {
            return new LonePart(source, new CodePart(text, options), options);
        }

        var pieces = new List<(string, CodePart?)>();
        int done = 0;
        Dictionary<string, CodePart>? known = null;
        for (; length > 0; (start, length) = FindTemplate(text, done))
        {
            if (start > done)
            {
                pieces.Add((text[done..start], null));
            }

            string template = text.Substring(start, length);
            known ??= new(StringComparer.Ordinal);
            if (!known.TryGetValue(template, out CodePart? code))
            {
                code = new CodePart(template, options);
                known.Add(template, code);
            }

            pieces.Add((template, code));
            done = start + length;
        }

        if (done < text.Length)
        {
            pieces.Add((text[done..], null));
        }

        return new TextPart(source, pieces);
    }

    /// <summary>
    /// The next <c>${…}</c> with at least one character inside, and none of <c>$ { } #</c>; of length zero where there is none.
    /// </summary>
    public static (int Start, int Length) FindTemplate(string text, int from)
    {
        while (from < text.Length)
        {
            int start = text.IndexOf("${", from, StringComparison.Ordinal);
            if (start < 0)
            {
                break;
            }

            int end = text.AsSpan(start + 2).IndexOfAny(Ends);
            if (end < 0)
            {
                break;
            }

            if (end > 0 && text[start + 2 + end] == '}')
            {
                return (start, end + 3);
            }

            from = start + 2 + end;
        }

        return (0, 0);
    }

    public override Value Render(Run run)
    {
        var target = new StringBuilder();
        bool changed = false;

        // Equal templates are rendered once and replaced together.
        Dictionary<CodePart, string>? rendered = null;
        foreach ((string text, CodePart? code) in _pieces)
        {
            string piece = text;
            if (code is not null)
            {
                rendered ??= [];
                if (!rendered.TryGetValue(code, out piece!))
                {
                    piece = code.Render(run);
                    rendered.Add(code, piece);
                }

                changed |= !ReferenceEquals(piece, code.Source);
            }

            run.Take(2L * piece.Length);
            target.Append(piece);
        }

        return changed ? target.ToString() : _source;
    }

    public override void CollectReferences(HashSet<string> references)
    {
        foreach ((string _, CodePart? code) in _pieces)
        {
            code?.CollectReferences(references);
        }
    }

    public override void CollectWarnings(List<ExpressionWarning> warnings, IReadOnlySet<string>? knownNames)
    {
        foreach (CodePart code in _pieces.Select(piece => piece.Code).OfType<CodePart>().Distinct())
        {
            code.CollectWarnings(warnings, knownNames);
        }
    }
}
