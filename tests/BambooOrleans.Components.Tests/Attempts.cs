namespace BambooOrleans.Components.Tests;

/// <summary>Attempts of a node as an engine would run them, without an engine.</summary>
internal static class Attempts
{
    public static ComponentContext Context(MapValue inputs) => new()
    {
        NodeId = "n",
        NodeName = "",
        Version = "v1",
        RootPipelineId = "p",
        TopPipelineId = "p",
        Loop = 1,
        InnerLoop = 1,
        RootPipelineData = MapValue.Empty,
        Inputs = inputs.ToBuilder(),
        Outputs = new MapValue.Builder(),
    };

    public static ComponentContext Poll(ComponentContext before, int times = 0) => new()
    {
        NodeId = before.NodeId,
        NodeName = "",
        Version = before.Version,
        RootPipelineId = "p",
        TopPipelineId = "p",
        Loop = 1,
        InnerLoop = 1,
        ScheduleTimes = times,
        RootPipelineData = MapValue.Empty,
        Inputs = before.Inputs.Build().ToBuilder(),
        Outputs = before.Outputs.Build().ToBuilder(),
    };

    /// <summary>Executes a component and answers whether it succeeded, with the context as it left it.</summary>
    public static async Task<(bool Success, ComponentContext Context)> ExecuteAsync(
        Component component, params (string, Value)[] inputs)
    {
        ComponentContext context = Context(Value.Map(inputs));
        ComponentResult result = await component.ExecuteAsync(context, CancellationToken.None);
        return (result.IsSuccess, context);
    }

    public static string ExData(this ComponentContext context) => ((TextValue)context.Outputs["ex_data"]).Value;
}
