using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Storage;

namespace BambooOrleans.Cluster;

/// <summary>Sets up what Orleans itself needs of the settings: who the silos are, where they keep things, how fast they find out about a death.</summary>
public static class BambooProviders
{
    /// <summary>The name of the grain storage that the engine's grains use.</summary>
    public const string StorageName = "bamboo";

    /// <summary>Sets up identity, endpoints, clustering, grain storage (<see cref="StorageName"/>), reminders and failure detection of a silo.</summary>
    /// <exception cref="SettingsException">The advertised address is the name of no host.</exception>
    public static ISiloBuilder UseBambooProviders(this ISiloBuilder silo, ClusterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        FailureDetectionSettings detection = settings.FailureDetection;
        silo.Configure<ClusterOptions>(options => Identify(options, settings));
        silo.Configure<SiloOptions>(options => options.SiloName = settings.NameOfSilo());
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = detection.ProbeTimeout;
            options.NumMissedProbesLimit = detection.MissedProbesMax;
            options.IAmAliveTablePublishTimeout = detection.AliveUpdatePeriod;
            options.NumMissedTableIAmAliveLimit = 3;

            // A silo that was declared dead while it hung learns of it no later.
            options.TableRefreshTimeout = 2 * detection.AliveUpdatePeriod;
            options.MaxJoinAttemptTime = detection.JoinTimeLimit;
            options.DefunctSiloExpiration = TimeSpan.FromDays(1);
            options.DefunctSiloCleanupPeriod = TimeSpan.FromHours(1);
        });
        silo.Configure<GrainCollectionOptions>(options => options.CollectionAge = settings.Limits.GrainCollectionAge);
        Cluster(silo, settings);
        if (settings.Storage.Kind == StorageKind.GroupCommit)
        {
            silo.AddGroupCommitStorage();
        }
        else
        {
            silo.AddAdoNetGrainStorage(StorageName, options =>
            {
                options.Invariant = settings.Storage.Invariant;
                options.ConnectionString = settings.StorageConnectionString();
                options.DeleteStateOnClear = true;
                options.GrainStorageSerializer = BambooSilo.CreateStorageSerializer();
            });
        }

        silo.UseAdoNetReminderService(options =>
        {
            options.Invariant = settings.Reminders.Invariant;
            options.ConnectionString = settings.RemindersConnectionString();
        });
        return silo;
    }

    /// <summary>
    /// Has the engine's grains keep their states in the engine's own tables, many grains' writes in one commit, rather than in
    /// Orleans' ADO.NET grain storage.
    /// </summary>
    public static ISiloBuilder AddGroupCommitStorage(this ISiloBuilder silo)
    {
        silo.Services.AddKeyedSingleton<IGrainStorage, GroupCommitStorage>(StorageName);
        return silo;
    }

    /// <summary>Sets up identity and clustering of a client.</summary>
    public static IClientBuilder UseBambooClustering(this IClientBuilder client, ClusterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Clustering.Kind == ClusteringKind.Localhost)
        {
            return client.UseLocalhostClustering(settings.GatewayPort, settings.ServiceId, settings.ClusterId);
        }

        client.Configure<ClusterOptions>(options => Identify(options, settings));
        return client.UseAdoNetClustering(options =>
        {
            options.Invariant = settings.Clustering.Invariant;
            options.ConnectionString = settings.ClusteringConnectionString();
        });
    }

    private static void Identify(ClusterOptions options, ClusterSettings settings)
    {
        options.ClusterId = settings.ClusterId;
        options.ServiceId = settings.ServiceId;
    }

    private static void Cluster(ISiloBuilder silo, ClusterSettings settings)
    {
        if (settings.Clustering.Kind == ClusteringKind.Localhost)
        {
            silo.UseLocalhostClustering(
                settings.SiloPort, settings.GatewayPort, new IPEndPoint(IPAddress.Loopback, new ClusterSettings().SiloPort), settings.ServiceId,
                settings.ClusterId);
            return;
        }

        IPAddress? advertised = settings.AdvertisedAddress is { } address ? Resolve(address) : null;
        IPAddress any = advertised?.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        silo.Configure<EndpointOptions>(options =>
        {
            if (advertised is not null)
            {
                options.AdvertisedIPAddress = advertised;
            }

            options.SiloPort = settings.SiloPort;
            options.GatewayPort = settings.GatewayPort;
            options.SiloListeningEndpoint = new IPEndPoint(any, settings.SiloPort);
            options.GatewayListeningEndpoint = new IPEndPoint(any, settings.GatewayPort);
        });
        silo.UseAdoNetClustering(options =>
        {
            options.Invariant = settings.Clustering.Invariant;
            options.ConnectionString = settings.ClusteringConnectionString();
        });
    }

    private static IPAddress Resolve(string address)
    {
        if (IPAddress.TryParse(address, out IPAddress? ip))
        {
            return ip;
        }

        IPAddress[] found;
        try
        {
            found = Dns.GetHostAddresses(address);
        }
        catch (SocketException failure)
        {
            throw new SettingsException(SettingsException.Merged, "advertisedAddress", $"is \"{address}\", which is the name of no host: {failure.Message}", failure);
        }

        return found.FirstOrDefault(candidate => candidate.AddressFamily == AddressFamily.InterNetwork) ?? found.FirstOrDefault()
            ?? throw new SettingsException(SettingsException.Merged, "advertisedAddress", $"is \"{address}\", which is the name of no host");
    }
}
