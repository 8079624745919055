using System.Collections.Concurrent;
using System.Reflection;

namespace BambooOrleans.Components;

internal static class ComponentHooks
{
    private static readonly ConcurrentDictionary<Type, bool> Overridden = new();

    public static bool AreOverridden(Type component) => Overridden.GetOrAdd(component, static type =>
        type.GetMethods(BindingFlags.Public | BindingFlags.Instance).Any(method =>
            method.ReturnType == typeof(HookResult) && method.DeclaringType != typeof(Component)));
}
