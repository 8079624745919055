using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;

namespace BambooOrleans.Silo;

/// <summary>
/// Whether anybody listens on the ports of a silo. Orleans listens in a way that lets two processes have one port, and a silo that joins
/// at the address of another declares that one dead: a silo that was started with the ports of one that runs would end it.
/// </summary>
internal static class SiloPorts
{
    /// <summary>Makes sure that both ports are free.</summary>
    /// <exception cref="SiloException">One is taken, or may not be listened on.</exception>
    public static void RequireFree(EndpointOptions endpoints)
    {
        RequireFree("siloPort", endpoints.SiloListeningEndpoint ?? new IPEndPoint(endpoints.AdvertisedIPAddress, endpoints.SiloPort));
        RequireFree("gatewayPort", endpoints.GatewayListeningEndpoint ?? new IPEndPoint(endpoints.AdvertisedIPAddress, endpoints.GatewayPort));
    }

    private static void RequireFree(string setting, IPEndPoint endpoint)
    {
        using Socket socket = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
        }
        catch (SocketException failure)
        {
            throw new SiloException($"{setting} {endpoint.Port} cannot be listened on: {failure.Message}", failure);
        }
    }
}
