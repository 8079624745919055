using BambooOrleans.Components;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Hosting;

/// <summary>
/// One call of a component with the hooks around it, in the reference's order (observed): node_enter, pre_execute, execute,
/// post_execute; pre_schedule, schedule, post_schedule; an exception hook, then the fail hook, or node_finish.
/// </summary>
/// <remarks>
/// Two snapshots of the outputs come back: what goes to the context, taken before node_finish, and what is recorded, after
/// it. A hook that throws is passed over.
/// </remarks>
internal sealed class ComponentRun
{
    private readonly Component _component;
    private readonly ComponentContext _context;
    private readonly ComponentCall _call;
    private readonly MapValue _given;
    private readonly bool _hooks;
    private readonly CallWatch _watch;

    private ComponentRun(Component component, ComponentContext context, ComponentCall call, CallWatch watch)
    {
        _component = component;
        _context = context;
        _call = call;
        _watch = watch;
        _given = context.Inputs.Build();
        _hooks = component.HooksEnabled;
    }

    public static async Task<Executed> ExecuteAsync(
        ComponentRegistry registry,
        IServiceProvider services,
        ExecuteComponent effect,
        MapValue rootData,
        TimeSpan timeLimit,
        CallWatch watch,
        CancellationToken stopping)
    {
        ComponentCall call = effect.Call;
        ComponentContext context = ContextOf(call, rootData, effect.Inputs, MapValue.Empty, times: 0, callbackData: null);
        if (Create(registry, services, call, context, watch, out ComponentRun? run) is { } refusal)
        {
            return new Executed(call.Version, refusal, ScheduleKind.None);
        }

        Value result;
        Schedule schedule = Schedule.None;
        run!.Hook(static (component, context) => component.NodeEnter(context));
        try
        {
            run.Hook(static (component, context) => component.PreExecute(context));
            result = RawOf(await TimeLimited.RunAsync(
                token => run.ExecuteOrRecoverAsync(effect.IsRecovery, token), run._component.TimeLimit ?? timeLimit, stopping)
                .ConfigureAwait(false));
            if (result.IsTruthy)
            {
                run.Hook(static (component, context) => component.PostExecute(context));
                schedule = run._component.Schedule;
            }
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            result = false;
            context.Outputs["ex_data"] = failure.ToString();
            watch.Threw(call, "execute", failure);
            run.Hook(static (component, context) => component.NodeExecuteException(context));
        }

        CallOutcome outcome = run.OutcomeOf(
            result, finishes: schedule.Kind == ScheduleKind.None && call.LeavesOnSuccess, static (component, context) => component.NodeExecuteFail(context), call.LeavesOnFailure);
        return new Executed(call.Version, outcome, schedule.Kind, schedule.Deadline);
    }

    public static async Task<Polled> PollAsync(
        ComponentRegistry registry,
        IServiceProvider services,
        PollComponent effect,
        MapValue rootData,
        TimeSpan timeLimit,
        CallWatch watch,
        CancellationToken stopping)
    {
        ComponentCall call = effect.Call;
        ComponentContext context = ContextOf(call, rootData, effect.Inputs, effect.Outputs, effect.Times, effect.CallbackData);
        if (Create(registry, services, call, context, watch, out ComponentRun? run) is { } refusal)
        {
            return new Polled(call.Version, refusal, IsDone: false, TimeSpan.Zero, effect.Times);
        }

        Value result;
        bool isDone = false;
        TimeSpan next = TimeSpan.Zero;
        try
        {
            run!.Hook(static (component, context) => component.PreSchedule(context));
            result = RawOf(await TimeLimited.RunAsync(
                token => run._component.ScheduleAsync(context, effect.CallbackData, token),
                run._component.TimeLimit ?? timeLimit,
                stopping).ConfigureAwait(false));
            if (result.IsTruthy)
            {
                run.Hook(static (component, context) => component.PostSchedule(context));
            }

            isDone = context.IsScheduleFinished;
            if (result.IsTruthy && !isDone && effect.Kind == ScheduleKind.Poll)
            {
                next = run._component.Schedule.IntervalAfter(effect.Times + 1);
            }
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            result = false;
            context.Outputs["ex_data"] = failure.ToString();
            watch.Threw(call, "schedule", failure);
            run!.Hook(static (component, context) => component.NodeScheduleException(context));
        }

        // A schedule that is done always runs the finish hook, even where the node goes round again (observed).
        bool finishes = isDone || effect.Kind == ScheduleKind.Callback;
        CallOutcome outcome = run!.OutcomeOf(result, finishes, static (component, context) => component.NodeScheduleFail(context), leavesOnFailure: true);
        return new Polled(call.Version, outcome, isDone, next, effect.Times);
    }

    public static void RunVerbHooks(ComponentRegistry registry, IServiceProvider services, RunVerbHooks effect, MapValue rootData, CallWatch watch)
    {
        ComponentContext context = ContextOf(
            effect.Call, rootData, effect.Inputs, effect.Outputs, times: 0, effect.CallbackData);
        if (Create(registry, services, effect.Call, context, watch, out ComponentRun? run) is null)
        {
            Component component = run!._component;
            (Func<ComponentContext, HookResult> Before, Func<ComponentContext, HookResult> After) hooks = effect.Hook switch
            {
                VerbHook.Retry => new(component.PreRetryNode, component.PostRetryNode),
                VerbHook.Skip => new(component.PreSkipNode, component.PostSkipNode),
                VerbHook.Pause => new(component.PrePauseNode, component.PostPauseNode),
                VerbHook.ForcedFail => new(component.PreForcedFailActivity, component.PostForcedFailActivity),
                VerbHook.Callback => new(component.PreCallback, component.PostCallback),
                _ => throw new InvalidOperationException($"unknown verb {effect.Hook}"),
            };
            run.Hook((_, given) => hooks.Before(given));
            run.Hook((_, given) => hooks.After(given));
        }
    }

    private static ComponentContext ContextOf(
        ComponentCall call, MapValue rootData, MapValue inputs, MapValue outputs, int times, Value? callbackData) => new()
        {
            NodeId = call.Node.Id,
            NodeName = call.Node.Name,
            Version = call.Version,
            RootPipelineId = call.Node.ScopeStack[0],
            TopPipelineId = call.Node.ScopeId,
            Loop = call.Loop,
            InnerLoop = call.InnerLoop,
            ScheduleTimes = times,
            RootPipelineData = rootData,
            Inputs = inputs.ToBuilder(),
            Outputs = outputs.ToBuilder(),
            CallbackData = callbackData,
        };

    /// <summary>The outcome of a call that could not be made at all.</summary>
    public static CallOutcome NotMade(ComponentCall call, MapValue inputs, MapValue outputs, Exception failure)
    {
        ComponentContext context = ContextOf(call, MapValue.Empty, inputs, outputs, times: 0, callbackData: null);
        return Failed(call, context, failure.ToString());
    }

    // A component that is unknown, or whose constructor throws, fails the node with the cause; it can be retried.
    private static CallOutcome? Create(
        ComponentRegistry registry, IServiceProvider services, ComponentCall call, ComponentContext context, CallWatch watch, out ComponentRun? run)
    {
        run = null;
        string? cause;
        try
        {
            Component? component = registry.CreateComponent(call.Node.Code, call.Node.ComponentVersion, services);
            if (component is not null)
            {
                run = new ComponentRun(component, context, call, watch);
                return null;
            }

            cause = $"the component {call.Node.Code} of version {call.Node.ComponentVersion} is not registered";
        }
        catch (Exception failure)
        {
            cause = failure.ToString();
            watch.Threw(call, "constructor", failure);
        }

        return Failed(call, context, cause);
    }

    private static CallOutcome Failed(ComponentCall call, ComponentContext context, string cause)
    {
        context.Outputs["ex_data"] = cause;
        SetResult(context, call, false);
        MapValue outputs = context.Outputs.Build();
        return new CallOutcome(false, outputs, context.Inputs.Build(), outputs);
    }

    // Nothing returned is success (observed).
    private static Value RawOf(ComponentResult result) => result.Value is null or NullValue ? true : result.Value;

    private static void SetResult(ComponentContext context, ComponentCall call, Value result)
    {
        context.Outputs["_result"] = result;
        context.Outputs["_loop"] = call.Loop;
        context.Outputs["_inner_loop"] = call.InnerLoop;
    }

    private async Task<ComponentResult> ExecuteOrRecoverAsync(bool isRecovery, CancellationToken cancellationToken)
    {
        if (isRecovery)
        {
            if (_component.AfterDeath == AfterDeath.Fail)
            {
                throw new LostExecutionException(_call.Node.Id);
            }

            if (_component.AfterDeath == AfterDeath.Reconcile
                && await _component.ReconcileAsync(_context, cancellationToken).ConfigureAwait(false) is { } reconciled)
            {
                return reconciled;
            }
        }

        return await _component.ExecuteAsync(_context, cancellationToken).ConfigureAwait(false);
    }

    private CallOutcome OutcomeOf(Value result, bool finishes, Func<Component, ComponentContext, HookResult> failHook, bool leavesOnFailure)
    {
        if (CannotBeKept() || ValueJson.IsTooDeep(result))
        {
            _context.Inputs.Clear();
            _context.Inputs.SetAll(_given);
            _context.Outputs.Clear();
            _context.Outputs["ex_data"] =
                $"the component gave a value that is nested deeper than {ValueJson.MaxDepth} levels, and cannot be kept";
            result = false;
        }

        SetResult(_context, _call, result);
        bool isSuccess = result.IsTruthy;
        if (!isSuccess && !_call.PassesFailureOver)
        {
            Hook(failHook);
        }

        MapValue inputs = _context.Inputs.Build();
        MapValue outputs = _context.Outputs.Build();
        bool leaves = isSuccess ? finishes : _call.PassesFailureOver && leavesOnFailure;
        if (!leaves || !_hooks)
        {
            return new CallOutcome(isSuccess, outputs, inputs, outputs);
        }

        // The finish hook's changes are kept only where it says so and does not throw.
        return Hook(static (component, context) => component.NodeFinish(context)) && !CannotBeKept()
            ? new CallOutcome(isSuccess, outputs, _context.Inputs.Build(), _context.Outputs.Build())
            : new CallOutcome(isSuccess, outputs, inputs, outputs);
    }

    private bool CannotBeKept() => ValueJson.IsTooDeep(_context.Inputs.Build()) || ValueJson.IsTooDeep(_context.Outputs.Build());

    private bool Hook(Func<Component, ComponentContext, HookResult> hook)
    {
        if (!_hooks)
        {
            return false;
        }

        try
        {
            return hook(_component, _context) == HookResult.Keep;
        }
        catch (Exception failure)
        {
            // A hook that throws is passed over (observed): it must not change what becomes of the node.
            _watch.HookThrew(_call, failure);
            return false;
        }
    }
}

/// <summary>The process died while a component ran that asks to fail then.</summary>
/// <param name="nodeId">The node.</param>
public sealed class LostExecutionException(string nodeId) : BambooException(
    "component.lost-execution", $"the process died while the component of {nodeId} ran, and it asks to fail then");
