using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli;

/// <summary>Reads the file of an exported pipeline.</summary>
internal static class ExportedFile
{
    /// <exception cref="CliException">The file cannot be read.</exception>
    /// <exception cref="PipelineFileException">It is no exported pipeline, or damaged.</exception>
    public static async Task<PipelineExport> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            throw new CliException("file.unreadable", $"FILE {path} cannot be read: it is a directory", path);
        }

        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            await using (file.ConfigureAwait(false))
            {
                return await PipelineFile.ReadAsync(file, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CliException("file.unreadable", $"FILE {path} cannot be read: {failure.Message}", path);
        }
    }
}
