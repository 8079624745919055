namespace BambooOrleans.Deploy.Tests;

/// <summary>A folder with a <c>kustomization.yaml</c>: what it takes in, and what it makes of it.</summary>
internal sealed class Kustomization
{
    private Kustomization(string folder)
    {
        Folder = folder;
        Content = Yaml.Read(Path.Combine(folder, "kustomization.yaml")).Single();
    }

    public string Folder { get; }

    public string Name => Path.GetRelativePath(Repository.Kubernetes, Folder);

    public Yaml Content { get; }

    /// <summary>The other kustomizations that it takes in.</summary>
    public IEnumerable<Kustomization> Bases => ResourcePaths.Where(Directory.Exists).Select(path => new Kustomization(path));

    /// <summary>The manifests of its own files.</summary>
    public IEnumerable<Manifest> Own => ResourcePaths.Where(File.Exists).SelectMany(path => Yaml.Read(path).Select(yaml => new Manifest(yaml, path)));

    /// <summary>Its own manifests and those of its bases, without patches.</summary>
    public IReadOnlyList<Manifest> Manifests => [.. Bases.SelectMany(origin => origin.Manifests), .. Own];

    public IEnumerable<Manifest> Patches => PatchPaths.SelectMany(path => Yaml.Read(path).Select(yaml => new Manifest(yaml, path)));

    public IEnumerable<string> ResourcePaths => Content["resources"].Items.Select(item => PathOf(item.Text));

    public IEnumerable<string> PatchPaths => Content["patches"].Items.Select(item => PathOf(item["path"].Text));

    public IEnumerable<string> GeneratorPaths => Content["configMapGenerator"].Items.SelectMany(item => item["files"].Items)
        .Select(item => PathOf(item.Text));

    /// <summary>The config maps that it and its bases make, and their keys.</summary>
    public IReadOnlyDictionary<string, string[]> ConfigMaps => Bases.SelectMany(origin => origin.ConfigMaps).Concat(
        Content["configMapGenerator"].Items.Select(item => KeyValuePair.Create(
            item["name"].Text, item["files"].Items.Select(file => Path.GetFileName(file.Text)).ToArray())))
        .ToDictionary(pair => pair.Key, pair => pair.Value);

    public static Kustomization Base => new(Path.Combine(Repository.Kubernetes, "base"));

    /// <summary>Every kustomization there is.</summary>
    public static IReadOnlyList<Kustomization> All =>
    [
        .. Directory.EnumerateFiles(Repository.Kubernetes, "kustomization.yaml", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(file => new Kustomization(Path.GetDirectoryName(file)!)),
    ];

    public override string ToString() => Name;

    private string PathOf(string relative) => Path.GetFullPath(relative, Folder);
}

/// <summary>One object of the Kubernetes API.</summary>
internal sealed record Manifest(Yaml Content, string File)
{
    public string Kind => Content["kind"].Text;

    public string Name => Content["metadata"]["name"].Text;

    public string ApiVersion => Content["apiVersion"].Text;

    /// <summary>The template of its pods; one without a node where it has none.</summary>
    public Yaml Template => Content["spec"]["template"];

    public Yaml Pod => Template["spec"];

    public IEnumerable<Yaml> Containers => Pod["containers"].Items.Concat(Pod["initContainers"].Items);

    public IReadOnlyDictionary<string, string> PodLabels => Template["metadata"]["labels"].Texts;

    public bool HasPods => Template.IsThere;

    public override string ToString() => $"{Path.GetRelativePath(Repository.Kubernetes, File)}: {Kind} {Name}";
}
