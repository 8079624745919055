using System.CommandLine;
using BambooOrleans.Cluster;
using Microsoft.Extensions.Hosting;

Option<string> settingsOption = new("--settings")
{
    Description = "The settings file (default: the silo.json beside the program).",
    HelpName = "file",
    DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "silo.json"),
};

RootCommand command = new("Starts an Orleans silo, clustered with the silos of this machine only. It serves no grains yet.")
{
    settingsOption,
};

command.SetAction(async (parsed, cancellation) =>
{
    ClusterSettings settings;
    try
    {
        settings = SettingsReader.Read(parsed.GetRequiredValue(settingsOption));
    }
    catch (Exception e) when (e is SettingsException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }

    HostApplicationBuilder builder = Host.CreateApplicationBuilder();
    builder.UseOrleans(silo => silo.UseLocalhostClustering(
        settings.SiloPort, settings.GatewayPort, primarySiloEndpoint: null, settings.ServiceId, settings.ClusterId));

    using IHost host = builder.Build();
    await host.RunAsync(cancellation);
    return 0;
});

return await command.Parse(args).InvokeAsync();
