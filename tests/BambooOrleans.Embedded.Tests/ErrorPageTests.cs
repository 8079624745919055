using System.Text.RegularExpressions;
using BambooOrleans.Embedded.Tests.Support;

namespace BambooOrleans.Embedded.Tests;

/// <summary>Every stable error code has a page, which is linked, and every page is of a code that there is.</summary>
public partial class ErrorPageTests
{
    // Of a known family, and yet no codes: a member of the tree in a finding's path, a setting.
    private static readonly string[] NoCodes = ["component.inputs", "http.listen"];

    private static readonly string Sources = string.Join('\n', Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Select(File.ReadAllText));

    private static readonly string Index = Repository.Read("docs", "errors", "README.md");

    private static SortedSet<string> Pages => new(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "errors"), "*.md")
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(page => page != "README"),
        StringComparer.Ordinal);

    [Fact]
    public void Every_code_in_the_sources_has_a_page_or_is_explained_as_a_warning()
    {
        string warnings = Repository.Read("docs", "command-line.md");
        HashSet<string> families = [.. Pages.Where(page => page.Contains('.')).Select(page => page.Split('.')[0])];
        string[] codes =
        [
            .. Dotted().Matches(Sources).Select(match => match.Groups[1].Value).Where(code => families.Contains(code.Split('.')[0])),
            .. OfExceptions().Matches(Sources).Select(match => match.Groups[1].Value),
        ];

        Assert.True(codes.Distinct().Count() > 60);
        Assert.All(codes.Distinct().Except(NoCodes), code => Assert.True(
            Pages.Contains(code) || warnings.Contains($"`{code}`", StringComparison.Ordinal), $"{code} has no page"));
    }

    [Fact]
    public void Every_page_is_linked_and_of_a_code_in_the_sources_and_says_what_to_do()
    {
        Assert.All(Pages, page =>
        {
            Assert.Contains($"[{page}]({page}.md)", Index);
            Assert.Contains($"\"{page}\"", Sources);
            string text = Repository.Read("docs", "errors", $"{page}.md");
            Assert.StartsWith($"# {page}\n", text);
            Assert.Contains("## What to do", text);
        });
    }

    [Fact]
    public void Every_code_in_the_tables_of_verbs_has_a_page() =>
        Assert.All(VerbTable.Cells.Where(cell => Code().IsMatch(cell.Answer)), cell => Assert.Contains(cell.Answer, Pages));

    [GeneratedRegex("\"([a-z]+(?:-[a-z]+)*\\.[a-z]+(?:-[a-z]+)*)\"")]
    private static partial Regex Dotted();

    [GeneratedRegex("(?:Bamboo|Verb|Validation|Unavailable|Cli|UnknownCode)Exception\\(\\s*\"([a-z]+(?:-[a-z]+)*(?:\\.[a-z]+(?:-[a-z]+)*)?)\",")]
    private static partial Regex OfExceptions();

    [GeneratedRegex("^[a-z]")]
    private static partial Regex Code();
}
