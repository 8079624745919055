using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Simulation.Checks;
using BambooOrleans.Simulation.Hosts;
using BambooOrleans.Simulation.Plans;
using BambooOrleans.Simulation.Runs;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation;

/// <summary>Everybody outside who calls verbs: the operator of the scenario, those who call nodes back, and who helps at the end.</summary>
internal sealed class Operator(Simulator world, Coverage coverage)
{
    private static readonly int Kinds = Enum.GetValues<VerbKind>().Length;

    private readonly Dictionary<long, VerbKind> _called = [];
    private readonly Dictionary<long, BambooException?> _answers = [];
    private readonly HashSet<string> _madeReady = new(StringComparer.Ordinal);
    private readonly HashSet<(string Scope, string Key)> _setByHand = [];
    private long _request;
    private long _help;

    /// <summary>How many verbs the scenario's operator called.</summary>
    public int Calls { get; private set; }

    private Auditor Auditor => world.Auditor;

    private PipelineDefinition Definition => world.Definition;

    /// <summary>Calls a verb of the scenario.</summary>
    public void Call(ScriptedVerb verb)
    {
        for (int times = verb.IsTwice ? 2 : 1; times > 0; times--)
        {
            Calls++;
            var random = new SeededRandom(verb.Choice);
            VerbKind kind = FittingKind(verb.Kind, random);
            (string to, object input) = Draw(kind, random);
            world.Trace?.Line($"the operator calls {kind}: {to} {input}");
            world.Post(new Mail(Mail.Operator, to, input));
        }
    }

    /// <summary>Somebody calls a node back.</summary>
    public void CallBack(string node)
    {
        Callback callback = Callback(VerbKind.Callback, Auditor.Node(node)!.Version, null);
        _called.Remove(callback.Call.Request);
        world.Post(new Mail(Mail.Operator, node, callback));
    }

    /// <summary>Takes back what was set by hand where it refers to something: values may refer to each other in a circle, and nothing else helps then.</summary>
    public void TakeBackValues()
    {
        foreach ((string scope, string key) in _setByHand)
        {
            VerbCall call = NewCall(VerbKind.UpdateContext, "update_context_values", null);
            _called.Remove(call.Request);
            world.Post(new Mail(
                Mail.Operator, Definition.RootId, new UpdateContext(call, scope, [new ContextValue(key, ContextValueType.Plain, "taken back", null)])));
        }
    }

    /// <summary>Does what a wait names.</summary>
    public void Help(WaitInfo wait)
    {
        string verb = wait.Verbs[^1];
        VerbCall call = NewCall(VerbKind.RetryNode, verb, null);
        string root = Definition.RootId;
        (string to, object input) = verb switch
        {
            "resume_pipeline" => (root, (object)new ResumePipeline(call, wait.PausedBy!)),
            "resume_node_appoint" => (wait.PausedBy!, new ResumeNode(call)),
            "retry_subprocess" => (root, new RetrySubProcess(call, wait.NodeId, null)),
            "retry_node" => (wait.NodeId, new RetryNode(call, null, false)),
            "skip_node" => (wait.NodeId, new SkipNode(call, false)),
            "skip_exclusive_gateway" => (wait.NodeId, new SkipExclusiveGateway(call, Definition.Nodes[wait.NodeId].Targets.Keys.Last())),
            "skip_conditional_parallel_gateway" => (wait.NodeId, new SkipConditionalParallelGateway(
                call, [.. Definition.Nodes[wait.NodeId].Targets.Keys], Definition.Nodes[wait.NodeId].ConvergeGatewayId)),
            _ => throw new ViolationException("what waits can be helped", $"nobody knows the verb {verb} of {wait.Text}"),
        };
        _called.Remove(call.Request);
        _help = call.Request;
        world.Post(new Mail(Mail.Operator, to, input));
    }

    /// <summary>A verb that a wait names is not refused.</summary>
    public void CheckHelped(WaitInfo wait)
    {
        Rule.Require(_answers.TryGetValue(_help, out BambooException? refusal), "what waits can be helped", $"{wait.Verbs[^1]} was not answered");
        Rule.Require(refusal is null, "what waits can be helped", $"{wait.Verbs[^1]} was refused: {refusal?.Message}, though {wait.Text}");
    }

    /// <summary>An answer came.</summary>
    public void Answered(Reply reply)
    {
        _answers[reply.Request] = reply.Error;
        if (_called.TryGetValue(reply.Request, out VerbKind verb))
        {
            coverage.Verb(verb, reply.Error is null);
        }
    }

    /// <summary>Whether a request was answered, and the refusal; null for none.</summary>
    public bool TryGetAnswer(long request, out BambooException? refusal) => _answers.TryGetValue(request, out refusal);

    /// <summary>Whether an operator made a failed node READY, so that nothing enters it.</summary>
    public bool MadeReady(string node) => _madeReady.Contains(node);

    private VerbCall NewCall(VerbKind kind, string verb, string? expectedVersion)
    {
        long request = ++_request;
        _called[request] = kind;
        return new VerbCall(request, verb, "operator", request.ToString(System.Globalization.CultureInfo.InvariantCulture), expectedVersion);
    }

    private Callback Callback(VerbKind kind, string version, string? expectedVersion)
    {
        VerbCall call = NewCall(kind, "callback", expectedVersion);
        Auditor.CallsBack(call.Request, version);
        return new Callback(call, version, call.Request);
    }

    private (string To, object Input) Draw(VerbKind kind, SeededRandom random)
    {
        string root = Definition.RootId;
        string scope = ScopeFor(kind, random);
        string node = NodeFor(kind, random);
        NodeDefinition definition = Definition.Nodes[node];
        NodeState? state = Auditor.Node(node);
        string? scopeVersion = Expected(random, Auditor.State.Scopes.GetValueOrDefault(scope)?.Version);
        string? version = Expected(random, state?.Version);
        DateTimeOffset at = world.Now.AddSeconds(random.OnceIn(2) ? random.Next(1, 6) : random.Next(60, 600));
        switch (kind)
        {
            case VerbKind.PausePipeline:
                return (root, new PausePipeline(NewCall(kind, "pause_pipeline", scopeVersion), scope));
            case VerbKind.ResumePipeline:
                return (root, new ResumePipeline(NewCall(kind, "resume_pipeline", scopeVersion), scope));
            case VerbKind.ResumePipelineAt:
                return (root, new ResumePipeline(NewCall(kind, "resume_pipeline", scopeVersion), scope, at));
            case VerbKind.CancelPipelineResume:
                return (root, new CancelPipelineResume(NewCall(kind, "cancel_pipeline_resume", scopeVersion), scope));
            case VerbKind.RevokePipeline:
                return (root, new RevokePipeline(NewCall(kind, "revoke_pipeline", scopeVersion), random.OnceIn(4) ? scope : root));
            case VerbKind.UpdateContext:
                return (root, new UpdateContext(NewCall(kind, "update_context_values", null), scope, [ContextValueFor(scope, random)]));
            case VerbKind.RetrySubProcess:
                return (root, new RetrySubProcess(NewCall(kind, "retry_subprocess", scopeVersion), scope, null));
            case VerbKind.RetryNode:
                return (node, new RetryNode(NewCall(kind, "retry_node", version), random.OnceIn(3) ? NewInputs(definition, random) : null, false));
            case VerbKind.RetryNodeRound:
                return (node, new RetryNode(NewCall(kind, "retry_node", version), null, true));
            case VerbKind.SkipNode:
                return (node, new SkipNode(NewCall(kind, "skip_node", version), false));
            case VerbKind.SkipNodeRound:
                return (node, new SkipNode(NewCall(kind, "skip_node", version), true));
            case VerbKind.SkipExclusiveGateway:
                return (node, new SkipExclusiveGateway(
                    NewCall(kind, "skip_exclusive_gateway", version), definition.Targets.Count == 0 ? "" : random.Draw([.. definition.Targets.Keys])));
            case VerbKind.SkipConditionalParallelGateway:
                List<string> flows = [.. definition.Targets.Keys];
                return (node, new SkipConditionalParallelGateway(
                    NewCall(kind, "skip_conditional_parallel_gateway", version),
                    random.OnceIn(2) ? flows : flows.GetRange(0, Math.Min(1, flows.Count)),
                    random.OnceIn(8) ? "nowhere" : definition.ConvergeGatewayId));
            case VerbKind.ForceFail:
                return (node, new ForceFail(NewCall(kind, "forced_fail_activity", version), "forced"));
            case VerbKind.Callback:
                string[] versions = state is null ? [] : [state.Version, .. state.PastSchedules, "v1"];
                return (node, Callback(kind, versions.Length == 0 || random.OnceIn(6) ? "v1" : random.Draw(versions), null));
            case VerbKind.PauseNode:
                return (node, new PauseNode(NewCall(kind, "pause_node_appoint", version)));
            case VerbKind.ResumeNode:
                // It would strand a failed node for good: the operator does that seldom.
                if (state is { State: NodeStateName.Failed or NodeStateName.Running } && !random.OnceIn(16))
                {
                    return (node, new PauseNode(NewCall(VerbKind.PauseNode, "pause_node_appoint", version)));
                }

                _madeReady.Add(node);
                return (node, new ResumeNode(NewCall(kind, "resume_node_appoint", version)));
            case VerbKind.ResumeNodeAt:
                return (node, new ResumeNode(NewCall(kind, "resume_node_appoint", version), at));
            case VerbKind.CancelNodeResume:
                return (node, new CancelNodeResume(NewCall(kind, "cancel_node_resume", version)));
            case VerbKind.UpdateOutputs:
                return (node, new UpdateOutputs(NewCall(kind, "update_node_outputs", version), Value.Map(("out", $"set {_request}"))));
            case VerbKind.PipelineVerbOfNode:
                return (node, new AskedAsPipeline(NewCall(kind, "pause_pipeline", null)));
            default:
                throw new InvalidOperationException($"unknown verb {kind}");
        }
    }

    // Mostly something that can be done now, but any verb may come at any moment.
    private VerbKind FittingKind(VerbKind kind, SeededRandom random)
    {
        for (int tries = 0; tries < 8 && !random.OnceIn(6); tries++)
        {
            if (Fitting(kind).Count > 0)
            {
                return kind;
            }

            // Revocations stay as seldom as they were drawn.
            VerbKind other = (VerbKind)random.Next(Kinds);
            kind = other == VerbKind.RevokePipeline ? kind : other;
        }

        return kind;
    }

    private static string? Expected(SeededRandom random, string? version) =>
        random.OnceIn(6) ? random.OnceIn(2) ? version : "v0" : null;

    private string ScopeFor(VerbKind kind, SeededRandom random)
    {
        List<string> fitting = IsOfPipelines(kind) ? Fitting(kind) : [];
        return fitting.Count > 0 && !random.OnceIn(5) ? random.Draw(fitting) : random.Draw([.. Definition.Scopes.Keys]);
    }

    // A node at which the verb has something to do, mostly; any other now and then.
    private string NodeFor(VerbKind kind, SeededRandom random)
    {
        List<string> fitting = IsOfPipelines(kind) ? [] : Fitting(kind);
        return fitting.Count > 0 && !random.OnceIn(8)
            ? random.Draw(fitting)
            : random.Draw([.. Definition.Nodes.Values.Where(node => node.Kind != NodeKind.SubProcess).Select(node => node.Id)]);
    }

    private static bool IsOfPipelines(VerbKind kind) => kind is VerbKind.PausePipeline or VerbKind.ResumePipeline or VerbKind.ResumePipelineAt
        or VerbKind.CancelPipelineResume or VerbKind.RevokePipeline or VerbKind.UpdateContext or VerbKind.RetrySubProcess;

    // The pipelines or nodes at which a verb has something to do.
    private List<string> Fitting(VerbKind kind)
    {
        var fitting = new List<string>();
        if (IsOfPipelines(kind))
        {
            foreach ((string id, ScopeState scope) in Auditor.State.Scopes)
            {
                if (Fits(kind, scope))
                {
                    fitting.Add(id);
                }
            }

            return fitting;
        }

        foreach (NodeDefinition node in Definition.Nodes.Values)
        {
            if (node.Kind != NodeKind.SubProcess && Fits(kind, node, Auditor.Node(node.Id)))
            {
                fitting.Add(node.Id);
            }
        }

        return fitting;
    }

    private static bool Fits(VerbKind kind, ScopeState scope) => kind switch
    {
        VerbKind.PausePipeline => scope.State == NodeStateName.Running,
        VerbKind.ResumePipeline or VerbKind.ResumePipelineAt => scope.State == NodeStateName.Suspended,
        VerbKind.CancelPipelineResume => scope.ResumeAt is not null,
        VerbKind.RetrySubProcess => scope.State == NodeStateName.Failed,
        _ => true,
    };

    private static bool Fits(VerbKind kind, NodeDefinition node, NodeState? state) => kind switch
    {
        VerbKind.RetryNode => state?.State == NodeStateName.Failed,
        VerbKind.RetryNodeRound or VerbKind.SkipNodeRound => state?.State == NodeStateName.Failed && node.Loop is not null,
        VerbKind.SkipNode or VerbKind.UpdateOutputs => state?.State == NodeStateName.Failed && node.Kind == NodeKind.ServiceActivity,
        VerbKind.SkipExclusiveGateway => state?.State == NodeStateName.Failed && node.Kind == NodeKind.ExclusiveGateway,
        VerbKind.SkipConditionalParallelGateway => state?.State == NodeStateName.Failed && node.Kind == NodeKind.ConditionalParallelGateway,
        VerbKind.ForceFail => state?.State == NodeStateName.Running && node.Kind == NodeKind.ServiceActivity,
        VerbKind.Callback => state?.Schedule is not null,
        VerbKind.PauseNode => state is null or { State: NodeStateName.Running },
        VerbKind.ResumeNode or VerbKind.ResumeNodeAt => state?.State == NodeStateName.Suspended,
        VerbKind.CancelNodeResume => state?.ResumeAt is not null,
        _ => state is not null,
    };

    private ContextValue ContextValueFor(string scope, SeededRandom random)
    {
        List<string> keys = [.. Auditor.State.ContextOf(scope).Keys];
        string key = keys.Count == 0 || random.OnceIn(6) ? "${nobody}" : random.Draw(keys);
        int type = random.Next(4);
        if (type > 1)
        {
            _setByHand.Add((scope, key));
        }

        return type switch
        {
            0 => new ContextValue(key, ContextValueType.Plain, random.Next(5), null),
            1 => new ContextValue(key, ContextValueType.Plain, "by hand", null),
            2 => new ContextValue(key, ContextValueType.Splice, keys.Count == 0 ? "x" : $"by hand with {random.Draw(keys)}", null),
            _ => new ContextValue(key, ContextValueType.Compute, "by hand", ComponentCodes.Lazy),
        };
    }

    private RawInputs? NewInputs(NodeDefinition node, SeededRandom random) => RawInputs.Parse(
        new Dictionary<string, DataInput>
        {
            ["given"] = new DataInput(true, random.OnceIn(2) ? "by hand" : $"by hand with ${{o_{node.Id}}}"),
        },
        Definition.Settings.Expressions);
}
