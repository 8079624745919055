using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace BambooOrleans.Cluster;

/// <summary>
/// Reads <see cref="ClusterSettings"/> from a file, and over it from environment variables: <c>BAMBOO__</c> and the setting's
/// name, with two underscores where it has a dot or an array its index (<c>BAMBOO__limits__shutdownTimeLimit</c>,
/// <c>BAMBOO__components__0</c>). What is unknown or wrong is refused, and never passed over.
/// </summary>
public static partial class SettingsReader
{
    /// <summary>What the name of every environment variable with a setting starts with.</summary>
    public const string VariablePrefix = "BAMBOO__";

    /// <summary>Reads the settings from a file and the environment of this process.</summary>
    /// <exception cref="SettingsException">Something is wrong; the message says where and what.</exception>
    public static ClusterSettings Read(string path) => Read(path, Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? "")));

    /// <summary>Reads the settings from a file and an environment.</summary>
    /// <exception cref="SettingsException">Something is wrong; the message says where and what.</exception>
    public static ClusterSettings Read(string path, IEnumerable<KeyValuePair<string, string>> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        SettingNode root = SettingNode.OfFile(path);
        foreach ((string variable, string text) in environment
            .Where(variable => variable.Key.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            // Names of settings are known in their own spelling; a variable may spell them in any case.
            root.Set(variable, Spell(typeof(ClusterSettings), variable[VariablePrefix.Length..].Split("__")), text);
        }

        var settings = (ClusterSettings)ToRecord(root, typeof(ClusterSettings));
        if (SettingsCheck.Find(settings) is ({ } setting, { } problem))
        {
            throw new SettingsException(OriginOf(root, setting), setting, problem);
        }

        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        HttpSettings http = settings.Http;
        return settings with
        {
            Components = [.. settings.Components.Select(file => Path.GetFullPath(file, directory))],
            Http = http with
            {
                KeyFile = FullPath(http.KeyFile),
                CallbackSecretFile = FullPath(http.CallbackSecretFile),
                Jwt = http.Jwt with { KeyFile = FullPath(http.Jwt.KeyFile) },
            },
        };

        string? FullPath(string? file) => file is null ? null : Path.GetFullPath(file, directory);
    }

    /// <summary>The names of all settings, with dots between their parts, in the order in which they are declared.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. NamesOf(typeof(ClusterSettings), "")];

    private static IEnumerable<string> NamesOf(Type type, string path) => PropertiesOf(type).SelectMany(property =>
        IsPart(property.PropertyType)
            ? NamesOf(property.PropertyType, SettingNode.Join(path, NameOf(property)))
            : [SettingNode.Join(path, NameOf(property))]);

    private static string[] Spell(Type type, string[] names)
    {
        string[] spelled = [.. names];
        for (int index = 0; index < spelled.Length && IsPart(type); index++)
        {
            if (PropertiesOf(type).FirstOrDefault(p => NameOf(p).Equals(spelled[index], StringComparison.OrdinalIgnoreCase)) is not { } property)
            {
                break;
            }

            spelled[index] = NameOf(property);
            type = property.PropertyType;
        }

        return spelled;
    }

    // The nearest thing that somebody wrote: a setting that is missing belongs to the file.
    private static string OriginOf(SettingNode root, string setting)
    {
        SettingNode node = root;
        foreach (string name in setting.Split('.'))
        {
            if (node.Members?.GetValueOrDefault(name) is not { } member)
            {
                break;
            }

            node = member;
        }

        return node.Origin;
    }

    private static object ToRecord(SettingNode node, Type type)
    {
        if (node.Members is not { } members || node.Kind == JsonValueKind.Array)
        {
            throw Wrong(node, "an object with settings of its own");
        }

        object record = Activator.CreateInstance(type)!;
        foreach ((string name, SettingNode member) in members)
        {
            PropertyInfo property = PropertiesOf(type).FirstOrDefault(property => NameOf(property) == name)
                ?? throw Unknown(member, type, name);
            property.SetValue(record, ToValue(member, property));
        }

        return record;
    }

    private static object? ToValue(SettingNode node, PropertyInfo property)
    {
        Type type = property.PropertyType;
        if (IsPart(type))
        {
            return ToRecord(node, type);
        }

        if (type == typeof(IReadOnlyList<string>))
        {
            return node.Members is { } items && node.Kind is null or JsonValueKind.Array
                ? items.Values.Select(item => ToText(item)).ToArray()
                : throw Wrong(node, "an array of strings");
        }

        if (node.Kind == JsonValueKind.Null && new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable)
        {
            return null;
        }

        if (type == typeof(string))
        {
            return ToText(node);
        }

        if (type == typeof(int))
        {
            return node.Kind is null or JsonValueKind.Number
                && int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
                ? number
                : throw Wrong(node, $"a whole number up to {int.MaxValue}");
        }

        if (type == typeof(bool))
        {
            return node.Kind is null or JsonValueKind.True or JsonValueKind.False && bool.TryParse(node.Text, out bool isTrue)
                ? isTrue
                : throw Wrong(node, "true or false");
        }

        if (type == typeof(TimeSpan) || type == typeof(TimeSpan?))
        {
            // The platform would take "10" for ten days, and "25:00:00" for 25.
            return node.Kind is null or JsonValueKind.String && node.Text is { } text && TimePattern().IsMatch(text)
                && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time)
                ? time
                : throw Wrong(node, "a time such as \"00:00:30\" (hours:minutes:seconds, days and a dot before them)");
        }

        if (type.IsEnum)
        {
            foreach (object value in Enum.GetValues(type))
            {
                if (node.Kind is null or JsonValueKind.String && KebabOf($"{value}") == node.Text)
                {
                    return value;
                }
            }

            throw Wrong(node, $"one of {string.Join(", ", Enum.GetNames(type).Select(name => $"\"{KebabOf(name)}\""))}");
        }

        throw new InvalidOperationException($"the setting {node.Path} has the type {type}, which cannot be read");
    }

    private static string ToText(SettingNode node) =>
        node.Kind is null or JsonValueKind.String && node.Text is { } text ? text : throw Wrong(node, "a string");

    private static SettingsException Wrong(SettingNode node, string expected)
    {
        string found = (node.Kind, node.Text) switch
        {
            ({ } kind and not (JsonValueKind.String or JsonValueKind.Number), _) => SettingNode.Describe(kind),
            (null, null) => "missing",
            (JsonValueKind.Number, { } text) => text,
            (_, { } text) => $"\"{text}\"",
            _ => "null",
        };
        return new SettingsException(node.Origin, node.Path, $"is {found}, and has to be {expected}");
    }

    private static SettingsException Unknown(SettingNode member, Type type, string name)
    {
        string[] known = [.. PropertiesOf(type).Select(NameOf)];
        string? near = known.FirstOrDefault(candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase));
        string hint = near is null ? $"there are {string.Join(", ", known)}" : $"{near} is meant";
        return new SettingsException(member.Origin, member.Path, $"is no setting ({hint})");
    }

    private static PropertyInfo[] PropertiesOf(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)];

    private static bool IsPart(Type type) => type.IsClass && type.Namespace == typeof(ClusterSettings).Namespace;

    private static string NameOf(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private static string KebabOf(string name) => name == nameof(ClusteringKind.AdoNet) ? "adonet" : JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    [GeneratedRegex(@"^([0-9]+\.)?([01]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,7})?$", RegexOptions.CultureInvariant)]
    private static partial Regex TimePattern();
}
