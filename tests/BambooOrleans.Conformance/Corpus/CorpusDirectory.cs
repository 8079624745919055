using System.Text.Json;
using BambooOrleans.Conformance.Functions;

namespace BambooOrleans.Conformance.Corpus;

/// <summary>All that is in a directory, at any depth. What is not understood is kept too, so that it can be reported.</summary>
public sealed record CorpusDirectory
{
    private const string DeviationsFile = "deviations.json";

    /// <summary>The scenarios in the order of their files, our own record in place where there is a deviation.</summary>
    public required IReadOnlyList<Scenario> Scenarios { get; init; }

    /// <summary>The function files.</summary>
    public required IReadOnlyList<IFunctionFile> FunctionFiles { get; init; }

    /// <summary>Files that are no part of a corpus, by their path in the directory.</summary>
    public required IReadOnlyList<string> UnknownFiles { get; init; }

    /// <summary>What is wrong with the corpus itself. Each counts as a failure.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>Reads a directory.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="deviationsFile">
    /// The file of deviations. Null takes <c>deviations.json</c> of the directory, or of the one around it. Only one inside the directory has to name existing scenarios.
    /// </param>
    public static CorpusDirectory Read(string directory, string? deviationsFile)
    {
        var scenarios = new List<Scenario>();
        var functions = new List<IFunctionFile>();
        var unknown = new List<string>();
        var faults = new List<string>();
        string? deviations = deviationsFile ?? FindDeviations(directory);

        foreach (string path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string shown = Path.GetRelativePath(directory, path);
            switch (Path.GetExtension(path))
            {
                case ".json" when Path.GetFileName(path) == DeviationsFile:
                    break;
                case ".json":
                    try
                    {
                        Value json = ValueJson.Parse(File.ReadAllBytes(path));
                        if (json is MapValue map && Scenario.Is(map))
                        {
                            scenarios.Add(Scenario.Read(map));
                        }
                        else if (Functions.FunctionFiles.Read(json) is IFunctionFile function)
                        {
                            functions.Add(function);
                        }
                        else
                        {
                            unknown.Add(shown);
                        }
                    }
                    catch (Exception failure) when (failure is JsonException or CorpusFormatException)
                    {
                        faults.Add($"{shown}: {failure.Message}");
                    }

                    break;
                case ".md":
                    break;
                default:
                    unknown.Add(shown);
                    break;
            }
        }

        return new CorpusDirectory
        {
            Scenarios = deviations is null ? scenarios : Apply(directory, deviations, scenarios, faults),
            FunctionFiles = functions,
            UnknownFiles = unknown,
            Faults = faults,
        };
    }

    private static string? FindDeviations(string directory)
    {
        string full = Path.GetFullPath(directory);
        return new[] { full, Path.GetDirectoryName(full.TrimEnd(Path.DirectorySeparatorChar)) }
            .OfType<string>()
            .Select(folder => Path.Combine(folder, DeviationsFile))
            .FirstOrDefault(File.Exists);
    }

    private static List<Scenario> Apply(string directory, string file, List<Scenario> scenarios, List<string> faults)
    {
        var byName = new Dictionary<string, Deviation>();
        try
        {
            byName = ValueJson.Parse(File.ReadAllBytes(file)) is MapValue map
                ? new(Deviation.ReadAll(map), StringComparer.Ordinal)
                : throw new CorpusFormatException("it is no map");
            bool belongsToDirectory = Path.GetFullPath(file).StartsWith(Path.GetFullPath(directory), StringComparison.Ordinal);
            IEnumerable<string> missing = byName.Keys.Except(scenarios.Select(scenario => scenario.Name));
            faults.AddRange(belongsToDirectory ? missing.Select(name => $"{DeviationsFile}: there is no scenario {name}") : []);
            return [.. scenarios.Select(scenario => byName.TryGetValue(scenario.Name, out Deviation? ours) ? ours.ApplyTo(scenario) : scenario)];
        }
        catch (Exception failure) when (failure is JsonException or CorpusFormatException)
        {
            faults.Add($"{DeviationsFile}: {failure.Message}");
            return scenarios;
        }
    }
}
