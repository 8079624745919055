using System.Diagnostics;

namespace BambooOrleans.TestPostgres;

/// <summary>Where the machine has the programs of a PostgreSQL server, and as whom they may run.</summary>
internal sealed class PostgresPrograms
{
    private static readonly Lazy<(PostgresPrograms? Found, string? WhyNot)> Search = new(Find);

    private PostgresPrograms(string directory, string[] asUser, string? user)
    {
        Directory = directory;
        AsUser = asUser;
        User = user;
    }

    public static PostgresPrograms? Found => Search.Value.Found;

    /// <summary>Why there are none; null where there are.</summary>
    public static string? WhyNot => Search.Value.WhyNot;

    public string Directory { get; }

    /// <summary>What stands before a command so that it does not run as root, which the server refuses; nothing elsewhere.</summary>
    public string[] AsUser { get; }

    /// <summary>The user that owns the files; null for the one that runs this.</summary>
    public string? User { get; }

    public string PathOf(string program) => Path.Combine(Directory, program);

    private static (PostgresPrograms? Found, string? WhyNot) Find()
    {
        if (OperatingSystem.IsWindows())
        {
            return (null, "a private PostgreSQL is not started on Windows");
        }

        string? directory = Candidates().FirstOrDefault(candidate =>
            File.Exists(Path.Combine(candidate, "initdb")) && File.Exists(Path.Combine(candidate, "postgres")));
        if (directory is null)
        {
            return (null, "this machine has no PostgreSQL server: initdb and postgres are not where pg_config says, on the PATH, or in /usr/lib/postgresql");
        }

        if (Environment.UserName != "root")
        {
            return (new PostgresPrograms(directory, [], null), null);
        }

        string[] users = [.. File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0])];
        string? user = new[] { "postgres", "nobody" }.FirstOrDefault(users.Contains);
        string[]? asUser =
            user is null ? null
            : OnPath("setpriv") ? ["setpriv", $"--reuid={user}", $"--regid={GroupOf(user)}", "--clear-groups"]
            : OnPath("runuser") ? ["runuser", "-u", user, "--"]
            : null;
        return asUser is null
            ? (null, "PostgreSQL does not run as root, and this machine has no other user (postgres, nobody) or no setpriv and no runuser")
            : (new PostgresPrograms(directory, asUser, user), null);
    }

    private static IEnumerable<string> Candidates()
    {
        if (OnPath("pg_config"))
        {
            ProcessStartInfo start = new("pg_config", ["--bindir"]) { RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            yield return process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
        }

        foreach (string directory in PathDirectories())
        {
            yield return directory;
        }

        const string Debian = "/usr/lib/postgresql";
        if (System.IO.Directory.Exists(Debian))
        {
            foreach (string version in System.IO.Directory.GetDirectories(Debian)
                .OrderByDescending(path => int.TryParse(Path.GetFileName(path), out int number) ? number : 0))
            {
                yield return Path.Combine(version, "bin");
            }
        }
    }

    private static string[] PathDirectories() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static bool OnPath(string program) => PathDirectories().Any(directory => File.Exists(Path.Combine(directory, program)));

    private static string GroupOf(string user) => File.ReadLines("/etc/passwd").Select(line => line.Split(':')).First(line => line[0] == user)[3];
}
