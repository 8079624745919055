using System.Collections.Concurrent;
using BambooOrleans.Components;
using BambooOrleans.Hosting;

namespace BambooOrleans.Embedded.Tests.Support;

/// <summary>
/// What user code does in a test, by node id or code, and what it did. Components get it through their constructors: it is
/// the engine's service provider too.
/// </summary>
public sealed class Workbench : IServiceProvider
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _entered = new();

    public static ComponentRegistry Registry => new ComponentRegistry()
        .Add<Ok>().Add<Poll>().Add<Wait>().Add<Within>().Add<Multi>().Add<Reconciling>().Add<Fragile>().Add<Lazy>().Add<Notify>();

    /// <summary>Every call, in order: what was called, for which node, under which version.</summary>
    public ConcurrentQueue<(string What, string Node, string Version)> Calls { get; } = new();

    public ConcurrentDictionary<string, Func<ComponentContext, CancellationToken, Task<ComponentResult>>> Executions { get; } = new();

    public ConcurrentDictionary<string, Func<ComponentContext, Value?, CancellationToken, Task<ComponentResult>>> Schedules { get; } = new();

    public Func<ComponentContext, ComponentResult?> OnReconcile { get; set; } = _ => null;

    public Func<LazyVariableContext, Task<Value>> OnLazy { get; set; } = lazy => Task.FromResult<Value>($"lazy {lazy.Value.ToJson()}");

    public Func<Task> OnNotify { get; set; } = () => Task.CompletedTask;

    public Func<int, TimeSpan> Interval { get; set; } = _ => TimeSpan.Zero;

    public TimeSpan Deadline { get; set; } = TimeSpan.FromHours(5);

    public IEnumerable<string> Executed => Calls.Where(call => call.What == "execute").Select(call => call.Node);

    /// <summary>Has a node's second poll find what it waits for.</summary>
    /// <param name="nodeId">The node.</param>
    /// <param name="interval">The time between the two.</param>
    public void PollTwice(string nodeId, TimeSpan interval)
    {
        Interval = _ => interval;
        Schedules[nodeId] = (context, _, _) =>
        {
            if (context.ScheduleTimes == 1)
            {
                context.FinishSchedule();
            }

            return Task.FromResult(ComponentResult.Ok);
        };
    }

    public object? GetService(Type serviceType) => serviceType == typeof(Workbench) ? this : null;

    /// <summary>Ends when user code of a node has been called.</summary>
    public Task Entered(string node) => _entered.GetOrAdd(node, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(Engines.Patience);

    private void Enter(string what, string node, string version)
    {
        Calls.Enqueue((what, node, version));
        _entered.GetOrAdd(node, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>Succeeds, and gives its inputs as outputs, where nothing else is said.</summary>
    [Component("ok")]
    public class Ok(Workbench bench) : Component
    {
        private protected Workbench Bench { get; } = bench;

        public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
        {
            Bench.Enter("execute", context.NodeId, context.Version);
            if (Bench.Executions.TryGetValue(context.NodeId, out Func<ComponentContext, CancellationToken, Task<ComponentResult>>? script))
            {
                return script(context, cancellationToken);
            }

            foreach ((string name, Value value) in context.Inputs.Where(input => !input.Key.StartsWith('_')))
            {
                context.SetOutput(name, value);
            }

            return Task.FromResult(ComponentResult.Ok);
        }

        public override Task<ComponentResult> ScheduleAsync(ComponentContext context, Value? callbackData, CancellationToken cancellationToken)
        {
            Bench.Enter("schedule", context.NodeId, context.Version);
            if (Bench.Schedules.TryGetValue(context.NodeId, out Func<ComponentContext, Value?, CancellationToken, Task<ComponentResult>>? script))
            {
                return script(context, callbackData, cancellationToken);
            }

            context.SetOutput("data", callbackData ?? context.ScheduleTimes);
            context.FinishSchedule();
            return Task.FromResult(ComponentResult.Ok);
        }
    }

    [Component("poll")]
    public sealed class Poll(Workbench bench) : Ok(bench)
    {
        public override Schedule Schedule => Schedule.Poll(Bench.Interval);
    }

    [Component("wait")]
    public sealed class Wait(Workbench bench) : Ok(bench)
    {
        public override Schedule Schedule => Schedule.Callback;
    }

    [Component("within")]
    public sealed class Within(Workbench bench) : Ok(bench)
    {
        public override Schedule Schedule => Schedule.CallbackWithin(Bench.Deadline);
    }

    [Component("multi")]
    public sealed class Multi(Workbench bench) : Ok(bench)
    {
        public override Schedule Schedule => Schedule.MultipleCallback;
    }

    [Component("reconciling")]
    public sealed class Reconciling(Workbench bench) : Ok(bench)
    {
        public override AfterDeath AfterDeath => AfterDeath.Reconcile;

        public override Task<ComponentResult?> ReconcileAsync(ComponentContext context, CancellationToken cancellationToken)
        {
            Bench.Enter("reconcile", context.NodeId, context.Version);
            return Task.FromResult(Bench.OnReconcile(context));
        }
    }

    [Component("fragile")]
    public sealed class Fragile(Workbench bench) : Ok(bench)
    {
        public override AfterDeath AfterDeath => AfterDeath.Fail;
    }

    [LazyVariable("lazy")]
    public sealed class Lazy(Workbench bench) : LazyVariable
    {
        public override Task<Value> GetAsync(LazyVariableContext context, CancellationToken cancellationToken) => bench.OnLazy(context);
    }

    [EndEvent("notify")]
    public sealed class Notify(Workbench bench) : EndEvent
    {
        public override Task ExecuteAsync(IReadOnlyList<string> pipelineStack, string rootPipelineId, CancellationToken cancellationToken)
        {
            bench.Enter("end", rootPipelineId, "");
            return bench.OnNotify();
        }
    }
}
