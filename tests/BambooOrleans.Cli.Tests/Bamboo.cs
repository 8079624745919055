namespace BambooOrleans.Cli.Tests;

/// <summary>A directory of its own with a database, and the commands run in it.</summary>
internal sealed class Bamboo : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("bamboo-").FullName;

    public static string Examples { get; } = Path.Combine(Solution(), "examples");

    public string Database => Path.Combine(_directory, "test.db");

    public static string Example(string name) => Path.Combine(Examples, name);

    public static string Solution()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "BambooOrleans.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("BambooOrleans.sln is in no folder above " + AppContext.BaseDirectory);
    }

    public string Write(string name, string text)
    {
        string file = Path.Combine(_directory, name);
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>Runs a command on the database.</summary>
    public Task<Output> OnDatabaseAsync(params string[] args) => RunAsync([.. args, "--db", Database]);

    public static async Task<Output> RunAsync(string[] args, string input = "", CancellationToken cancellationToken = default)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var reader = new StringReader(input);
        int exitCode = await BambooCli.RunAsync(
            args, new CliTerminal { Out = output, Error = error, In = reader }, cancellationToken);
        return new Output(exitCode, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}

/// <summary>What a command gave.</summary>
internal sealed record Output(int ExitCode, string Text, string Error)
{
    public MapValue Json => (MapValue)Value.ParseJson(Text);

    public Value At(params string[] path) => path.Aggregate((Value)Json, (at, name) => ((MapValue)at)[name]);

    public void IsOf(int exitCode) => Assert.True(exitCode == ExitCode, $"exit code {ExitCode}, not {exitCode}:\n{Text}\n{Error}");
}
