using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary>A compiled pattern.</summary>
internal sealed class PythonPattern(string pattern, int flags, Regex regex) : PyObject
{
    // A comment at the end of a verbose pattern would hide the bracket.
    private static string Group(Regex regex) => (regex.Options & RegexOptions.IgnorePatternWhitespace) != 0 ? $"(?:{regex}\n)" : $"(?:{regex})";

    private readonly Lazy<Regex> _start = new(() => new Regex("\\A" + Group(regex), regex.Options, regex.MatchTimeout));
    private readonly Lazy<Regex> _both = new(() => new Regex("\\A" + Group(regex) + "\\z", regex.Options, regex.MatchTimeout));

    public override string TypeName => "re.Pattern";

    // A pattern that backtracks may take up to its time limit for one match.
    private int Cost { get; } = (regex.Options & RegexOptions.NonBacktracking) != 0 ? 1 : 500;

    /// <summary>The names of the groups that have one.</summary>
    public IReadOnlyList<string> Names { get; } = [.. regex.GetGroupNames().Where(name => !char.IsAsciiDigit(name[0]))];

    /// <summary>How many groups there are besides the whole.</summary>
    public int Groups { get; } = regex.GetGroupNumbers().Length - 1;

    // The platform numbers groups with a name after those without; Python numbers them as they open.
    private readonly int[] _order = Order(pattern, regex);

    public override string Repr()
    {
        var shown = new List<string>();
        foreach ((int flag, string name) in new[] { (2, "IGNORECASE"), (8, "MULTILINE"), (16, "DOTALL"), (64, "VERBOSE"), (256, "ASCII") })
        {
            if ((flags & flag) != 0)
            {
                shown.Add($"re.{name}");
            }
        }

        string suffix = shown.Count == 0 ? string.Empty : ", " + string.Join('|', shown);
        return $"re.compile({PythonRepr.Repr(pattern)}{suffix})";
    }

    public override object? Attribute(string name) => name switch
    {
        "pattern" => pattern,
        "flags" => (BigInteger)(flags | 32),
        "groups" => (BigInteger)Groups,
        "match" => ModuleTable.Function(name, "string", (run, arguments) => Find(run, arguments[0], RegexAnchor.Start)),
        "search" => ModuleTable.Function(name, "string", (run, arguments) => Find(run, arguments[0], RegexAnchor.None)),
        "fullmatch" => ModuleTable.Function(name, "string", (run, arguments) => Find(run, arguments[0], RegexAnchor.Both)),
        "findall" => ModuleTable.Function(name, "string", (run, arguments) => FindAll(run, arguments[0])),
        "finditer" => ModuleTable.Function(name, "string", (run, arguments) => Iterate(run, arguments[0])),
        "split" => ModuleTable.Function(name, "string, maxsplit?", (run, arguments) => Split(run, arguments[0], arguments[1])),
        "sub" => ModuleTable.Function(name, "repl, string, count?", (run, arguments) => Replace(run, arguments[0]!, arguments[1], arguments[2]).Text),
        "subn" => ModuleTable.Function(name, "repl, string, count?", (run, arguments) =>
        {
            (string text, int count) = Replace(run, arguments[0]!, arguments[1], arguments[2]);
            return PyTuple.Of(text, (BigInteger)count);
        }),
        _ => null,
    };

    public object Find(Run run, object? text, RegexAnchor anchor)
    {
        string subject = Subject(run, text);
        Regex used = anchor switch
        {
            RegexAnchor.None => regex,
            RegexAnchor.Start => _start.Value,
            _ => _both.Value,
        };
        run.Step(Cost);
        Match match = Guarded(() => used.Match(subject));
        return match.Success ? new PythonMatch(this, match, subject) : PyNone.Instance;
    }

    public PyIterator Iterate(Run run, object? text) => new("callable_iterator", Matches(run, text).GetEnumerator());

    public PyList FindAll(Run run, object? text)
    {
        var found = new List<object>();
        foreach (object item in Matches(run, text))
        {
            var match = (PythonMatch)item;
            run.Take(16);
            found.Add(Groups switch
            {
                0 => match.Group(0, string.Empty),
                1 => match.Group(1, string.Empty),
                _ => new PyTuple([.. Enumerable.Range(1, Groups).Select(group => match.Group(group, string.Empty))]),
            });
            run.Take(2L * match.Length);
        }

        return new PyList(found);
    }

    public PyList Split(Run run, object? text, object? most)
    {
        string subject = Subject(run, text);
        int left = most is null || Numbers.ToInt(most).IsZero ? int.MaxValue : Numbers.ToIndex(most);
        var parts = new List<object>();
        int done = 0;
        foreach (object item in left < 0 ? [] : Matches(run, text))
        {
            if (left-- == 0)
            {
                break;
            }

            var match = (PythonMatch)item;
            run.Take(32);
            parts.Add(run.Taken(subject[done..match.Start]));
            parts.AddRange(Enumerable.Range(1, Groups).Select(group => match.Group(group, PyNone.Instance)));
            done = match.Start + match.Length;
        }

        parts.Add(subject[done..]);
        return new PyList(parts);
    }

    public (string Text, int Count) Replace(Run run, object replacement, object? text, object? most)
    {
        string subject = Subject(run, text);
        int left = most is null || Numbers.ToInt(most).IsZero ? int.MaxValue : Numbers.ToIndex(most);
        var target = new StringBuilder();
        int done = 0;
        int count = 0;
        foreach (object item in left < 0 ? [] : Matches(run, text))
        {
            if (left-- == 0)
            {
                break;
            }

            var match = (PythonMatch)item;
            string part = replacement is string template
                ? match.Expand(run, template)
                : ModuleTable.Text(Calls.Invoke(run, replacement, match));
            run.Take(2L * (match.Start - done + part.Length));
            target.Append(subject, done, match.Start - done).Append(part);
            done = match.Start + match.Length;
            count++;
        }

        return (run.Taken(target.Append(subject, done, subject.Length - done).ToString()), count);
    }

    /// <summary>The platform's number of a group of Python's, or -1.</summary>
    public int Place(int group) => group >= 0 && group <= Groups ? _order[group] : -1;

    /// <summary>Python's number of a named group, or -1.</summary>
    public int NumberOf(string name) => Names.Contains(name) ? Array.IndexOf(_order, regex.GroupNumberFromName(name)) : -1;

    // The platform skips an empty match right behind another match, where Python takes it.
    private IEnumerable<object> Matches(Run run, object? text)
    {
        string subject = Subject(run, text);
        int from = 0;
        int lastEnd = -1;
        bool lastEmpty = true;
        while (from <= subject.Length)
        {
            run.Step(Cost + ((subject.Length - from) >> 6));
            int at = from;
            Match match = Guarded(() => regex.Match(subject, at));
            if (!match.Success)
            {
                yield break;
            }

            bool empty = match.Length == 0;
            if (empty && match.Index == lastEnd && lastEmpty)
            {
                from = match.Index + 1;
                continue;
            }

            yield return new PythonMatch(this, match, subject);
            lastEnd = match.Index + match.Length;
            lastEmpty = empty;
            from = empty ? match.Index + 1 : lastEnd;
        }
    }

    private static Match Guarded(Func<Match> find)
    {
        try
        {
            return find();
        }
        catch (RegexMatchTimeoutException)
        {
            throw new ExpressionBudgetException("A regular expression takes too long.");
        }
    }

    private static string Subject(Run run, object? text)
    {
        string subject = text as string ?? throw PythonError.Type("expected string or bytes-like object");
        run.Step(1 + (subject.Length >> 5));
        return subject;
    }

    private static int[] Order(string pattern, Regex regex)
    {
        var order = new List<int> { 0 };
        int plain = 1;
        bool inSet = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '[' when !inSet:
                    inSet = true;
                    i += i + 1 < pattern.Length && pattern[i + 1] == '^' ? 1 : 0;
                    i += i + 1 < pattern.Length && pattern[i + 1] == ']' ? 1 : 0;
                    break;
                case ']':
                    inSet = false;
                    break;
                case '(' when !inSet:
                    if (string.CompareOrdinal(pattern, i, "(?P<", 0, 4) == 0)
                    {
                        order.Add(regex.GroupNumberFromName(pattern[(i + 4)..pattern.IndexOf('>', i)]));
                    }
                    else if (i + 1 >= pattern.Length || pattern[i + 1] != '?')
                    {
                        order.Add(plain++);
                    }

                    break;
            }
        }

        return [.. order];
    }
}
