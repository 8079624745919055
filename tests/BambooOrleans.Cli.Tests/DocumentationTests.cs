using System.Text.RegularExpressions;
using BambooOrleans.Components.BuiltIn;
using BambooOrleans.Hosting;

namespace BambooOrleans.Cli.Tests;

public sealed partial class DocumentationTests
{
    private static string Docs { get; } = Path.Combine(Bamboo.Solution(), "docs");

    [Fact]
    public void Every_code_of_an_exception_has_a_page()
    {
        string[] sources = Directory.GetFiles(Path.Combine(Bamboo.Solution(), "src"), "*.cs", SearchOption.AllDirectories);
        string[] codes =
        [
            .. sources.Select(File.ReadAllText)
                .SelectMany(text => Thrown().Matches(text))
                .Select(match => match.Groups[1].Value)
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

        Assert.True(codes.Length > 40, $"only {codes.Length} codes were found");
        Assert.Equal("", string.Join(" ", codes.Where(code => !File.Exists(Path.Combine(Docs, "errors", code + ".md")))));
        string index = File.ReadAllText(Path.Combine(Docs, "errors", "README.md"));
        Assert.Equal("", string.Join(" ", codes.Where(code => !index.Contains($"[{code}]({code}.md)", StringComparison.Ordinal))));
    }

    [Fact]
    public void Every_built_in_component_has_its_section()
    {
        string page = File.ReadAllText(Path.Combine(Docs, "components.md"));

        Assert.All(
            new ComponentRegistry().AddAssembly(BuiltInComponents.Assembly).Components,
            component => Assert.Contains($"\n## {component.Code}\n", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_pipeline_of_the_readme_runs()
    {
        string readme = await File.ReadAllTextAsync(Path.Combine(Bamboo.Solution(), "README.md"));
        string json = JsonBlock().Match(readme).Groups[1].Value;
        using var bamboo = new Bamboo();

        Output output = await bamboo.OnDatabaseAsync("run", bamboo.Write("hello.json", json));

        output.IsOf(0);
        Assert.Contains("greet: hello, world", output.Text, StringComparison.Ordinal);
    }

    // The code is the first argument of an exception, or of the constructor that it hands it to; those of trees are constants.
    [GeneratedRegex("""(?:(?<!ComponentInput)Exception\(|const string [A-Z]\w+ = (?="tree\.))\s*"([a-z]+(?:[.-][a-z]+)*)"[,;)]""")]
    private static partial Regex Thrown();

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
