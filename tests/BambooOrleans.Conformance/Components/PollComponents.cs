using BambooOrleans.Components;

namespace BambooOrleans.Conformance.Components;

[Component("debug_node")]
public sealed class DebugNode : CorpusComponent
{
    public override Schedule Schedule => Schedule.Poll(TimeSpan.Zero);

    protected override ComponentResult Execute(ComponentContext context)
    {
        CopyInputsToOutputs(context);
        return true;
    }

    protected override ComponentResult OnSchedule(ComponentContext context, Value? callbackData)
    {
        context.FinishSchedule();
        return true;
    }
}

/// <summary>Polls until <c>n</c>, and fails or throws at the poll it is told to.</summary>
public abstract class PollUntilNode(TimeSpan interval) : CorpusComponent
{
    public override Schedule Schedule => Schedule.Poll(interval);

    protected override ComponentResult Execute(ComponentContext context)
    {
        CopyInputsToOutputs(context);
        context.SetOutput("polls", 0);
        return true;
    }

    protected override ComponentResult OnSchedule(ComponentContext context, Value? callbackData)
    {
        double polls = (context.Outputs["polls"].AsNumber() ?? 0) + 1;
        context.SetOutput("polls", (long)polls);
        if (context.Input("fail_at").IsNumber(polls))
        {
            return false;
        }

        if (context.Input("raise_at").IsNumber(polls))
        {
            throw new CorpusException("poll boom");
        }

        if (polls >= (context.Input("n").AsNumber() ?? 1))
        {
            context.FinishSchedule();
        }

        return true;
    }
}

[Component("poll_n_node")]
public sealed class PollNNode() : PollUntilNode(TimeSpan.Zero);

[Component("slow_poll_n_node")]
public sealed class SlowPollNNode() : PollUntilNode(TimeSpan.FromSeconds(1));
