using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Validation;

/// <summary>
/// Finds the converge gateway of each gateway. Gateways are taken by their distance from the start; each follows its
/// branches, passing over inner gateways with their converge gateways, until all have met the same converge gateway.
/// </summary>
/// <remarks>
/// The rule is the reference's, odd corners included, since it decides which trees run. It is written as a loop over
/// frames, so that deep nesting needs no deep call stack, and looks up in arrays what the reference searches for. Each
/// gateway is followed once; a gateway met again gives what it has found.
/// </remarks>
internal sealed class GatewayMatching
{
    private const string MustConverge = "stands on a branch of a parallel gateway, so all of its branches must meet at one converge gateway";

    private readonly PipelineGraph _graph;
    private readonly int[] _distances;
    private readonly int[][] _targets;
    private readonly int[] _positiveIncoming;

    // What is found for each gateway.
    private readonly int[] _converge;
    private readonly bool[] _isShared;

    // What is known of each converge gateway.
    private readonly bool[] _isTaken;
    private readonly bool[] _isTakenByParallel;

    // A block is everything that is met while one gateway and those after it are followed.
    private readonly bool[] _isInEarlierBlock;
    private readonly List<int> _block = [];

    private readonly List<Frame> _frames = [];
    private readonly int[] _frameOf;

    private GatewayMatching(PipelineGraph graph)
    {
        _graph = graph;
        _distances = new int[graph.Count];
        Array.Fill(_distances, PipelineGraph.None);
        _targets = new int[graph.Count][];
        _positiveIncoming = new int[graph.Count];
        _converge = new int[graph.Count];
        Array.Fill(_converge, PipelineGraph.None);
        _isShared = new bool[graph.Count];
        _isTaken = new bool[graph.Count];
        _isTakenByParallel = new bool[graph.Count];
        _isInEarlierBlock = new bool[graph.Count];
        _frameOf = new int[graph.Count];
        Array.Fill(_frameOf, PipelineGraph.None);
    }

    /// <summary>The converge gateway of each node, <see cref="PipelineGraph.None"/> where it has none.</summary>
    public static int[] Run(PipelineGraph graph)
    {
        var matching = new GatewayMatching(graph);
        matching.Prepare();
        foreach (int gateway in matching.GatewaysByDistance())
        {
            matching.FollowBlock(gateway);
        }

        return matching._converge;
    }

    private IEnumerable<int> Gateways => Enumerable.Range(_graph.FirstGateway, _graph.Count - _graph.FirstGateway);

    private void Prepare()
    {
        var beyond = new BeyondActivities(_graph);
        var distances = new StartDistances(_graph, _distances);
        foreach (int gateway in Gateways)
        {
            if (_graph.IsConverge(gateway) && _graph.Targets[gateway].Length == 0)
            {
                throw ConnectionRules.LeadsNowhere(_graph, gateway);
            }

            _targets[gateway] = [.. _graph.Targets[gateway].Select(beyond.FirstFrom)];
            if (!distances.Measure(gateway))
            {
                throw new ConvergeMatchException(_graph.Id(gateway), "cannot be reached from the start event");
            }
        }

        foreach (int gateway in Gateways)
        {
            foreach (int target in _targets[gateway])
            {
                if (_graph.IsConverge(target) && _distances[target] > _distances[gateway])
                {
                    _positiveIncoming[target]++;
                }
            }
        }
    }

    private IEnumerable<int> GatewaysByDistance() => Gateways.Where(_graph.IsSplit).OrderBy(gateway => _distances[gateway]);

    private void FollowBlock(int first)
    {
        if (_converge[first] != PipelineGraph.None)
        {
            return;
        }

        Push(first);
        while (_frames.Count > 0)
        {
            Frame frame = _frames[^1];
            if (frame.Branch < _targets[frame.Gateway].Length)
            {
                FollowBranch(frame);
                continue;
            }

            Pop(frame);
            Settle(frame.Gateway);
            _block.Add(frame.Gateway);
            if (_frames.Count > 0)
            {
                GoOnBehind(frame.Gateway, _frames[^1]);
            }
        }

        foreach (int node in _block)
        {
            _isInEarlierBlock[node] = true;
        }

        _block.Clear();
    }

    /// <summary>Takes one step along the branch at which a frame stands.</summary>
    private void FollowBranch(Frame frame)
    {
        int[] targets = _targets[frame.Gateway];
        int target = targets[frame.Branch];
        if (!frame.IsOnBranch)
        {
            if (target == PipelineGraph.None || _isInEarlierBlock[target])
            {
                targets[frame.Branch] = PipelineGraph.None;
                frame.NextBranch();
                return;
            }

            _block.Add(target);
            frame.IsOnBranch = true;
        }

        if (_graph.IsSplit(target) && target != frame.Gateway)
        {
            if (_frameOf[target] != PipelineGraph.None)
            {
                // Back to a gateway before: allowed only where no parallel gateway lies between.
                if (_frames[^1].ParallelCount > _frames[_frameOf[target]].ParallelCountBefore)
                {
                    throw new ConvergeMatchException(_graph.Id(frame.Gateway), MustConverge);
                }

                targets[frame.Branch] = PipelineGraph.None;
                frame.NextBranch();
            }
            else if (_converge[target] != PipelineGraph.None)
            {
                GoOnBehind(target, frame);
            }
            else
            {
                Push(target);
            }

            return;
        }

        if (_graph.IsConverge(target) && _distances[target] < _distances[frame.Gateway])
        {
            targets[frame.Branch] = PipelineGraph.None;
        }

        frame.NextBranch();
    }

    /// <summary>Moves the branch of a frame past an inner gateway: to its converge gateway, or past that one too.</summary>
    private void GoOnBehind(int inner, Frame frame)
    {
        int converge = _converge[inner];
        int target;
        if (converge == PipelineGraph.None)
        {
            target = PipelineGraph.End;
        }
        else
        {
            bool canShare = _isShared[inner] && !(_graph.IsParallel(frame.Gateway) && _isTakenByParallel[converge]);
            target = canShare ? converge : _targets[converge][0];
        }

        // More steps than there are gateways: from here blocks follow one another in a circle. The reference never ends.
        if (++frame.Steps > _graph.Count)
        {
            throw new TreeInvalidException(CircleFrom(inner), "the flows lead into a circle that has no way out");
        }

        _targets[frame.Gateway][frame.Branch] = target;
    }

    /// <summary>Decides the converge gateway of a gateway whose branches have all been followed.</summary>
    private void Settle(int gateway)
    {
        bool isExclusive = _graph.Kind(gateway) == GraphNodeKind.Exclusive;
        int converge = PipelineGraph.None;
        int converging = _targets[gateway].Length;
        foreach (int target in _targets[gateway])
        {
            bool isConverge = target != PipelineGraph.None && _graph.IsConverge(target);
            if (isConverge && (converge == PipelineGraph.None || converge == target))
            {
                converge = target;
            }
            else if (isExclusive && isConverge)
            {
                throw new ConvergeMatchException(
                    _graph.Id(gateway),
                    $"has branches that meet different converge gateways first: \"{_graph.Id(converge)}\" and \"{_graph.Id(target)}\"");
            }
            else if (isExclusive && target == PipelineGraph.End)
            {
                if (_frames.Count > 0 && _frames[^1].ParallelCount > 0)
                {
                    throw new ConvergeMatchException(_graph.Id(gateway), MustConverge);
                }
            }
            else if (isExclusive && (target == PipelineGraph.None || target == gateway))
            {
                // It leads back, and so converges nowhere.
                converging--;
            }
            else
            {
                throw new ConvergeMatchException(
                    _graph.Id(gateway),
                    $"has branches that do not all meet at one converge gateway; they meet {DescribeTargets(gateway)}");
            }
        }

        _isShared[gateway] = isExclusive ? IsSharedByExclusive(gateway, converge, converging) : IsSharedByParallel(gateway, converge);
        _converge[gateway] = converge;
        if (converge != PipelineGraph.None)
        {
            _isTaken[converge] = true;
            _isTakenByParallel[converge] |= !isExclusive;
        }
    }

    private bool IsSharedByExclusive(int gateway, int converge, int converging)
    {
        if (converge == PipelineGraph.None)
        {
            return false;
        }

        if (_positiveIncoming[converge] == 0)
        {
            throw new ConvergeMatchException(
                _graph.Id(gateway), $"meets converge gateway \"{_graph.Id(converge)}\", which no flow enters from before it");
        }

        return _positiveIncoming[converge] > converging || _isTaken[converge];
    }

    private bool IsSharedByParallel(int gateway, int converge)
    {
        if (converge == PipelineGraph.None)
        {
            throw new ConvergeMatchException(_graph.Id(gateway), "has no branches that meet at a converge gateway");
        }

        int incoming = _graph.Sources[converge].Length;
        int branches = _targets[gateway].Length;
        if (incoming > branches && _isTakenByParallel[converge])
        {
            throw new ConvergeMatchException(
                _graph.Id(converge), $"converges \"{_graph.Id(gateway)}\", but another parallel gateway too; it can converge only one");
        }

        if (incoming < branches)
        {
            throw new ConvergeMatchException(
                _graph.Id(converge), $"does not converge all {branches} branches of \"{_graph.Id(gateway)}\"; it has {incoming} incoming");
        }

        return incoming > branches;
    }

    private List<string> CircleFrom(int gateway)
    {
        var circle = new List<string>();
        int at = gateway;
        do
        {
            circle.Add(_graph.Id(at));
            circle.Add(_graph.Id(_converge[at]));
            at = _targets[_converge[at]][0];
        }
        while (at != gateway && circle.Count <= 2 * _graph.Count);

        circle.Add(_graph.Id(gateway));
        return circle;
    }

    private string DescribeTargets(int gateway) => string.Join(
        ", ", _targets[gateway].Select(target => target == PipelineGraph.None ? "a node before it" : $"\"{_graph.Id(target)}\"").Distinct());

    private void Push(int gateway)
    {
        int before = _frames.Count == 0 ? 0 : _frames[^1].ParallelCount;
        _frameOf[gateway] = _frames.Count;
        _frames.Add(new Frame(gateway, before, before + (_graph.IsParallel(gateway) ? 1 : 0)));
    }

    private void Pop(Frame frame)
    {
        _frameOf[frame.Gateway] = PipelineGraph.None;
        _frames.RemoveAt(_frames.Count - 1);
    }

    /// <summary>A gateway that is being followed, and where on its branches that stands.</summary>
    private sealed class Frame(int gateway, int parallelCountBefore, int parallelCount)
    {
        public int Gateway => gateway;

        /// <summary>How many parallel gateways are being followed before this one.</summary>
        public int ParallelCountBefore => parallelCountBefore;

        /// <summary>How many parallel gateways are being followed, this one included.</summary>
        public int ParallelCount => parallelCount;

        public int Branch { get; private set; }

        public bool IsOnBranch { get; set; }

        public int Steps { get; set; }

        public void NextBranch()
        {
            Branch++;
            IsOnBranch = false;
            Steps = 0;
        }
    }
}
