using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary>A match of a pattern.</summary>
internal sealed class PythonMatch(PythonPattern pattern, Match match, string subject) : PyObject
{
    public override string TypeName => "re.Match";

    /// <summary>Where the match starts, in UTF-16.</summary>
    public int Start => match.Index;

    /// <summary>How long the match is, in UTF-16.</summary>
    public int Length => match.Length;

    public override string Repr() =>
        $"<re.Match object; span=({CodePoints.FromUnits(subject, match.Index)}, {CodePoints.FromUnits(subject, match.Index + match.Length)}), match={PythonRepr.Repr(match.Value)}>";

    public override object? Attribute(string name) => name switch
    {
        "group" => new PyFunction(name, "<built-in method group>", (_, arguments) => arguments.Positional.Length switch
        {
            0 => match.Value,
            1 => Group(arguments.Positional[0], PyNone.Instance),
            _ => new PyTuple([.. arguments.Positional.Select(group => Group(group, PyNone.Instance))]),
        }),
        "groups" => ModuleTable.Function(name, "default?", (_, arguments) =>
            new PyTuple([.. Enumerable.Range(1, pattern.Groups).Select(group => Group(group, arguments[0] ?? PyNone.Instance))])),
        "groupdict" => ModuleTable.Function(name, "default?", (run, arguments) =>
        {
            var dict = new PyDict();
            foreach (string group in pattern.Names)
            {
                dict.Set(run, group, Group(pattern.NumberOf(group), arguments[0] ?? PyNone.Instance));
            }

            return dict;
        }),
        "start" => ModuleTable.Function(name, "group?", (_, arguments) => Bound(arguments[0], end: false)),
        "end" => ModuleTable.Function(name, "group?", (_, arguments) => Bound(arguments[0], end: true)),
        "span" => ModuleTable.Function(name, "group?", (_, arguments) => PyTuple.Of(Bound(arguments[0], end: false), Bound(arguments[0], end: true))),
        "expand" => ModuleTable.Function(name, "template", (run, arguments) => Expand(run, ModuleTable.Text(arguments[0]))),
        "string" => subject,
        "re" => pattern,
        "lastindex" => LastIndex(),
        _ => null,
    };

    public override object? Item(object key) => Group(key, PyNone.Instance);

    /// <summary>The text of a group by Python's number, or what stands for one that took no part.</summary>
    public object Group(int number, object missing)
    {
        int place = pattern.Place(number);
        if (place < 0)
        {
            throw PythonError.Index("no such group");
        }

        Group group = match.Groups[place];
        return group.Success ? group.Value : missing;
    }

    /// <summary>A replacement with its escapes and references filled in.</summary>
    public string Expand(Run run, string template)
    {
        if (!template.Contains('\\', StringComparison.Ordinal))
        {
            return template;
        }

        var target = new StringBuilder();
        for (int i = 0; i < template.Length; i++)
        {
            run.Step();
            if (template[i] != '\\' || i + 1 >= template.Length)
            {
                target.Append(template[i]);
                continue;
            }

            char escaped = template[++i];
            switch (escaped)
            {
                case 'g' when i + 1 < template.Length && template[i + 1] == '<' && template.IndexOf('>', i) is > 0 and var close:
                    string name = template[(i + 2)..close];
                    target.Append(int.TryParse(name, out int number) ? Group(number, string.Empty) : Group(name, string.Empty));
                    i = close;
                    break;
                case >= '1' and <= '9':
                    int reference = escaped - '0';
                    if (i + 1 < template.Length && char.IsAsciiDigit(template[i + 1]))
                    {
                        reference = (reference * 10) + template[++i] - '0';
                    }

                    target.Append(pattern.Place(reference) < 0
                        ? throw new PythonError("error", $"invalid group reference {reference}")
                        : Group(reference, string.Empty));
                    break;
                case '0':
                    target.Append('\0');
                    break;
                default:
                    int known = "nrtfvab\\".IndexOf(escaped, StringComparison.Ordinal);
                    _ = known >= 0
                        ? target.Append("\n\r\t\f\v\a\b\\"[known])
                        : char.IsAsciiLetter(escaped)
                            ? throw new PythonError("error", $"bad escape \\{escaped}")
                            : target.Append('\\').Append(escaped);
                    break;
            }
        }

        return target.ToString();
    }

    private object Group(object key, object missing)
    {
        int number = key is string name ? pattern.NumberOf(name) : Numbers.IsInt(key) ? Numbers.ToIndex(key) : -1;
        return number < 0 ? throw PythonError.Index("no such group") : Group(number, missing);
    }

    private object Bound(object? key, bool end)
    {
        int number = key is null ? 0 : key is string name ? pattern.NumberOf(name) : Numbers.ToIndex(key);
        int place = pattern.Place(number);
        Group group = place < 0 ? throw PythonError.Index("no such group") : match.Groups[place];
        return group.Success
            ? (BigInteger)CodePoints.FromUnits(subject, end ? group.Index + group.Length : group.Index)
            : BigInteger.MinusOne;
    }

    private object LastIndex()
    {
        int last = Enumerable.Range(0, pattern.Groups + 1).LastOrDefault(group => match.Groups[pattern.Place(group)].Success);
        return last == 0 ? PyNone.Instance : (BigInteger)last;
    }
}
