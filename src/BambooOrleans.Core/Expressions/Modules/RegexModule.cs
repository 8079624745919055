using System.Collections.Concurrent;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using BambooOrleans.Core.Expressions.Runtime;
using BambooOrleans.Core.Expressions.Types;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary><c>re</c>. Patterns run on the platform's engine, with a time limit where they cannot run without backtracking.</summary>
internal static class RegexModule
{
    private const int FlagIgnoreCase = 2;
    private const int FlagMultiLine = 8;
    private const int FlagDotAll = 16;
    private const int FlagUnicode = 32;
    private const int FlagVerbose = 64;
    private const int FlagAscii = 256;

    public static PyModule Module { get; } = Build();

    private static PyModule Build()
    {
        PyModule module = ModuleTable.Module(
            "re",
            ("compile", "pattern, flags?", (run, arguments) => Compile(run, arguments[0]!, arguments[1])),
            ("match", "pattern, string, flags?", (run, arguments) => Compile(run, arguments[0]!, arguments[2]).Find(run, arguments[1], RegexAnchor.Start)),
            ("search", "pattern, string, flags?", (run, arguments) => Compile(run, arguments[0]!, arguments[2]).Find(run, arguments[1], RegexAnchor.None)),
            ("fullmatch", "pattern, string, flags?", (run, arguments) => Compile(run, arguments[0]!, arguments[2]).Find(run, arguments[1], RegexAnchor.Both)),
            ("findall", "pattern, string, flags?", (run, arguments) => Compile(run, arguments[0]!, arguments[2]).FindAll(run, arguments[1])),
            ("finditer", "pattern, string, flags?", (run, arguments) => Compile(run, arguments[0]!, arguments[2]).Iterate(run, arguments[1])),
            ("split", "pattern, string, maxsplit?, flags?", (run, arguments) => Compile(run, arguments[0]!, arguments[3]).Split(run, arguments[1], arguments[2])),
            ("sub", "pattern, repl, string, count?, flags?", (run, arguments) =>
                Compile(run, arguments[0]!, arguments[4]).Replace(run, arguments[1]!, arguments[2], arguments[3]).Text),
            ("subn", "pattern, repl, string, count?, flags?", (run, arguments) =>
            {
                (string text, int count) = Compile(run, arguments[0]!, arguments[4]).Replace(run, arguments[1]!, arguments[2], arguments[3]);
                return PyTuple.Of(text, (BigInteger)count);
            }
        ),
            ("escape", "pattern", (run, arguments) => Escape(run, ModuleTable.Text(arguments[0]))),
            ("purge", string.Empty, (_, _) => PyNone.Instance));
        foreach ((string name, string letter, int value) in new[]
        {
            ("IGNORECASE", "I", FlagIgnoreCase), ("MULTILINE", "M", FlagMultiLine), ("DOTALL", "S", FlagDotAll),
            ("VERBOSE", "X", FlagVerbose), ("ASCII", "A", FlagAscii), ("UNICODE", "U", FlagUnicode),
        })
        {
            module.Members.Add(name, new BigInteger(value));
            module.Members.Add(letter, new BigInteger(value));
        }

        return module;
    }

    private static PythonPattern Compile(Run run, object pattern, object? flags)
    {
        if (pattern is PythonPattern compiled)
        {
            return flags is null || Numbers.ToInt(flags).IsZero
                ? compiled
                : throw PythonError.Value("cannot process flags argument with a compiled pattern");
        }

        int asked = flags is null ? 0 : Numbers.ToIndex(flags);
        string text = pattern as string ?? throw PythonError.Unsupported("a pattern that is not text");
        run.Step(100 + text.Length);
        run.Take(64L * text.Length);
        var options = RegexOptions.CultureInvariant;
        options |= (asked & FlagIgnoreCase) != 0 ? RegexOptions.IgnoreCase : RegexOptions.None;
        options |= (asked & FlagMultiLine) != 0 ? RegexOptions.Multiline : RegexOptions.None;
        options |= (asked & FlagDotAll) != 0 ? RegexOptions.Singleline : RegexOptions.None;
        options |= (asked & FlagVerbose) != 0 ? RegexOptions.IgnorePatternWhitespace : RegexOptions.None;
        return new PythonPattern(text, asked, RegexSource.Make(text, options, (asked & FlagAscii) != 0));
    }

    private static string Escape(Run run, string text)
    {
        run.Take(4L * text.Length);
        var target = new StringBuilder(text.Length);
        foreach (char unit in text)
        {
            if ("()[]{}?*+-|^$\\.&~# \t\n\r\v\f".Contains(unit, StringComparison.Ordinal))
            {
                target.Append('\\');
            }

            target.Append(unit);
        }

        return target.ToString();
    }
}
