using BambooOrleans.Cluster;
using BambooOrleans.Cluster.Conformance;
using BambooOrleans.Conformance;

// The corpus on clusters of two silos each, with PostgreSQL behind them.
await using ClusterPool clusters = new();
return await ConformanceProgram.RunAsync(args, new Dictionary<string, Func<BambooOrleans.Conformance.Hosts.IConformanceHost>>(StringComparer.Ordinal)
{
    ["cluster"] = () => new ClusterHost(clusters, StorageKind.AdoNet),
    ["cluster-group-commit"] = () => new ClusterHost(clusters, StorageKind.GroupCommit),
});
