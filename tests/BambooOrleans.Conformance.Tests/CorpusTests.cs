using BambooOrleans.Conformance.Corpus;
using BambooOrleans.Conformance.Replay;

namespace BambooOrleans.Conformance.Tests;

public sealed class CorpusTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("bamboo-corpus-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_corpus_of_this_repository_is_whole()
    {
        CorpusDirectory corpus = CorpusFiles.Corpus;

        Assert.Empty(corpus.Faults);
        Assert.Empty(corpus.UnknownFiles);
        Assert.Equal(640, corpus.Scenarios.Count);
        Assert.Equal(["boolrule", "templates", "validator_fuzz"], corpus.FunctionFiles.Select(file => file.Category).Order());
    }

    [Fact]
    public void Files_that_are_no_part_of_a_corpus_are_reported()
    {
        Write("deep/er/other.json", "{}");
        Write("note.txt", "");

        Assert.Equal(["deep/er/other.json", "note.txt"], CorpusDirectory.Read(_directory.FullName, null).UnknownFiles);
    }

    [Fact]
    public void A_file_that_is_not_json_and_a_setting_that_is_not_known_are_faults()
    {
        Write("broken.json", "{");
        Write("new.json", """{"name": "n", "category": "c", "pipeline": {"id": "p"}, "steps": [], "expect": [], "engine_settings": {"engine": {"NEW": 1}}}""");

        IReadOnlyList<string> faults = CorpusDirectory.Read(_directory.FullName, null).Faults;

        Assert.Equal(2, faults.Count);
        Assert.Contains("NEW", faults[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_deviation_replaces_members_of_steps_and_checks_of_its_scenario_alone()
    {
        WriteScenario("one");
        WriteScenario("two");
        Write("deviations.json", """
            {"one": {"deviation": "d", "reason": "r", "steps": {"0": {"states": {"p": "FAILED"}}}, "expect": [{"check": "context", "value": 2}]}}
            """);

        CorpusDirectory corpus = CorpusDirectory.Read(_directory.FullName, null);

        Assert.Empty(corpus.Faults);
        Assert.Equal("""{"do":"settle","states":{"p":"FAILED"}}""", corpus.Scenarios[0].Steps[0].ToJson());
        Assert.Equal((Value)2, corpus.Scenarios[0].Checks["context"]);
        Assert.Equal((Value)1, corpus.Scenarios[1].Checks["context"]);
        Assert.Equal(["one"], corpus.Scenarios.Where(scenario => scenario.Deviation is not null).Select(scenario => scenario.Name));
    }

    [Theory]
    [InlineData("""{"three": {"deviation": "d", "reason": "r", "steps": {"0": {}}}}""")]
    [InlineData("""{"one": {"deviation": "d", "reason": "r", "steps": {"7": {}}}}""")]
    [InlineData("""{"one": {"deviation": "d", "reason": "r"}}""")]
    [InlineData("""{"one": {"deviation": "d", "steps": {"0": {}}}}""")]
    public void A_deviation_that_fits_nothing_or_gives_no_reason_is_a_fault(string deviations)
    {
        WriteScenario("one");
        Write("deviations.json", deviations);

        Assert.Single(CorpusDirectory.Read(_directory.FullName, null).Faults);
    }

    [Fact]
    public void Without_control_verbs_only_submitting_callbacks_and_reads_are_left()
    {
        Assert.True(VerbSelection.WithoutControlVerbs.Includes(CorpusFiles.Scenario("callback__single")));
        Assert.True(VerbSelection.WithoutControlVerbs.Includes(CorpusFiles.Scenario("api__query_unknown")));
        Assert.False(VerbSelection.WithoutControlVerbs.Includes(CorpusFiles.Scenario("skip__node")));
        Assert.False(VerbSelection.WithoutControlVerbs.Includes(CorpusFiles.Scenario("api__preview_node")));
    }

    [Fact]
    public void Allowed_verbs_select_the_scenarios_that_call_no_other()
    {
        VerbSelection selection = VerbSelection.Only(["run_pipeline", "callback", "get_*"]);

        Assert.True(selection.Includes(CorpusFiles.Scenario("callback__single")));
        Assert.True(selection.Includes(CorpusFiles.Scenario("api__query_unknown")));
        Assert.False(selection.Includes(CorpusFiles.Scenario("pause__twice")));
    }

    private void WriteScenario(string name) => Write($"{name}.json", $$"""
        {
          "name": "{{name}}", "category": "c", "pipeline": {"id": "p"}, "steps": [{"do": "settle", "states": { } }],
          "expect": [{"check": "context", "value": 1}, {"check": "processes", "internal": true, "value": 1}]
        }
        """);

    private void Write(string path, string text)
    {
        string full = Path.Combine(_directory.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
