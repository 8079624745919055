using BambooOrleans.Storage;

namespace BambooOrleans.Benchmarks;

/// <summary>What an engine can be measured with.</summary>
internal enum StoreKind
{
    /// <summary>SQLite; a commit waits until the disk has it.</summary>
    Sqlite,

    /// <summary>SQLite; a commit survives the process, but not the machine.</summary>
    SqliteNormal,

    /// <summary>Nothing is kept: what is left is the engine's own cost.</summary>
    Memory,
}

/// <summary>The names of the stores, and how each is made.</summary>
internal static class StoreKinds
{
    private static readonly (string Name, StoreKind Kind)[] All =
        [("sqlite", StoreKind.Sqlite), ("sqlite-normal", StoreKind.SqliteNormal), ("memory", StoreKind.Memory)];

    public static IEnumerable<string> Names => All.Select(entry => entry.Name);

    public static StoreKind? Find(string name) =>
        All.Where(entry => entry.Name == name).Select(entry => (StoreKind?)entry.Kind).FirstOrDefault();

    public static string NameOf(StoreKind kind) => All.First(entry => entry.Kind == kind).Name;

    /// <summary>Makes an empty store.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="directory">An empty directory for its files.</param>
    public static IEngineStore Create(StoreKind kind, string directory) => kind == StoreKind.Memory
        ? new MemoryStore()
        : new SqliteStore(new SqliteStoreOptions
        {
            Path = Path.Combine(directory, "bamboo.db"),
            Synchronous = kind == StoreKind.Sqlite ? SqliteSynchronous.Full : SqliteSynchronous.Normal,
        });
}
