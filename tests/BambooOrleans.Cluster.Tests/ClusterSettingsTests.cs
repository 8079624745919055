namespace BambooOrleans.Cluster.Tests;

public sealed class ClusterSettingsTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void The_silo_json_of_the_repository_is_read()
    {
        ClusterSettings settings = ClusterSettings.Read(Path.Combine(AppContext.BaseDirectory, "silo.json"));

        Assert.Equal(new ClusterSettings { ClusterId = "bamboo", ServiceId = "bamboo", SiloPort = 11111, GatewayPort = 30000 }, settings);
    }

    [Theory]
    [InlineData("null", "no settings")]
    [InlineData("{", "$")]
    [InlineData("""{"clusterId":"a","serviceId":"b","siloPort":1}""", "gatewayPort")]
    [InlineData("""{"clusterId":"a","serviceId":"b","siloPort":1,"gatewayPort":2,"silos":3}""", "silos")]
    [InlineData("""{"clusterId":" ","serviceId":"b","siloPort":1,"gatewayPort":2}""", "clusterId is empty")]
    [InlineData("""{"clusterId":"a","serviceId":null,"siloPort":1,"gatewayPort":2}""", "serviceId is empty")]
    [InlineData("""{"clusterId":"a","serviceId":"b","siloPort":0,"gatewayPort":2}""", "siloPort is 0")]
    [InlineData("""{"clusterId":"a","serviceId":"b","siloPort":1,"gatewayPort":65536}""", "gatewayPort is 65536")]
    public void A_file_that_is_no_settings_is_refused_with_its_name_and_the_reason(string text, string reason)
    {
        File.WriteAllText(file, text);

        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => ClusterSettings.Read(file));

        Assert.StartsWith(file, refusal.Message);
        Assert.Contains(reason, refusal.Message);
    }
}
