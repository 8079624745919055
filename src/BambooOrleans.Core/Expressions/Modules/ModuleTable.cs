using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary>The modules that options can allow.</summary>
internal static class ModuleTable
{
    /// <summary>The module that a name stands for, or null where the options allow none of that name.</summary>
    public static object? Find(IReadOnlySet<string> allowed, string name) => null;
}
