namespace BambooOrleans.Simulation.Plans;

/// <summary>Draws plans: every kind of node and block, nested.</summary>
internal sealed class PlanDrawing
{
    private const int DepthMax = 3;

    private static readonly string[] Codes =
    [
        ComponentCodes.Plain, ComponentCodes.Plain, ComponentCodes.Plain, ComponentCodes.Flaky, ComponentCodes.Flaky,
        ComponentCodes.Slow, ComponentCodes.Poll, ComponentCodes.Callback, ComponentCodes.Callbacks, ComponentCodes.Deadline,
    ];

    private readonly SeededRandom _random;
    private int _left;
    private int _number;

    private PlanDrawing(SeededRandom random)
    {
        _random = random;
        _left = random.Next(6, 24);
    }

    public static Plan Draw(SeededRandom random)
    {
        var drawing = new PlanDrawing(random);
        return drawing.Pipeline("p", depth: 0);
    }

    private Plan Pipeline(string name, int depth) => new(name, Sequence(depth == 0 ? _random.Next(4, 8) : _random.Next(1, 4), depth))
    {
        PreRenders = _random.OnceIn(5),
        EndRunsCode = _random.OnceIn(3),
        HasOutput = _random.OnceIn(2),
    };

    private List<Block> Sequence(int count, int depth)
    {
        var blocks = new List<Block>(count);
        for (int index = 0; index < count; index++)
        {
            blocks.Add(Any(depth));
        }

        return blocks;
    }

    private Block Any(int depth) => depth > DepthMax || _left <= 0 ? Activity() : _random.Next(12) switch
    {
        0 or 1 => Fork(ForkKind.All, depth),
        2 => Fork(ForkKind.Some, depth),
        3 => Fork(ForkKind.One, depth),
        4 or 5 => SubProcess(depth),
        6 => Loop(depth),
        _ => Activity(),
    };

    private int NextNumber()
    {
        _left--;
        return _number++;
    }

    private ActivityBlock Activity()
    {
        bool loops = _random.OnceIn(14);
        return new ActivityBlock(NextNumber(), _random.Draw(Codes))
        {
            ReadsBefore = !_random.OnceIn(4),
            ReadsLazy = _random.OnceIn(8),
            ReadsSplice = _random.OnceIn(5),
            IsErrorIgnorable = _random.OnceIn(10),
            IsSkippable = !_random.OnceIn(20),
            IsRetryable = !_random.OnceIn(20),
            OwnLoopTimes = loops ? _random.Next(1, 4) : 0,
            PassesFailedRounds = loops && _random.OnceIn(3),
        };
    }

    private ForkBlock Fork(ForkKind kind, int depth)
    {
        int number = NextNumber();
        int count = _random.Next(2, 4);
        int chosen = _random.OnceIn(6) ? -1 : _random.Next(count);
        bool takesFirst = kind == ForkKind.One && _random.OnceIn(4);
        var branches = new List<Branch>(count);
        for (int index = 0; index < count; index++)
        {
            bool isMet = index == chosen || (chosen >= 0 && (takesFirst ? index > chosen : kind == ForkKind.Some) && _random.OnceIn(2));
            List<Block> blocks = [Activity()];
            if (_random.OnceIn(3))
            {
                blocks.AddRange(Sequence(1, depth + 1));
            }

            branches.Add(new Branch(isMet ? "1 == 1" : "1 == 2", blocks));
        }

        return new ForkBlock(number, kind, branches)
        {
            Default = kind != ForkKind.All && chosen < 0 && _random.OnceIn(2) ? _random.Next(count) : -1,
            TakesFirst = takesFirst,
        };
    }

    private SubProcessBlock SubProcess(int depth)
    {
        int number = NextNumber();
        return new SubProcessBlock(number, Pipeline($"sp{number}", depth + 1))
        {
            ReadsBefore = _random.OnceIn(2),
            ReadsLazy = _random.OnceIn(4),
        };
    }

    private LoopBlock Loop(int depth) =>
        new(NextNumber(), _random.Next(2, 4), _random.OnceIn(2) ? [] : Sequence(1, depth + 1));
}
