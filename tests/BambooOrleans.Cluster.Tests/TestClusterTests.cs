using Orleans.Runtime;
using Orleans.TestingHost;

namespace BambooOrleans.Cluster.Tests;

public sealed class TestClusterTests
{
    [Fact]
    public async Task A_cluster_of_two_silos_starts_with_our_assembly_and_stops()
    {
        // Orleans takes grains and serializers from the assemblies that carry this attribute; the code generator writes it.
        Assert.NotEmpty(typeof(ClusterSettings).Assembly.GetCustomAttributes(typeof(ApplicationPartAttribute), inherit: false));

        TestClusterBuilder builder = new(initialSilosCount: 2);
        TestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        try
        {
            IManagementGrain management = cluster.GrainFactory.GetGrain<IManagementGrain>(0);
            Dictionary<SiloAddress, SiloStatus> hosts = await management.GetHosts(onlyActive: true);
            Assert.Equal(2, hosts.Count);
        }
        finally
        {
            await cluster.StopAllSilosAsync();
            await cluster.DisposeAsync();
        }

        Assert.Empty(cluster.GetActiveSilos());
    }
}
