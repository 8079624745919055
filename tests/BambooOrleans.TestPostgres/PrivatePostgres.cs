using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace BambooOrleans.TestPostgres;

/// <summary>
/// A PostgreSQL server of one's own, in a temporary directory and on a free port of the loopback address. It commits to disk as
/// a real one does. It ends with the process that started it, however that ends: a shell that holds it waits for the end
/// of a pipe.
/// </summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    // The arguments after the directory are the server. A line on standard input means that the files stay. A signal to the
    // whole group of processes does not end it before it has cleaned up.
    private const string Holder =
        """
        trap '' HUP INT TERM
        directory=$1; shift
        "$@" >>"$directory/log" 2>&1 </dev/null &
        server=$!
        read -r line
        kill -QUIT $server 2>/dev/null
        wait $server
        [ "$line" = keep ] || rm -rf "$directory"
        """;

    private static readonly Lazy<Task<PrivatePostgres>> SharedServer = new(StartAsync);

    private readonly PostgresPrograms _programs;
    private readonly string _directory;
    private readonly int _port;
    private Process? _holder;
    private int _databases;

    private PrivatePostgres(PostgresPrograms programs, string directory, int port)
    {
        _programs = programs;
        _directory = directory;
        _port = port;
    }

    /// <summary>Why this machine can start none; null where it can.</summary>
    public static string? WhyNotAvailable => PostgresPrograms.WhyNot;

    /// <summary>The connection string of the database that a new server has.</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    private string Data => Path.Combine(_directory, "data");

    /// <summary>A server that all tests of a process share; it ends with the process.</summary>
    public static Task<PrivatePostgres> SharedAsync() => SharedServer.Value;

    /// <summary>Makes and starts a server.</summary>
    /// <exception cref="InvalidOperationException">The machine has none, or it does not start; the message has its log.</exception>
    public static async Task<PrivatePostgres> StartAsync()
    {
        PostgresPrograms programs = PostgresPrograms.Found ?? throw new InvalidOperationException(WhyNotAvailable);
        string directory = Directory.CreateTempSubdirectory("bamboo-pg-").FullName;
        try
        {
            if (programs.User is { } user)
            {
                await RunAsync(["chown", user, directory]).ConfigureAwait(false);
            }

            PrivatePostgres server = new(programs, directory, FreePort());
            await RunAsync(
                [
                    .. programs.AsUser, programs.PathOf("initdb"), "--pgdata", server.Data, "--username", "bamboo", "--auth", "trust",
                    "--encoding", "UTF8", "--locale", "C", "--no-sync",
                ]).ConfigureAwait(false);
            await server.StartServerAsync().ConfigureAwait(false);
            return server;
        }
        catch
        {
            Delete(directory);
            throw;
        }
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        string name = $"test_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(ConnectionString, $"CREATE DATABASE {name}").ConfigureAwait(false);
        return ConnectionStringOf(name);
    }

    /// <summary>Removes a database, and whoever is connected to it.</summary>
    public async Task DropDatabaseAsync(string connectionString)
    {
        string name = new NpgsqlConnectionStringBuilder(connectionString).Database!;
        await ExecuteAsync(ConnectionString, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)").ConfigureAwait(false);
    }

    /// <summary>Runs statements in a database of the server, as a person with <c>psql</c> would.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync().ConfigureAwait(false);
            NpgsqlCommand command = new(sql, connection);
            await using (command.ConfigureAwait(false))
            {
                await command.ExecuteNonQueryAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Runs a query in a database of the server and gives the first column of its first row; null for none.</summary>
    public static async Task<T?> QueryAsync<T>(string connectionString, string sql)
    {
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync().ConfigureAwait(false);
            NpgsqlCommand command = new(sql, connection);
            await using (command.ConfigureAwait(false))
            {
                return await command.ExecuteScalarAsync().ConfigureAwait(false) is T value ? value : default;
            }
        }
    }

    /// <summary>Kills every process of the server (SIGKILL), as a failure of the machine would, and waits until they are dead.</summary>
    public async Task KillAsync()
    {
        int[] processes = ServerProcessId() is { } id ? [id, .. ChildrenOf(id)] : [];
        foreach (int process in processes)
        {
            try
            {
                using Process running = Process.GetProcessById(process);
                running.Kill();
            }
            catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
            {
                // It ended by itself.
            }
        }

        await EndHolderAsync().ConfigureAwait(false);
        while (processes.Any(IsAlive))
        {
            await Task.Delay(5).ConfigureAwait(false); // while one lives, a new server does not get the memory that they share
        }
    }

    /// <summary>Starts the server again after a <see cref="KillAsync"/>, on the same files and the same port.</summary>
    public Task RestartAsync() => StartServerAsync();

    /// <summary>Stops the server and removes its files.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndHolderAsync().ConfigureAwait(false);
        Delete(_directory);
    }

    private static void Delete(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The processes that a process started, where the system has a directory that says so.</summary>
    private static int[] ChildrenOf(int parent) => !Directory.Exists("/proc/self") ? [] :
    [
        .. from directory in Directory.GetDirectories("/proc")
           let id = int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out int number) ? number : 0
           where id != 0 && StateOf(id) is { } state && state.Parent == parent
           select id,
    ];

    private static bool IsAlive(int process) => StateOf(process) is { State: not "Z" };

    private static (string State, int Parent)? StateOf(int process)
    {
        try
        {
            // The fields after the name, which stands in parentheses and may hold anything.
            string stat = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task RunAsync(string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{string.Join(' ', command)} ended with {process.ExitCode}: {await output.ConfigureAwait(false)}{errors}");
        }
    }

    private string ConnectionStringOf(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = _port, Username = "bamboo", Database = database, IncludeErrorDetail = true,
        }.ConnectionString;

    private async Task StartServerAsync()
    {
        string[] command =
        [
            .. _programs.AsUser, "sh", "-c", Holder, "sh", _directory, _programs.PathOf("postgres"),
            "-D", Data, "-k", _directory, "-p", _port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200",
        ];
        _holder = Process.Start(
            new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, WorkingDirectory = "/" })!;
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await ExecuteAsync(ConnectionString, "SELECT 1").ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (failure is NpgsqlException or SocketException)
            {
                if (waited.Elapsed > TimeSpan.FromMinutes(1))
                {
                    string log = Path.Combine(_directory, "log");
                    throw new InvalidOperationException(
                        $"the server did not start: {(File.Exists(log) ? await File.ReadAllTextAsync(log).ConfigureAwait(false) : "")}", failure);
                }

                await Task.Delay(50).ConfigureAwait(false);
            }
        }
    }

    private int? ServerProcessId()
    {
        string file = Path.Combine(Data, "postmaster.pid");
        return File.Exists(file) && int.TryParse(File.ReadLines(file).First(), CultureInfo.InvariantCulture, out int id) ? id : null;
    }

    private async Task EndHolderAsync()
    {
        if (_holder is { } holder)
        {
            _holder = null;
            await holder.StandardInput.WriteLineAsync("keep").ConfigureAwait(false);
            holder.StandardInput.Close();
            await holder.WaitForExitAsync().ConfigureAwait(false);
            holder.Dispose();
        }
    }
}
