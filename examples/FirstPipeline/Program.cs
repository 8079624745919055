using BambooOrleans;
using BambooOrleans.Building;
using BambooOrleans.Components;
using BambooOrleans.Components.BuiltIn;
using BambooOrleans.Embedded;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;

// A pipeline: greet somebody, wait a moment, and log the greeting.
var start = new EmptyStartEvent();
var greet = new ServiceActivity("greet") { Inputs = { { "name", Var.Splice("${name}") } } };
start
    .Extend(greet)
    .Extend(new ServiceActivity("sleep") { Inputs = { { "seconds", 0.1 } } })
    .Extend(new ServiceActivity("log") { Inputs = { { "message", Var.Splice("${greeting}") } } })
    .Extend(new EmptyEndEvent());

var data = new Data
{
    Inputs = { { "${name}", args.FirstOrDefault() ?? "world" }, { "${greeting}", new NodeOutput(greet, "greeting") } },
    Outputs = { "${greeting}" },
};
PipelineTree pipeline = PipelineBuilder.BuildTree(start, data);

// An engine: the components that pipelines may name, on a database that survives this process.
var options = new EmbeddedEngineOptions
{
    Registry = new ComponentRegistry().AddAssembly(BuiltInComponents.Assembly).Add<GreetComponent>(),
};
var store = new SqliteStore(new SqliteStoreOptions { Path = "first-pipeline.db" });
await using EmbeddedEngine engine = await EmbeddedEngine.OpenAsync(store, options);

// Every verb answers with a result. What is acknowledged is durable.
EngineApiResult submitted = await engine.RunPipelineAsync(pipeline);
if (!submitted.Result)
{
    Console.Error.WriteLine($"{submitted.Message} [{submitted.ErrorCode}]");
    return 1;
}

await engine.WaitUntilSettledAsync(pipeline.Id);
NodeStateInfo state = (await engine.GetPipelineStatesAsync(pipeline.Id)).Data![pipeline.Id];
MapValue outputs = (await engine.GetExecutionDataOutputsAsync(pipeline.Id)).Data!;
Console.WriteLine($"{state.State.ToApiName()}: {outputs["${greeting}"]}");
return state.State == NodeStateName.Finished ? 0 : 1;

/// <summary>A component of our own.</summary>
[Component("greet", Description = "Greets somebody.")]
internal sealed class GreetComponent : Component
{
    public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        context.SetOutput("greeting", $"hello, {((TextValue)context.Input("name")).Value}");
        return Task.FromResult(ComponentResult.Ok);
    }
}
