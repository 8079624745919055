using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace BambooOrleans.Components.BuiltIn;

/// <summary>
/// The components of this assembly. Register them with <c>registry.AddAssembly(BuiltInComponents.Assembly)</c>; what they
/// may do is said by the options that the engine's services hold.
/// </summary>
public static class BuiltInComponents
{
    /// <summary>The assembly whose public components are the built-in ones.</summary>
    public static Assembly Assembly => typeof(BuiltInComponents).Assembly;

    /// <summary>The types of the built-in components.</summary>
    public static IReadOnlyList<Type> Types { get; } =
    [
        typeof(AssignComponent),
        typeof(HttpPollComponent),
        typeof(HttpRequestComponent),
        typeof(LogComponent),
        typeof(ShellComponent),
        typeof(SleepComponent),
        typeof(WaitCallbackComponent),
    ];

    /// <summary>Adds the options of the built-in components to an application's services. Without, each has its defaults.</summary>
    /// <param name="services">The services.</param>
    /// <param name="http">What the components that call out over HTTP may do; null for the defaults.</param>
    /// <param name="shell">What <c>shell</c> may do; null for the defaults, in which it may do nothing.</param>
    public static IServiceCollection AddBuiltInComponents(
        this IServiceCollection services, HttpComponentOptions? http = null, ShellOptions? shell = null)
    {
        services.TryAddSingleton(http ?? new HttpComponentOptions());
        services.TryAddSingleton(shell ?? new ShellOptions());
        return services;
    }
}
