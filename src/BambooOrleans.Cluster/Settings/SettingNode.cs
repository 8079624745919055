using System.Text.Json;

namespace BambooOrleans.Cluster;

/// <summary>A value of the settings file or of an environment variable before it has a type, or a part with more of them.</summary>
internal sealed class SettingNode
{
    private SettingNode(string origin, string path)
    {
        Origin = origin;
        Path = path;
    }

    /// <summary>The file, or <c>environment variable NAME</c>.</summary>
    public string Origin { get; }

    /// <summary>The name, with dots between its parts; empty for the whole.</summary>
    public string Path { get; }

    /// <summary>The members of an object or array; null for a value.</summary>
    public SortedDictionary<string, SettingNode>? Members { get; private init; }

    /// <summary>The value's text; null for JSON's null.</summary>
    public string? Text { get; private init; }

    /// <summary>What kind of JSON it is; a variable's value has none, and may be read as any.</summary>
    public JsonValueKind? Kind { get; private init; }

    /// <exception cref="SettingsException">The file cannot be read, or is not a JSON object.</exception>
    public static SettingNode OfFile(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(
                file, new JsonDocumentOptions { AllowDuplicateProperties = false, CommentHandling = JsonCommentHandling.Skip });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? OfJson(document.RootElement, path, "")
                : throw new SettingsException(path, null, $"holds {Describe(document.RootElement.ValueKind)}, not an object of settings");
        }
        catch (JsonException failure)
        {
            throw new SettingsException(path, null, $"is not JSON: {failure.Message}", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException(path, null, $"cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Puts the value of an environment variable over what the file says.</summary>
    /// <exception cref="SettingsException">It names no setting, or a part where the file has a value.</exception>
    public void Set(string variable, IReadOnlyList<string> names, string text)
    {
        string origin = $"environment variable {variable}";
        SettingNode node = this;
        for (int index = 0; index < names.Count; index++)
        {
            if (node.Members is not { } members || names[index].Length == 0)
            {
                throw new SettingsException(origin, null, $"{string.Join('.', names)} is no setting");
            }

            // Names in the environment are often in capitals.
            string name = members.Keys.FirstOrDefault(key => key.Equals(names[index], StringComparison.OrdinalIgnoreCase)) ?? names[index];
            string path = Join(node.Path, name);
            bool isLast = index == names.Count - 1;
            if (isLast && members.GetValueOrDefault(name)?.Members is not null)
            {
                throw new SettingsException(origin, path, "is a part with settings of its own, and has no value");
            }

            if (isLast || members.GetValueOrDefault(name) is not { } next)
            {
                next = new SettingNode(origin, path) { Text = text, Members = isLast ? null : NewMembers() };
                members[name] = next;
            }

            node = next;
        }
    }

    /// <summary>What JSON it is, for messages.</summary>
    public static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };

    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static SettingNode OfJson(JsonElement element, string origin, string path)
    {
        IEnumerable<(string Name, JsonElement Value)>? members = element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().Select(member => (member.Name, member.Value)),
            JsonValueKind.Array => element.EnumerateArray().Select((item, index) => ($"{index}", item)),
            _ => null,
        };
        if (members is null)
        {
            string? text = element.ValueKind == JsonValueKind.Null ? null : element.ToString();
            return new SettingNode(origin, path) { Kind = element.ValueKind, Text = text };
        }

        SettingNode node = new(origin, path) { Kind = element.ValueKind, Members = NewMembers() };
        foreach ((string name, JsonElement value) in members)
        {
            node.Members.Add(name, OfJson(value, origin, Join(path, name)));
        }

        return node;
    }

    // Items of an array stand in order of their number.
    private static SortedDictionary<string, SettingNode> NewMembers() => new(Comparer<string>.Create(static (left, right) =>
        NumberOf(left).CompareTo(NumberOf(right)) is not 0 and int order ? order : string.CompareOrdinal(left, right)));

    private static int NumberOf(string name) => int.TryParse(name, out int number) ? number : int.MaxValue;
}
