// What Orleans says about null differs from version to version.
#nullable disable

using BambooOrleans.TestPostgres;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace BambooOrleans.Cluster.Tests.Providers;

public sealed class ReminderSqlTests(ProviderSilo silo) : IClassFixture<ProviderSilo>
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private IReminderTable Table => silo.Services.GetRequiredService<IReminderTable>();

    [PostgresTheory]
    [InlineData("/plain", "wake")]
    [InlineData("/Groß 'quoted' @GrainId", "späte Frist")]
    public async Task A_reminder_is_set_read_set_again_and_removed(string key, string name)
    {
        GrainId grain = GrainId.Create("pipeline", key);
        string first = await Table.UpsertRow(Entry(grain, name, TimeSpan.FromMinutes(1)));
        string second = await Table.UpsertRow(Entry(grain, name, TimeSpan.FromDays(60)));

        ReminderEntry read = await Table.ReadRow(grain, name);
        Assert.Equal(TimeSpan.FromDays(60), read.Period);
        Assert.Equal(Start, read.StartAt);
        Assert.Equal(second, read.ETag);
        Assert.NotEqual(first, second);
        Assert.Equal(grain, Assert.Single((await Table.ReadRows(grain)).Reminders).GrainId);

        Assert.False(await Table.RemoveRow(grain, name, first));
        Assert.True(await Table.RemoveRow(grain, name, second));
        Assert.Null(await Table.ReadRow(grain, name));
    }

    [PostgresFact]
    public async Task Ids_and_names_have_the_length_that_ids_of_a_tree_may_have()
    {
        GrainId grain = GrainId.Create("pipeline", "/" + string.Concat(Enumerable.Repeat("世", 255)));
        string name = string.Concat(Enumerable.Repeat("界", 255));

        string etag = await Table.UpsertRow(Entry(grain, name, TimeSpan.FromMinutes(1)));

        Assert.Equal(name, (await Table.ReadRow(grain, name)).ReminderName);
        Assert.True(await Table.RemoveRow(grain, name, etag));
    }

    [PostgresFact]
    public async Task Ranges_of_the_ring_leave_out_their_beginning_and_take_in_their_end()
    {
        GrainId[] grains = [.. Enumerable.Range(0, 50).Select(number => GrainId.Create("ring", $"/{number}"))];
        foreach (GrainId grain in grains)
        {
            await Table.UpsertRow(Entry(grain, "wake", TimeSpan.FromMinutes(1)));
        }

        uint[] hashes = [.. grains.Select(grain => grain.GetUniformHashCode()).Order()];
        foreach ((uint begin, uint end) in new[]
        {
            (hashes[10], hashes[40]), (hashes[40], hashes[10]), (0u, 0u), (hashes[7], hashes[7]), (0u, uint.MaxValue), (hashes[0], hashes[1]),
            (0x7FFFFFFFu, 0x80000001u),
        })
        {
            ReminderTableData read = await Table.ReadRows(begin, end);

            Assert.Equal(
                hashes.Where(hash => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end),
                read.Reminders.Where(reminder => reminder.GrainId.Type.ToString() == "ring").Select(reminder => reminder.GrainId.GetUniformHashCode()).Order());
        }
    }

    private static ReminderEntry Entry(GrainId grain, string name, TimeSpan period) =>
        new() { GrainId = grain, ReminderName = name, StartAt = Start, Period = period };
}
