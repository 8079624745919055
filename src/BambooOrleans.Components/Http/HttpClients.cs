using System.Net;
using System.Net.Sockets;

namespace BambooOrleans.Components.BuiltIn;

/// <summary>
/// The two clients of the HTTP components. The guarded one looks at every address that it is about to connect to: after
/// names are resolved, and at each redirect, so that neither a name nor another server can lead it where it must not go.
/// </summary>
internal static class HttpClients
{
    private static readonly Lazy<HttpClient> Guarded = new(() => Create(PublicAddresses.IsPublic));
    private static readonly Lazy<HttpClient> Open = new(() => Create(isAllowed: null));

    public static HttpClient For(HttpComponentOptions options) => (options.AllowPrivateAddresses ? Open : Guarded).Value;

    /// <summary>Makes a client.</summary>
    /// <param name="isAllowed">Whether it may connect to an address; null for any.</param>
    internal static HttpClient Create(Func<IPAddress, bool>? isAllowed)
    {
        var handler = new SocketsHttpHandler
        {
            // One pipeline's cookies are nothing to another.
            UseCookies = false,
            MaxAutomaticRedirections = 5,
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        };
        if (isAllowed is not null)
        {
            // A proxy would connect in our place, and look at no address.
            handler.UseProxy = false;
            handler.ConnectCallback = (context, cancellationToken) => ConnectAsync(context, isAllowed, cancellationToken);
        }

        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, Func<IPAddress, bool> isAllowed, CancellationToken cancellationToken)
    {
        string host = context.DnsEndPoint.Host;
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);

        // One address that is not public refuses the host: which of them would be taken must not matter.
        if (addresses.FirstOrDefault(address => !isAllowed(address)) is { } refused)
        {
            throw new PrivateAddressException(host, refused.ToString());
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
