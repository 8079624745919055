using System.Collections.Concurrent;
using BambooOrleans.Components;

namespace BambooOrleans.Console.Tests.Support;

/// <summary>The ends of <see cref="HeldComponent"/>s, which the test decides.</summary>
internal sealed class Gates
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);

    /// <summary>Lets a node's component end, now or when it comes to it.</summary>
    public void Open(string nodeId) => Of(nodeId).TrySetResult();

    public Task WaitAsync(string nodeId, CancellationToken cancellationToken) => Of(nodeId).Task.WaitAsync(cancellationToken);

    private TaskCompletionSource Of(string nodeId) =>
        _gates.GetOrAdd(nodeId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Runs until the test lets it end.</summary>
[Component("held")]
internal sealed class HeldComponent(Gates gates) : Component
{
    public override async Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        await gates.WaitAsync(context.NodeId, cancellationToken);
        return ComponentResult.Ok;
    }
}

/// <summary>Fails until its input <c>answer</c> is <c>42</c>.</summary>
[Component("picky")]
internal sealed class PickyComponent : Component
{
    public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        Value answer = context.Input("answer");
        if (answer.ToJson() != "42")
        {
            context.SetOutput("ex_data", $"the answer {answer.ToJson()} is wrong");
            return Task.FromResult(ComponentResult.Failed);
        }

        context.SetOutput("praise", "well done");
        return Task.FromResult(ComponentResult.Ok);
    }
}

/// <summary>Gives its inputs as outputs.</summary>
[Component("echo")]
internal sealed class EchoComponent : Component
{
    public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        foreach (string name in context.Inputs.Build().Select(input => input.Key))
        {
            context.SetOutput(name, context.Input(name));
        }

        return Task.FromResult(ComponentResult.Ok);
    }
}
