using BambooOrleans.Storage;

namespace BambooOrleans.Embedded.Tests.Support;

/// <summary>A database file that is gone after the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("bamboo-embedded-");

    public string Path => System.IO.Path.Combine(_directory.FullName, "bamboo.db");

    public SqliteStore Store() => new(new SqliteStoreOptions { Path = Path, Synchronous = SqliteSynchronous.Normal });

    public void Dispose() => _directory.Delete(recursive: true);
}
