namespace BambooOrleans.Components.BuiltIn;

/// <summary>A request leads to an address that is not of the public internet, and such are not allowed.</summary>
/// <param name="host">The host that was asked for.</param>
/// <param name="address">The address that it has.</param>
public sealed class PrivateAddressException(string host, string address) : BambooException(
    "http.private-address",
    $"{host} has the address {address}, which is not a public one; the engine's operator can allow such (bamboo run --allow-private-addresses)");
