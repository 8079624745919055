using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace BambooOrleans.Deploy.Tests;

/// <summary>A node of a YAML document, and the way to it for messages.</summary>
internal sealed record Yaml(YamlNode? Node, string Where)
{
    /// <summary>The member of a mapping; one without a node where there is none.</summary>
    public Yaml this[string key] => new(
        Node is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? child) ? child : null,
        $"{Where}.{key}");

    public bool IsThere => Node is not null;

    public IEnumerable<Yaml> Items => Node is YamlSequenceNode sequence
        ? sequence.Children.Select((child, index) => new Yaml(child, $"{Where}[{index}]"))
        : [];

    public IEnumerable<(string Key, Yaml Value)> Members => Node is YamlMappingNode mapping
        ? mapping.Children.Select(child => (((YamlScalarNode)child.Key).Value!, new Yaml(child.Value, $"{Where}.{((YamlScalarNode)child.Key).Value}")))
        : [];

    /// <summary>The text of a scalar; null where there is no node, or it is null.</summary>
    public string? TextOrNull => Node is YamlScalarNode { Value: { } value } scalar
        && !(scalar.Style == ScalarStyle.Plain && value is "null" or "~" or "") ? value : null;

    public string Text => TextOrNull ?? throw new Xunit.Sdk.XunitException($"{Where} is missing");

    public int Number => int.TryParse(Text, CultureInfo.InvariantCulture, out int number)
        ? number
        : throw new Xunit.Sdk.XunitException($"{Where} is {Text}, which is no number");

    public IReadOnlyDictionary<string, string> Texts => Members.ToDictionary(member => member.Key, member => member.Value.Text);

    /// <summary>The documents of a file.</summary>
    public static IReadOnlyList<Yaml> Read(string file)
    {
        using StreamReader reader = new(file);
        YamlStream stream = [];
        stream.Load(reader);
        string name = Path.GetRelativePath(Repository.Kubernetes, file);
        return [.. stream.Documents.Select(document => new Yaml(document.RootNode, $"{name}: "))];
    }

    /// <summary>Every node within this one, itself first.</summary>
    public IEnumerable<Yaml> All() => Members.Select(member => member.Value).Concat(Items).SelectMany(child => child.All()).Prepend(this);

    public override string ToString() => Where;
}
