using BambooOrleans.Components.BuiltIn;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli;

/// <summary>How a command opens its engine.</summary>
internal sealed record SessionOptions
{
    public required string Database { get; init; }

    public SqliteSynchronous Synchronous { get; init; }

    public HttpComponentOptions Http { get; init; } = new();

    public ShellOptions Shell { get; init; } = new();
}
