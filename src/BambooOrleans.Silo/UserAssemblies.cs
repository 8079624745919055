using System.Reflection;
using System.Runtime.Loader;
using BambooOrleans.Cluster;
using BambooOrleans.Components.BuiltIn;
using BambooOrleans.Hosting;

namespace BambooOrleans.Silo;

/// <summary>Loads the assemblies with users' components. They share the silo's own assemblies, and bring the others that they need beside them.</summary>
internal static class UserAssemblies
{
    /// <summary>The built-in components, and those of the assemblies that the settings name.</summary>
    /// <exception cref="SettingsException">A file is not there, is no assembly, lacks one that it needs, or names a code that is taken.</exception>
    public static ComponentRegistry Register(ClusterSettings settings)
    {
        ComponentRegistry registry = new ComponentRegistry().AddAssembly(BuiltInComponents.Assembly);
        for (int index = 0; index < settings.Components.Count; index++)
        {
            string file = settings.Components[index];
            if (!File.Exists(file))
            {
                throw new SettingsException(SettingsException.Merged, $"components.{index}", $"is \"{file}\", which is not there");
            }

            try
            {
                registry.AddAssembly(Load(file));
            }
            catch (Exception failure) when (failure is IOException or BadImageFormatException or UnauthorizedAccessException
                or InvalidOperationException or TypeLoadException or ReflectionTypeLoadException or InvalidArgumentException)
            {
                string reason = failure.Message.ReplaceLineEndings(" ").Trim();
                throw new SettingsException(SettingsException.Merged, $"components.{index}", $"is \"{file}\", which cannot be loaded: {reason}", failure);
            }
        }

        return registry;
    }

    private static Assembly Load(string file)
    {
        AssemblyDependencyResolver beside = new(file);
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            beside.ResolveAssemblyToPath(name) is { } path ? context.LoadFromAssemblyPath(path) : null;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) =>
            beside.ResolveUnmanagedDllToPath(name) is { } path ? System.Runtime.InteropServices.NativeLibrary.Load(path) : 0;
        return AssemblyLoadContext.Default.LoadFromAssemblyPath(file);
    }
}
