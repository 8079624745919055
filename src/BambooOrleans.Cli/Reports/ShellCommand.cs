using System.Text;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli.Reports;

/// <summary>Writes command lines of <c>bamboo</c> that do what they say when they are pasted into a shell.</summary>
internal static class ShellCommand
{
    /// <summary>A command with its arguments, then its options, and the database where it is not the default one.</summary>
    /// <param name="command">The command, such as <c>bamboo node skip</c>.</param>
    /// <param name="database">The database that the command names.</param>
    /// <param name="arguments">Its arguments, as they are.</param>
    /// <param name="options">Its options, as <see cref="Option"/> writes them.</param>
    public static string Of(string command, string database, IEnumerable<string> arguments, params IEnumerable<string> options)
    {
        string[] given = [.. arguments];
        string places = string.Concat(given.Select(argument => " " + Quoted(argument)));
        string named = string.Concat(options.Select(option => " " + option)) + Database(database);

        // An id may look like an option; after -- nothing does.
        return given.Any(argument => argument.StartsWith('-')) ? $"{command}{named} --{places}" : $"{command}{places}{named}";
    }

    /// <summary><c>bamboo run --resume</c> of one pipeline.</summary>
    public static string Resume(string rootId, string database) => Of("bamboo run", database, [], Option("--resume", rootId));

    /// <summary>An option with its value.</summary>
    public static string Option(string name, string value) => $"{name}{(value.StartsWith('-') ? '=' : ' ')}{Quoted(value)}";

    /// <summary>The option that names the database again, without a password that it may have, after a space; nothing for the default one.</summary>
    public static string Database(string database) =>
        database == Commands.CommonOptions.DefaultDatabase ? ""
        : " " + Option("--db", PostgresConnectionString.IsPostgres(database) ? PostgresConnectionString.WithoutPassword(database) : database);

    /// <summary>An argument as a shell takes it.</summary>
    public static string Quoted(string argument)
    {
        if (argument.Any(char.IsControl))
        {
            return Escaped(argument);
        }

        // Some shells look for a program behind a leading =.
        return argument.Length > 0
            && argument[0] != '='
            && argument.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:@%+=,".Contains(letter))
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    // Control characters would steer the terminal, and a pasted one may be taken for a key.
    private static string Escaped(string argument)
    {
        var escaped = new StringBuilder("$'");
        foreach (char letter in argument)
        {
            if (letter is '\'' or '\\')
            {
                escaped.Append('\\').Append(letter);
            }
            else if (char.IsControl(letter))
            {
                escaped.Append($"\\u{(int)letter:x4}");
            }
            else
            {
                escaped.Append(letter);
            }
        }

        return escaped.Append('\'').ToString();
    }
}
