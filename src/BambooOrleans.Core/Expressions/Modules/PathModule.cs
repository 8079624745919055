using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary><c>os.path</c>, as far as it calculates with names and touches no files.</summary>
internal static class PathModule
{
    /// <summary>The object that the name <c>os</c> stands for: nothing but <c>path</c>.</summary>
    public static PyModule Parent { get; } = Build();

    private static PyModule Build()
    {
        PyModule path = ModuleTable.Module(
            "posixpath",
            ("basename", "p", (_, arguments) => Split(ModuleTable.Text(arguments[0])).Tail),
            ("dirname", "p", (_, arguments) => Split(ModuleTable.Text(arguments[0])).Head),
            ("split", "p", (_, arguments) =>
            {
                (string head, string tail) = Split(ModuleTable.Text(arguments[0]));
                return PyTuple.Of(head, tail);
            }
        ),
            ("splitext", "p", (_, arguments) => Extension(ModuleTable.Text(arguments[0]))),
            ("isabs", "s", (_, arguments) => ModuleTable.Text(arguments[0]).StartsWith('/')),
            ("normpath", "path", (run, arguments) => run.Taken(Normalize(ModuleTable.Text(arguments[0])))),
            ("normcase", "s", (_, arguments) => ModuleTable.Text(arguments[0])),
            ("commonprefix", "m", (run, arguments) => CommonPrefix(run, arguments[0]!)));
        var signature = new PyFunction("join", "<function join>", (run, arguments) => Join(run, arguments));
        path.Members.Add("join", signature);
        path.Members.Add("sep", "/");
        path.Members.Add("extsep", ".");
        path.Members.Add("pardir", "..");
        path.Members.Add("curdir", ".");
        path.Members.Add("pathsep", ":");
        var parent = new PyModule("os");
        parent.Members.Add("path", path);
        return parent;
    }

    private static (string Head, string Tail) Split(string path)
    {
        int end = path.LastIndexOf('/') + 1;
        string head = path[..end];
        string trimmed = head.TrimEnd('/');
        return (trimmed.Length == 0 ? head : trimmed, path[end..]);
    }

    private static PyTuple Extension(string path)
    {
        int name = path.LastIndexOf('/') + 1;
        int dot = path.LastIndexOf('.');
        bool leading = path[name..Math.Max(name, dot)].All(unit => unit == '.');
        return dot <= name || leading ? PyTuple.Of(path, string.Empty) : PyTuple.Of(path[..dot], path[dot..]);
    }

    private static string Normalize(string path)
    {
        if (path.Length == 0)
        {
            return ".";
        }

        // Two slashes in front are kept, three are one.
        int slashes = path.Length - path.TrimStart('/').Length;
        string start = slashes == 2 ? "//" : slashes > 0 ? "/" : string.Empty;
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part != ".." || (start.Length == 0 && parts.Count == 0) || (parts.Count > 0 && parts[^1] == ".."))
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        string joined = start + string.Join('/', parts);
        return joined.Length == 0 ? "." : joined;
    }

    private static string Join(Run run, Arguments arguments)
    {
        if (arguments.Positional.Length == 0 || arguments.Named.Length > 0)
        {
            throw PythonError.Type("join() missing 1 required positional argument: 'a'");
        }

        string path = ModuleTable.Text(arguments.Positional[0]);
        foreach (object item in arguments.Positional.Skip(1))
        {
            string part = ModuleTable.Text(item);
            path = part.StartsWith('/') ? part : path.Length == 0 || path.EndsWith('/') ? path + part : $"{path}/{part}";
            run.Taken(path);
        }

        return path;
    }

    private static string CommonPrefix(Run run, object items)
    {
        List<string> texts = [.. Iteration.Over(run, items).Select(ModuleTable.Text)];
        if (texts.Count == 0)
        {
            return string.Empty;
        }

        int length = texts.Min(text => text.AsSpan().CommonPrefixLength(texts[0]));
        return texts[0][..length];
    }
}
