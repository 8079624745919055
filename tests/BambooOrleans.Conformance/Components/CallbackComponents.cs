using BambooOrleans.Components;

namespace BambooOrleans.Conformance.Components;

[Component("cb_node")]
public sealed class CbNode : CorpusComponent
{
    public override Schedule Schedule => Schedule.Callback;

    protected override ComponentResult Execute(ComponentContext context)
    {
        CopyInputsToOutputs(context);
        return !context.Input("fail").IsTruthy;
    }

    protected override ComponentResult OnSchedule(ComponentContext context, Value? callbackData)
    {
        context.SetOutput("callback_data", callbackData ?? Value.Null);
        return callbackData.HasTruthy("do_raise")
            ? throw new CorpusException("callback boom")
            : !callbackData.AsksForFailure();
    }
}

[Component("multi_cb_node")]
public sealed class MultiCbNode : CorpusComponent
{
    public override Schedule Schedule => Schedule.MultipleCallback;

    protected override ComponentResult Execute(ComponentContext context)
    {
        context.SetOutput("calls", ListValue.Empty);
        return true;
    }

    protected override ComponentResult OnSchedule(ComponentContext context, Value? callbackData)
    {
        IEnumerable<Value> calls = context.Outputs.TryGetValue("calls", out Value? before) && before is ListValue list ? list : [];
        context.SetOutput("calls", Value.List([.. calls, callbackData ?? Value.Null]));
        if (callbackData.HasTruthy("do_raise"))
        {
            throw new CorpusException("multi callback boom");
        }

        if (callbackData.AsksForFailure())
        {
            return false;
        }

        if (callbackData.HasTruthy("finish"))
        {
            context.FinishSchedule();
        }

        return true;
    }
}

/// <summary>The reference's own: data without a <c>bit</c> fails, no data succeeds.</summary>
[Component("callback_node")]
public sealed class CallbackNode : CorpusComponent
{
    public override Schedule Schedule => Schedule.Callback;

    protected override ComponentResult Execute(ComponentContext context) => true;

    protected override ComponentResult OnSchedule(ComponentContext context, Value? callbackData) =>
        callbackData?.IsTruthy != true || PythonText.Int(callbackData.Field("bit")) != 0;
}
