namespace BambooOrleans.Storage;

/// <summary>What a commit of a <see cref="SqliteStore"/> survives.</summary>
public enum SqliteSynchronous
{
    /// <summary>The death of the machine: a commit returns when the disk has it.</summary>
    Full,

    /// <summary>
    /// The death of the process, but not of the machine: after a power failure the last commits can be missing, though
    /// never a part of one. The engine's promise to callers is weaker by as much.
    /// </summary>
    Normal,
}
