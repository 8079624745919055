namespace BambooOrleans.Storage;

/// <summary>What <see cref="MemoryStore.BeforeCommit"/> makes of a commit.</summary>
public enum CommitFault
{
    /// <summary>It goes through.</summary>
    None,

    /// <summary>Nothing is written, and the caller is told so (<c>store.refused</c>).</summary>
    Refused,

    /// <summary>Nothing is written, but the caller cannot know (<c>store.outcome-unknown</c>).</summary>
    Lost,

    /// <summary>Everything is written, but the caller cannot know (<c>store.outcome-unknown</c>).</summary>
    Unacknowledged,
}
