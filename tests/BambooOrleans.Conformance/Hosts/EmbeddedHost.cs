namespace BambooOrleans.Conformance.Hosts;

/// <summary>The engine in this process.</summary>
public sealed class EmbeddedHost : IConformanceHost
{
    private string? _directory;

    /// <inheritdoc/>
    public Task<IBambooEngine> StartAsync(EngineSettings settings)
    {
        if (settings.Store == StoreKind.Sqlite)
        {
            _directory = Directory.CreateTempSubdirectory("bamboo-conformance-").FullName;
        }

        // PLUG IN HERE: open the embedded engine with `settings`, on memory or on a file in `_directory`, with
        // `new ComponentRegistry().AddAssembly(typeof(EmbeddedHost).Assembly)`; keep it, and close it in DisposeAsync.
        throw new HostNotPluggedInException("embedded");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_directory is not null)
        {
            Directory.Delete(_directory, recursive: true);
        }

        return ValueTask.CompletedTask;
    }
}
