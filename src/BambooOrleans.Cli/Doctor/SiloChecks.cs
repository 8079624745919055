using System.Reflection;
using BambooOrleans.Cluster;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli.Doctor;

/// <summary>The settings of a silo, by the rules that the silo itself reads them with.</summary>
internal static class SiloChecks
{
    public static (List<Check> Checks, ClusterSettings? Settings) OfFile(string path)
    {
        ClusterSettings settings;
        try
        {
            settings = SettingsReader.Read(path);
        }
        catch (SettingsException failure)
        {
            return ([Check.Problem("silo.settings", failure.Message, "Correct it; docs/cluster.md lists every setting.")], null);
        }

        List<Check> checks = [Check.Ok("silo.settings", $"{path}: the cluster {settings.ClusterId}, silo port {settings.SiloPort}, gateway {settings.GatewayPort}")];
        checks.AddRange(settings.Components.Select(Component));
        return (checks, settings);
    }

    // Without loading it: what it needs beside it is the silo's to find.
    private static Check Component(string file)
    {
        try
        {
            AssemblyName name = AssemblyName.GetAssemblyName(file);
            return Check.Ok("silo.components", $"{name.Name} {name.Version}");
        }
        catch (Exception failure) when (failure is IOException or BadImageFormatException or UnauthorizedAccessException or ArgumentException)
        {
            return Check.Problem(
                "silo.components", $"{file} is no assembly that can be loaded: {failure.Message}", "Correct components in the settings; bamboo-silo check loads them whole.");
        }
    }
}
