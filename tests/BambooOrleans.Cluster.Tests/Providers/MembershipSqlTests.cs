// What Orleans says about null differs from version to version.
#nullable disable

using System.Net;
using BambooOrleans.TestPostgres;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Runtime;

namespace BambooOrleans.Cluster.Tests.Providers;

public sealed class MembershipSqlTests(ProviderSilo silo) : IClassFixture<ProviderSilo>
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [PostgresFact]
    public async Task The_silo_is_in_the_table_and_active_and_clients_find_its_gateway()
    {
        MembershipTableData table = await silo.Services.GetRequiredService<IMembershipTable>().ReadAllAsync();

        (MembershipEntry self, _) = Assert.Single(table.Members, member => member.Item1.SiloAddress
            .Equals(silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress));
        Assert.Equal(SiloStatus.Active, self.Status);
        Assert.NotEmpty(self.SiloName);
        Assert.True(self.ProxyPort > 0);
        Assert.Equal(
            1L,
            await PrivatePostgres.QueryAsync<long>(silo.ConnectionString, "SELECT count(*) FROM orleans_silo WHERE status = 3 AND proxy_port > 0"));
    }

    [PostgresFact]
    public async Task A_change_needs_the_version_that_it_was_decided_on()
    {
        IMembershipTable table = await TableOf("change");
        TableVersion first = (await table.ReadAllAsync()).Version;
        Assert.True(await table.InsertRowAsync(Entry(1), first.Next()));

        TableVersion second = (await table.ReadAllAsync()).Version;
        Assert.Equal(first.Version + 1, second.Version);
        Assert.False(await table.InsertRowAsync(Entry(2), first.Next()));
        Assert.False(await table.InsertRowAsync(Entry(1), second.Next()));
        Assert.Equal(second.Version, (await table.ReadAllAsync()).Version.Version);

        MembershipEntry changed = Entry(1);
        changed.Status = SiloStatus.Active;
        changed.AddSuspector(SiloAddress.New(IPAddress.Loopback, 9, 9), Start);
        // A silo's row has the version of its table as its etag.
        Assert.Equal(second.VersionEtag, Assert.Single((await table.ReadAllAsync()).Members).Item2);
        Assert.False(await table.UpdateRowAsync(changed, first.VersionEtag, first.Next()));
        Assert.False(await table.UpdateRowAsync(Entry(3), second.VersionEtag, second.Next()));
        Assert.True(await table.UpdateRowAsync(changed, second.VersionEtag, second.Next()));

        MembershipEntry read = Assert.Single((await table.ReadRowAsync(Entry(1).SiloAddress)).Members).Item1;
        Assert.Equal(SiloStatus.Active, read.Status);
        Assert.Equal(9, Assert.Single(read.SuspectTimes).Item1.Endpoint.Port);
        Assert.Equal(Start, read.StartTime);
    }

    [PostgresFact]
    public async Task Of_many_silos_that_join_at_the_same_version_one_does()
    {
        IMembershipTable table = await TableOf("race");
        TableVersion version = (await table.ReadAllAsync()).Version;

        bool[] joined = await Task.WhenAll(Enumerable.Range(1, 8).Select(port => table.InsertRowAsync(Entry(port), version.Next())));

        Assert.Single(joined, isIn => isIn);
        Assert.Single((await table.ReadAllAsync()).Members);
        Assert.Equal(version.Version + 1, (await table.ReadAllAsync()).Version.Version);
    }

    [PostgresFact]
    public async Task A_silo_that_is_not_in_the_table_comes_back_as_none_with_the_version()
    {
        IMembershipTable table = await TableOf("none");

        MembershipTableData read = await table.ReadRowAsync(Entry(1).SiloAddress);

        Assert.Empty(read.Members);
        Assert.Equal((await table.ReadAllAsync()).Version.Version, read.Version.Version);
    }

    [PostgresFact]
    public async Task A_sign_of_life_changes_the_time_and_not_the_version()
    {
        IMembershipTable table = await TableOf("alive");
        await table.InsertRowAsync(Entry(1), (await table.ReadAllAsync()).Version.Next());
        TableVersion version = (await table.ReadAllAsync()).Version;
        MembershipEntry alive = Entry(1);
        alive.IAmAliveTime = Start.AddMinutes(1);

        await table.UpdateIAmAliveAsync(alive);

        MembershipTableData read = await table.ReadAllAsync();
        Assert.Equal(Start.AddMinutes(1), Assert.Single(read.Members).Item1.IAmAliveTime);
        Assert.Equal(version.Version, read.Version.Version);
    }

    [PostgresFact]
    public async Task Old_rows_of_silos_that_are_not_active_are_cleaned_up_and_a_cluster_can_be_deleted()
    {
        IMembershipTable table = await TableOf("old");
        foreach ((int port, SiloStatus status) in new[] { (1, SiloStatus.Active), (2, SiloStatus.Dead), (3, SiloStatus.Dead) })
        {
            MembershipEntry entry = Entry(port);
            entry.Status = status;
            entry.IAmAliveTime = port == 3 ? Start.AddDays(1) : Start;
            Assert.True(await table.InsertRowAsync(entry, (await table.ReadAllAsync()).Version.Next()));
        }

        await table.CleanupDefunctSiloEntriesAsync(Start.AddHours(1));
        Assert.Equal([1, 3], (await table.ReadAllAsync()).Members.Select(member => member.Item1.SiloAddress.Endpoint.Port).Order());

        await table.DeleteMembershipTableEntriesAsync("old");
        Assert.Equal(
            0L,
            await PrivatePostgres.QueryAsync<long>(
                silo.ConnectionString,
                "SELECT (SELECT count(*) FROM orleans_silo WHERE cluster_id = 'old') + (SELECT count(*) FROM orleans_cluster WHERE cluster_id = 'old')"));
    }

    private static MembershipEntry Entry(int port) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, port, 1),
        HostName = "host",
        SiloName = "silo",
        Status = SiloStatus.Joining,
        StartTime = Start,
        IAmAliveTime = Start,
    };

    private async Task<IMembershipTable> TableOf(string clusterId)
    {
        IMembershipTable own = silo.Services.GetRequiredService<IMembershipTable>();
        var table = (IMembershipTable)ActivatorUtilities.CreateInstance(
            silo.Services, own.GetType(), Microsoft.Extensions.Options.Options.Create(new ClusterOptions { ClusterId = clusterId, ServiceId = "bamboo" }));
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        return table;
    }
}
