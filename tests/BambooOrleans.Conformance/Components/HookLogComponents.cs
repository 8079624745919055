using BambooOrleans.Components;

namespace BambooOrleans.Conformance.Components;

/// <summary>Appends the name of every hook that is called to the output <c>log</c>, and so shows their order.</summary>
public abstract class HookLog : CorpusComponent
{
    public override HookResult NodeEnter(ComponentContext context) => Log(context, "node_enter");

    public override HookResult PreExecute(ComponentContext context) => Log(context, "pre_execute");

    public override HookResult PostExecute(ComponentContext context) => Log(context, "post_execute");

    public override HookResult PreSchedule(ComponentContext context) => Log(context, "pre_schedule");

    public override HookResult PostSchedule(ComponentContext context) => Log(context, "post_schedule");

    public override HookResult NodeExecuteException(ComponentContext context) => Log(context, "node_execute_exception");

    public override HookResult NodeExecuteFail(ComponentContext context) => Log(context, "node_execute_fail");

    public override HookResult NodeScheduleException(ComponentContext context) => Log(context, "node_schedule_exception");

    public override HookResult NodeScheduleFail(ComponentContext context) => Log(context, "node_schedule_fail");

    public override HookResult NodeFinish(ComponentContext context) => Log(context, "node_finish");

    public override HookResult PreRetryNode(ComponentContext context) => Log(context, "pre_retry_node");

    public override HookResult PostRetryNode(ComponentContext context) => Log(context, "post_retry_node");

    public override HookResult PreSkipNode(ComponentContext context) => Log(context, "pre_skip_node");

    public override HookResult PostSkipNode(ComponentContext context) => Log(context, "post_skip_node");

    public override HookResult PrePauseNode(ComponentContext context) => Log(context, "pre_pause_node");

    public override HookResult PostPauseNode(ComponentContext context) => Log(context, "post_pause_node");

    public override HookResult PreForcedFailActivity(ComponentContext context) => Log(context, "pre_forced_fail_activity");

    public override HookResult PostForcedFailActivity(ComponentContext context) => Log(context, "post_forced_fail_activity");

    public override HookResult PreCallback(ComponentContext context) => Log(context, "pre_callback");

    public override HookResult PostCallback(ComponentContext context) => Log(context, "post_callback");

    protected override ComponentResult Execute(ComponentContext context)
    {
        Log(context, "execute");
        return context.Input("do_raise").IsTruthy
            ? throw new CorpusException("hook boom")
            : !context.Input("fail").IsTruthy;
    }

    /// <summary>Notes that <paramref name="hook"/> was called.</summary>
    protected virtual HookResult Log(ComponentContext context, string hook)
    {
        HookNames.Append(context, "log", hook);
        return HookResult.Keep;
    }
}

[Component("hook_log_node")]
public sealed class HookLogNode : HookLog;

[Component("hook_log_cb_node")]
public sealed class HookLogCbNode : HookLog
{
    public override Schedule Schedule => Schedule.Callback;

    protected override ComponentResult OnSchedule(ComponentContext context, Value? callbackData)
    {
        Log(context, "schedule");
        return callbackData.HasTruthy("do_raise")
            ? throw new CorpusException("hook callback boom")
            : !callbackData.AsksForFailure();
    }
}

internal static class HookNames
{
    /// <summary>Adds a name to an output that is a list of names.</summary>
    public static void Append(ComponentContext context, string output, string name)
    {
        IEnumerable<Value> before = context.Outputs.TryGetValue(output, out Value? names) && names is ListValue list ? list : [];
        context.SetOutput(output, Value.List([.. before, name]));
    }
}
