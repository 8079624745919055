namespace BambooOrleans.Server.Security;

/// <summary>Who makes a request.</summary>
/// <param name="Name">The name that the journal keeps; null for one that nobody vouches for.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Partition">Whose rate it uses.</param>
/// <param name="IsBrowser">Whether the browser sends the credential by itself, so that other sites could have it do so.</param>
internal sealed record Caller(string? Name, Role Role, string Partition, bool IsBrowser);
