using System.Globalization;

namespace BambooOrleans.Pipelines;

/// <summary>The members of one JSON object of a tree, taken by name and type; a member that does not fit is refused with its path.</summary>
internal readonly struct TreeMembers(MapValue map, TreePath path)
{
    public MapValue Source => map;

    public TreePath Path => path;

    /// <summary>Takes <paramref name="value"/> as an object.</summary>
    public static TreeMembers Of(Value value, TreePath path) =>
        value is MapValue map ? new(map, path) : throw WrongType(path, "an object", value);

    public static PipelineTreeException WrongType(TreePath path, string expected, Value found) => new(
        PipelineTreeErrors.WrongType, path.ToString(), $"must be {expected}, but is {found.Describe()}");

    /// <summary>A member that must be there and must not be null.</summary>
    public Value Required(string name) =>
        map.TryGetValue(name, out Value? value) && !value.IsNull
            ? value
            : throw new PipelineTreeException(
                PipelineTreeErrors.MissingMember,
                (path / name).ToString(),
                value is null ? "is missing" : "is null, but must have a value");

    /// <summary>A member that may be missing; null counts as missing.</summary>
    public Value? Optional(string name) => map.TryGetValue(name, out Value? value) && !value.IsNull ? value : null;

    public TreeMembers Object(string name) => Of(Required(name), path / name);

    public TreeMembers? OptionalObject(string name) => Optional(name) is { } value ? Of(value, path / name) : null;

    public string Text(string name) => AsText(Required(name), name);

    public string? OptionalText(string name) => Optional(name) is { } value ? AsText(value, name) : null;

    /// <summary>Text that names something, and so must not be empty.</summary>
    public string Id(string name)
    {
        string id = Text(name);
        return IsId(id) ? id : throw NoId(id, path / name);
    }

    /// <summary>A bool; <paramref name="missing"/> where there is none. Null counts as false, as it does in the reference's language.</summary>
    public bool Flag(string name, bool missing) => map.TryGetValue(name, out Value? value)
        ? value switch
        {
            BoolValue flag => flag.Value,
            NullValue => false,
            _ => throw WrongType(path / name, "true or false", value),
        }
        : missing;

    public IReadOnlyList<string> TextList(string name)
    {
        Value value = Required(name);
        return value is ListValue list ? AsTexts(list, path / name) : throw WrongType(path / name, "a list of texts", value);
    }

    public IReadOnlyList<string> OptionalTextList(string name) => Optional(name) is null ? [] : TextList(name);

    /// <summary>The flows of a node: a list of ids, one id, or nothing (empty text or null).</summary>
    public IReadOnlyList<string> Flows(string name)
    {
        if (!map.TryGetValue(name, out Value? value))
        {
            throw new PipelineTreeException(PipelineTreeErrors.MissingMember, (path / name).ToString(), "is missing");
        }

        return value switch
        {
            NullValue => [],
            TextValue { Value.Length: 0 } => [],
            TextValue text => [text.Value],
            ListValue list => AsTexts(list, path / name),
            _ => throw WrongType(path / name, "the id of a flow or a list of ids", value),
        };
    }

    /// <summary>Whether text can be an id: it is not empty and not too long.</summary>
    public static bool IsId(string text) => text.Length is > 0 and <= PipelineTreeReader.MaxIdLength;

    public static PipelineTreeException NoId(string text, TreePath path) => text.Length == 0
        ? new PipelineTreeException(PipelineTreeErrors.EmptyId, path.ToString(), "must not be empty")
        : new PipelineTreeException(
            PipelineTreeErrors.IdTooLong,
            path.ToString(),
            $"has {text.Length} characters, but {PipelineTreeReader.MaxIdLength} at most are allowed");

    private string AsText(Value value, string name) =>
        value is TextValue text ? text.Value : throw WrongType(path / name, "text", value);

    private static string[] AsTexts(ListValue list, TreePath path)
    {
        var texts = new string[list.Count];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = list[i] is TextValue text ? text.Value : throw WrongType(path / i, "text", list[i]);
        }

        return texts;
    }
}
