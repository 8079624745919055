// What Orleans says about null differs from version to version.
#nullable disable

using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Storage;

namespace BambooOrleans.Cluster.Tests.Providers;

/// <summary>A silo in this process with the providers of the settings and our SQL, on a database of its own.</summary>
public sealed class ProviderSilo : IAsyncLifetime
{
    private IHost _host;

    public string ConnectionString { get; private set; } = "";

    public IServiceProvider Services => _host.Services;

    public IGrainStorage Storage => Services.GetRequiredKeyedService<IGrainStorage>(BambooProviders.StorageName);

    public async Task InitializeAsync()
    {
        if (PrivatePostgres.WhyNotAvailable is not null)
        {
            return;
        }

        PrivatePostgres server = await PrivatePostgres.SharedAsync();
        ConnectionString = await server.CreateDatabaseAsync();
        await PostgresMigrations.ApplyAsync(ConnectionString, OrleansSchema.Set, OrleansSchema.Scripts);

        ClusterSettings settings = new()
        {
            ConnectionString = ConnectionString,
            AdvertisedAddress = "127.0.0.1",
            SiloPort = FreePort(),
            GatewayPort = FreePort(),
        };
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo =>
        {
            silo.UseBambooProviders(settings);
            silo.Services.Configure<AdoNetGrainStorageOptions>(
                BambooProviders.StorageName, options => options.GrainStorageSerializer = new TextSerializer());
        });
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
        }
    }

    public static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint).Port;
    }

    private sealed class TextSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T input) => BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(input));

        public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input);
    }
}
