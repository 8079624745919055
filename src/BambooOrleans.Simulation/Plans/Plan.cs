using BambooOrleans.Core.Validation;

namespace BambooOrleans.Simulation.Plans;

/// <summary>
/// A pipeline as blocks within blocks. A tree of nodes and flows is made from it; taking blocks out leaves another valid
/// pipeline, which is how a failing one is made smaller.
/// </summary>
/// <param name="Name">The id of the root pipeline, or of the sub-process.</param>
/// <param name="Blocks">What stands between start and end, in order.</param>
internal sealed record Plan(string Name, IReadOnlyList<Block> Blocks)
{
    /// <summary>Whether the start event renders a lazy variable.</summary>
    public bool PreRenders { get; init; }

    /// <summary>Whether the end event runs code.</summary>
    public bool EndRunsCode { get; init; }

    /// <summary>Whether the last activity's output is an output of the pipeline, and of a sub-process goes to the context around it.</summary>
    public bool HasOutput { get; init; }

    /// <summary>Draws plans until one makes a valid pipeline.</summary>
    public static Plan DrawValid(SeededRandom random)
    {
        while (true)
        {
            Plan plan = PlanDrawing.Draw(random);
            if (plan.IsValid())
            {
                return plan;
            }
        }
    }

    /// <summary>Whether the pipeline keeps every rule of validation.</summary>
    public bool IsValid()
    {
        try
        {
            PipelineValidator.Validate(PlanTree.Of(this), cycleTolerate: true);
            return true;
        }
        catch (BambooException)
        {
            return false;
        }
    }

    /// <summary>The number of nodes of the tree, sub-processes and events included.</summary>
    public int CountNodes() => 2 + Blocks.Sum(block => block.CountNodes());
}

/// <summary>A part of a plan with one way in and one way out.</summary>
/// <param name="Number">Names its nodes; kept when the plan is made smaller, so that its components do the same.</param>
internal abstract record Block(int Number)
{
    public abstract int CountNodes();
}

/// <summary>One activity.</summary>
internal sealed record ActivityBlock(int Number, string Code) : Block(Number)
{
    /// <summary>Whether its input refers to the output of the activity before it.</summary>
    public bool ReadsBefore { get; init; } = true;

    /// <summary>Whether an input refers to a lazy variable.</summary>
    public bool ReadsLazy { get; init; }

    /// <summary>Whether an input refers to a splice variable that refers to others.</summary>
    public bool ReadsSplice { get; init; }

    public bool IsErrorIgnorable { get; init; }

    public bool IsSkippable { get; init; } = true;

    public bool IsRetryable { get; init; } = true;

    /// <summary>How often it runs by its own loop; 0 for no loop.</summary>
    public int OwnLoopTimes { get; init; }

    /// <summary>Whether a failed round of its own loop is passed over.</summary>
    public bool PassesFailedRounds { get; init; }

    public override int CountNodes() => 1;
}

/// <summary>A pipeline within the pipeline.</summary>
internal sealed record SubProcessBlock(int Number, Plan Inner) : Block(Number)
{
    /// <summary>Whether a param refers to the output of the activity before it.</summary>
    public bool ReadsBefore { get; init; }

    /// <summary>Whether a param refers to a lazy variable.</summary>
    public bool ReadsLazy { get; init; }

    public override int CountNodes() => 1 + Inner.CountNodes();
}

/// <summary>How a fork chooses among its branches.</summary>
internal enum ForkKind
{
    /// <summary>A parallel gateway: all.</summary>
    All,

    /// <summary>A conditional parallel gateway: those whose conditions are met.</summary>
    Some,

    /// <summary>An exclusive gateway: one.</summary>
    One,
}

/// <summary>A gateway, branches, and the converge gateway where they meet.</summary>
internal sealed record ForkBlock(int Number, ForkKind Kind, IReadOnlyList<Branch> Branches) : Block(Number)
{
    /// <summary>The branch that is taken when no condition is met; -1 for none.</summary>
    public int Default { get; init; } = -1;

    /// <summary>Whether the gateway says that the first condition that is met decides.</summary>
    public bool TakesFirst { get; init; }

    public override int CountNodes() => 2 + Branches.Sum(branch => branch.Blocks.Sum(block => block.CountNodes()));
}

/// <summary>One way of a fork: at least one block, the first of them an activity.</summary>
/// <param name="Condition">The condition of its flow; passed over for <see cref="ForkKind.All"/>.</param>
/// <param name="Blocks">What stands on it, in order.</param>
internal sealed record Branch(string Condition, IReadOnlyList<Block> Blocks);

/// <summary>A loop by an exclusive gateway that leads back: head, body, gateway, exit.</summary>
/// <param name="Number">See <see cref="Block"/>.</param>
/// <param name="Rounds">How often the head runs.</param>
/// <param name="Body">What stands between head and gateway, in order.</param>
internal sealed record LoopBlock(int Number, int Rounds, IReadOnlyList<Block> Body) : Block(Number)
{
    public override int CountNodes() => 3 + Body.Sum(block => block.CountNodes());
}
