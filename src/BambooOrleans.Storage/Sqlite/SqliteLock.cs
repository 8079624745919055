using System.Globalization;

namespace BambooOrleans.Storage;

/// <summary>
/// Ownership of a database file, as an operating system's lock on a file beside it: SQLite's own locks would let two
/// engines take turns. The system frees it with the process, however that ends. The file stays: removing it could take the
/// lock from under an owner who has just opened it.
/// </summary>
/// <remarks>Tools that only read take no notice of it.</remarks>
internal sealed class SqliteLock : IDisposable
{
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly FileStream _file;

    private SqliteLock(FileStream file) => _file = file;

    /// <summary>Takes ownership of <paramref name="databasePath"/>, or says at once that another has it.</summary>
    public static SqliteLock Take(string databasePath)
    {
        string path = databasePath + ".lock";
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when (IsHeldByAnother(failure))
        {
            throw StoreErrors.InUse(databasePath, Owner(path), failure);
        }

        // For the message above, nothing else. The lock is what counts, so a full disk does not matter.
        try
        {
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
        }
        catch (IOException)
        {
        }

        return new SqliteLock(file);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// .NET locks with flock on Unix, where a lock that is taken shows as EWOULDBLOCK (11 on Linux, 35 on macOS), and by
    /// the share mode on Windows. Any other failure is of the file, not of the lock.
    /// </summary>
    private static bool IsHeldByAnother(IOException failure) =>
        OperatingSystem.IsWindows() ? failure.HResult == SharingViolation : failure.HResult is 11 or 35;

    private static string? Owner(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using StreamReader reader = new(file);
            return int.TryParse(reader.ReadToEnd(), CultureInfo.InvariantCulture, out int process) ? $" (process {process})" : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
