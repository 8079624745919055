using BambooOrleans.Server.Security;

namespace BambooOrleans.Server.Http;

/// <summary>Who may use an endpoint.</summary>
/// <param name="Needed">The role that is needed; null for anybody.</param>
internal sealed record Access(Role? Needed)
{
    public static Access Anybody { get; } = new((Role?)null);
}
