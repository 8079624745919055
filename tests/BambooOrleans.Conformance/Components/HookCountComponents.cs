using BambooOrleans.Components;

namespace BambooOrleans.Conformance.Components;

/// <summary>
/// The reference's own hook components: each hook counts its calls in an output of its name, and adds its name to <c>hook_call_order</c>.
/// </summary>
public abstract class HookCount : HookLog
{
    protected sealed override HookResult Log(ComponentContext context, string hook)
    {
        double calls = context.Outputs.TryGetValue(hook, out Value? before) ? before.AsNumber() ?? 0 : 0;
        context.SetOutput(hook, (long)calls + 1);
        HookNames.Append(context, "hook_call_order", hook);
        return HookResult.Keep;
    }

    protected sealed override ComponentResult Execute(ComponentContext context)
    {
        Log(context, "execute");
        return Work(context);
    }

    protected sealed override ComponentResult OnSchedule(ComponentContext context, Value? callbackData)
    {
        Log(context, "schedule");
        return ScheduledWork(context);
    }

    /// <summary>What the component does, between the hooks.</summary>
    protected abstract ComponentResult Work(ComponentContext context);

    /// <summary>What a poll of the component does, between the hooks.</summary>
    protected virtual ComponentResult ScheduledWork(ComponentContext context)
    {
        context.FinishSchedule();
        return true;
    }
}

[Component("hook_debug_node")]
public sealed class HookDebugNode : HookCount
{
    public override Schedule Schedule => Schedule.Poll(TimeSpan.Zero);

    protected override ComponentResult Work(ComponentContext context)
    {
        CopyInputsToOutputs(context);
        return true;
    }
}

[Component("hook_fail_ctrl_node")]
public sealed class HookFailCtrlNode : HookCount
{
    protected override ComponentResult Work(ComponentContext context) => PythonText.Int(context.Input("bit")) != 0;
}

[Component("hook_interrupt_raise_test")]
public sealed class HookInterruptRaiseTest : HookCount
{
    public override Schedule Schedule => Schedule.Poll(TimeSpan.Zero);

    protected override ComponentResult Work(ComponentContext context)
    {
        if (context.Input("execute_raise").IsTruthy)
        {
            throw new CorpusException("");
        }

        context.SetOutput("execute_count", 1);
        return true;
    }

    protected override ComponentResult ScheduledWork(ComponentContext context)
    {
        if (context.Input("schedule_raise").IsTruthy)
        {
            throw new CorpusException("");
        }

        context.SetOutput("schedule_count", 1);
        return base.ScheduledWork(context);
    }
}
