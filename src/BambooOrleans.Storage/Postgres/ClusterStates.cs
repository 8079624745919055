namespace BambooOrleans.Storage;

/// <summary>Where a cluster's machines have their states.</summary>
public enum ClusterStates
{
    /// <summary>In Orleans' grain storage; the shared tables follow.</summary>
    InGrainStorage,

    /// <summary>In the shared tables themselves, as those of an embedded engine.</summary>
    InTables,
}
