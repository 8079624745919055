namespace BambooOrleans.Storage;

/// <summary>The failures that every store reports in the same words.</summary>
internal static class StoreErrors
{
    public static StoreUnavailableException Refused(string reason, Exception? cause = null) =>
        new("store.refused", $"the batch was refused and nothing of it was written: {reason}", cause);

    public static StoreUnavailableException NotFinished(long root) =>
        Refused($"the root pipeline {root} is not finished, and cannot be removed");

    public static StoreUnavailableException OutcomeUnknown(string reason, Exception? cause = null) =>
        new("store.outcome-unknown", $"it is unknown whether the batch was written: {reason}", cause);

    public static StoreUnavailableException InUse(string store, Exception? cause = null) =>
        new("store.in-use", $"{store} is in use by another engine", cause);

    public static StoreUnavailableException OtherStates(string store, Npgsql.PostgresException cause) =>
        new("store.other-states", $"{store} cannot be taken over: {cause.MessageText}", cause);

    public static StoreUnavailableException Unavailable(string store, string reason, Exception? cause = null) =>
        new("store.unavailable", $"{store} cannot be used: {reason}", cause);

    public static InvalidOperationException NotOpened() => new("the store is not open: OpenAsync comes first, and once");

    public static InvalidOperationException Overlapping() =>
        new("a commit began before the one before it had ended; commits come one after the other");
}
