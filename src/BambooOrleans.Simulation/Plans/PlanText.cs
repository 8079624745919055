using System.Text;

namespace BambooOrleans.Simulation.Plans;

/// <summary>A plan in words, a block a line.</summary>
internal static class PlanText
{
    public static string Of(Plan plan)
    {
        var text = new StringBuilder();
        Write(text, plan, indent: 1);
        return text.ToString();
    }

    private static void Write(StringBuilder text, Plan plan, int indent)
    {
        string extra = (plan.PreRenders ? ", whose start renders a lazy variable" : "") + (plan.EndRunsCode ? ", whose end runs code" : "");
        Line(text, indent, $"pipeline {plan.Name}{extra}");
        Write(text, plan.Blocks, indent + 1);
    }

    private static void Write(StringBuilder text, IReadOnlyList<Block> blocks, int indent)
    {
        foreach (Block block in blocks)
        {
            switch (block)
            {
                case ActivityBlock activity:
                    Line(text, indent, $"activity a{activity.Number}: {activity.Code}"
                        + (activity.OwnLoopTimes > 0 ? $", {activity.OwnLoopTimes} rounds of its own" : "")
                        + (activity.PassesFailedRounds ? ", passes failed rounds" : "")
                        + (activity.IsErrorIgnorable ? ", passes its error over" : "")
                        + (activity.IsSkippable ? "" : ", not skippable")
                        + (activity.IsRetryable ? "" : ", not retryable")
                        + (activity.ReadsLazy ? ", reads a lazy variable" : ""));
                    break;
                case SubProcessBlock subProcess:
                    Line(text, indent, $"sub-process sp{subProcess.Number}" + (subProcess.ReadsLazy ? ", with a lazy param" : ""));
                    Write(text, subProcess.Inner, indent + 1);
                    break;
                case ForkBlock fork:
                    Line(text, indent, fork.Kind switch
                    {
                        ForkKind.All => $"parallel gateway pg{fork.Number}",
                        ForkKind.Some => $"conditional parallel gateway cpg{fork.Number}",
                        _ => $"exclusive gateway eg{fork.Number}",
                    } + (fork.Default >= 0 ? $", default branch {fork.Default + 1}" : "") + (fork.TakesFirst ? ", takes the first" : ""));
                    foreach (Branch branch in fork.Branches)
                    {
                        Line(text, indent + 1, fork.Kind == ForkKind.All ? "branch" : $"branch if {branch.Condition}");
                        Write(text, branch.Blocks, indent + 2);
                    }

                    Line(text, indent, $"converge gateway cg{fork.Number}");
                    break;
                case LoopBlock loop:
                    Line(text, indent, $"loop of {loop.Rounds} rounds: a{loop.Number} ... eg{loop.Number}, then a{loop.Number}x");
                    Write(text, loop.Body, indent + 1);
                    break;
            }
        }
    }

    private static void Line(StringBuilder text, int indent, string line) => text.Append(' ', indent * 2).Append(line).Append('\n');
}
