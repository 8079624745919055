namespace BambooOrleans.Simulation.Plans;

/// <summary>The plans that are one step smaller than a plan.</summary>
internal static class PlanReductions
{
    public static IEnumerable<Plan> Of(Plan plan)
    {
        foreach (IReadOnlyList<Block> blocks in Of(plan.Blocks, blocksMin: 1))
        {
            yield return plan with { Blocks = blocks };
        }

        if (plan.PreRenders)
        {
            yield return plan with { PreRenders = false };
        }

        if (plan.EndRunsCode)
        {
            yield return plan with { EndRunsCode = false };
        }
    }

    private static IEnumerable<IReadOnlyList<Block>> Of(IReadOnlyList<Block> blocks, int blocksMin)
    {
        for (int index = 0; index < blocks.Count && blocks.Count > blocksMin; index++)
        {
            yield return [.. blocks.Take(index), .. blocks.Skip(index + 1)];
        }

        for (int index = 0; index < blocks.Count; index++)
        {
            foreach (IReadOnlyList<Block> instead in Instead(blocks[index]))
            {
                yield return [.. blocks.Take(index), .. instead, .. blocks.Skip(index + 1)];
            }
        }
    }

    private static IEnumerable<IReadOnlyList<Block>> Instead(Block block)
    {
        switch (block)
        {
            case ActivityBlock activity:
                if (activity.ReadsLazy || activity.ReadsSplice)
                {
                    yield return [activity with { ReadsLazy = false, ReadsSplice = false }];
                }

                if (activity.OwnLoopTimes > 0)
                {
                    yield return [activity with { OwnLoopTimes = 0 }];
                }

                break;
            case SubProcessBlock subProcess:
                yield return subProcess.Inner.Blocks;
                foreach (Plan inner in Of(subProcess.Inner))
                {
                    yield return [subProcess with { Inner = inner }];
                }

                break;
            case ForkBlock fork:
                foreach (Branch branch in fork.Branches)
                {
                    yield return branch.Blocks;
                }

                for (int index = 0; index < fork.Branches.Count; index++)
                {
                    if (fork.Branches.Count > 2 && fork.Default < 0)
                    {
                        yield return [fork with { Branches = [.. fork.Branches.Take(index), .. fork.Branches.Skip(index + 1)] }];
                    }

                    Branch branch = fork.Branches[index];
                    foreach (IReadOnlyList<Block> rest in Of([.. branch.Blocks.Skip(1)], blocksMin: 0))
                    {
                        Branch smaller = branch with { Blocks = [branch.Blocks[0], .. rest] };
                        yield return [fork with { Branches = [.. fork.Branches.Take(index), smaller, .. fork.Branches.Skip(index + 1)] }];
                    }
                }

                break;
            case LoopBlock loop:
                if (loop.Body.Count > 0)
                {
                    yield return loop.Body;
                }

                foreach (IReadOnlyList<Block> body in Of(loop.Body, blocksMin: 0))
                {
                    yield return [loop with { Body = body }];
                }

                break;
        }
    }
}
