using BambooOrleans;
using BambooOrleans.Building;
using BambooOrleans.Cluster;
using BambooOrleans.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// An application that calls a cluster: submits a pipeline that waits for a callback, follows what happens, and calls it back.
// Start a silo first, as docs/cluster.md tells; the settings come from the same silo.json and the same environment variables.
ClusterSettings settings;
try
{
    settings = SettingsReader.Read(args.Length > 0 ? args[0] : "silo.json");
}
catch (SettingsException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 1;
}

HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // that it did not start is told below
builder.UseOrleansClient(client => client.UseBambooClustering(settings));
builder.Services.AddBambooClient();
using IHost host = builder.Build();
try
{
    await host.StartAsync();
}
catch (Exception failure)
{
    await Console.Error.WriteLineAsync($"the cluster {settings.ClusterId} cannot be reached: {failure.GetBaseException().Message}");
    return 1;
}

IBambooEngine engine = host.Services.GetRequiredService<IBambooEngine>();

var approve = new ServiceActivity("wait_callback") { Name = "approve" };
var start = new EmptyStartEvent();
start.Extend(approve).Extend(new EmptyEndEvent());
PipelineTree pipeline = PipelineBuilder.BuildTree(start);

EngineApiResult submitted = await engine.RunPipelineAsync(pipeline);
if (!submitted.Result)
{
    await Console.Error.WriteLineAsync($"{submitted.ErrorCode}: {submitted.Message}");
    return 1;
}

Console.WriteLine($"submitted {pipeline.Id}");
await engine.WaitUntilSettledAsync(pipeline.Id);
foreach (WaitInfo wait in (await engine.GetWaitsAsync(pipeline.Id)).Data!)
{
    Console.WriteLine($"{wait.Text}");
}

NodeStateInfo node = (await engine.GetChildrenStatesAsync(approve.Id)).Data![approve.Id];
await engine.CallbackAsync(approve.Id, node.Version, Value.Map(("approved", true)), new VerbOptions { Operator = "example", Reason = "it looks fine" });
await engine.WaitUntilSettledAsync(pipeline.Id);
await foreach (JournalTurn turn in engine.ReadJournalAsync(rootId: pipeline.Id))
{
    Console.WriteLine($"{turn.Position} {turn.MachineId} {string.Join(", ", turn.Events.Cast<MapValue>().Select(fact => ((TextValue)fact["event"]).Value))}");
}

Console.WriteLine((await engine.GetPipelineStatesAsync(pipeline.Id)).Data![pipeline.Id].State);
await host.StopAsync();
return 0;
