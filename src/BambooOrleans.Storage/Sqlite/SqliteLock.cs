namespace BambooOrleans.Storage;

/// <summary>
/// Ownership of a database file, as an operating system's lock on a file beside it: SQLite's own locks would let two
/// engines take turns. The system frees it with the process, however that ends. The file stays: removing it could take the
/// lock from under an owner who has just opened it.
/// </summary>
/// <remarks>
/// Tools that only read take no notice of it. A network file system without such locks lets two engines in: a store belongs
/// on a local disk, as any SQLite database does.
/// </remarks>
internal sealed class SqliteLock : IDisposable
{
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly FileStream _file;

    private SqliteLock(FileStream file) => _file = file;

    /// <summary>Takes ownership of <paramref name="databasePath"/>, or says at once that another has it.</summary>
    public static SqliteLock Take(string databasePath)
    {
        try
        {
            return new SqliteLock(
                new FileStream(databasePath + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException failure) when (IsHeldByAnother(failure))
        {
            throw StoreErrors.InUse(databasePath, failure);
        }
    }

    /// <summary>Whether somebody owns <paramref name="databasePath"/> now. Makes no file, and takes nothing from anybody.</summary>
    public static bool IsTaken(string databasePath)
    {
        try
        {
            using var file = new FileStream(databasePath + ".lock", FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException failure) when (IsHeldByAnother(failure))
        {
            return true;
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// .NET locks with flock on Unix, where a lock that is taken shows as EWOULDBLOCK (11 on Linux, 35 on macOS), and by
    /// the share mode on Windows. Any other failure is of the file, not of the lock.
    /// </summary>
    private static bool IsHeldByAnother(IOException failure) =>
        OperatingSystem.IsWindows() ? failure.HResult == SharingViolation : failure.HResult is 11 or 35;
}
