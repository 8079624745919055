using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Nodes;

/// <summary>An activity: renders its inputs, runs its component, polls or takes callbacks, and reports its outputs.</summary>
internal sealed class ServiceActivityNode : HydratingNode
{
    private const string LoopKey = "_loop";
    private const string InnerLoopKey = "_inner_loop";

    public static ServiceActivityNode Instance { get; } = new();

    public static void BeginExecution(NodeMachine machine, MapValue? inputs, Turn turn)
    {
        machine.Raise(new NodeExecutionBegan { Time = turn.Now, Owner = turn.Host, Inputs = inputs }, turn);
        turn.Effects.Add(new ExecuteComponent(
            CallOf(machine), machine.Running.RunningInputs ?? MapValue.Empty, IsRecovery: inputs is null));
    }

    public static void BeginPoll(NodeMachine machine, Turn turn)
    {
        machine.Raise(new NodePollBegan { Time = turn.Now, Owner = turn.Host }, turn);
        NodeState state = machine.Running;
        NodeSchedule schedule = state.Schedule!;
        turn.Effects.Add(new PollComponent(
            CallOf(machine),
            schedule.Kind,
            schedule.Times,
            state.Inputs ?? MapValue.Empty,
            state.Outputs ?? MapValue.Empty,
            schedule.Kind == ScheduleKind.Poll ? null : schedule.Pending[0]));
    }

    public static void Executed(NodeMachine machine, Executed input, Turn turn)
    {
        if (!input.Outcome.IsSuccess)
        {
            EndFailed(machine, input.Outcome, endsPoll: false, turn);
        }
        else if (input.Schedule == ScheduleKind.None)
        {
            EndFinished(machine, WithRound(machine, input.Outcome), endsPoll: false, turn);
        }
        else
        {
            machine.Raise(
                new NodeScheduled
                {
                    Time = turn.Now,
                    Kind = input.Schedule,
                    Deadline = input.Schedule == ScheduleKind.Poll ? null : input.CallbackWithin is { } within ? After(turn.Now, within) : null,
                    Inputs = ChangedInputs(machine, input.Outcome),
                    Outputs = input.Outcome.Outputs,
                },
                turn);

            // The first poll is immediate, whatever the interval (observed).
            if (input.Schedule == ScheduleKind.Poll)
            {
                BeginPoll(machine, turn);
            }
            else
            {
                SetTimerIfNeeded(machine, turn);
            }
        }
    }

    /// <summary>Fails a node whose callbacks have not come in time.</summary>
    public static void MissDeadline(NodeMachine machine, Turn turn)
    {
        NodeState state = machine.Running;
        string cause = $"no callback came by {ApiTime.Text(state.Schedule!.Deadline)}";
        machine.End(
            new NodeFailed
            {
                Time = turn.Now,
                Outputs = (state.Outputs ?? MapValue.Empty).With("ex_data", cause).With("_result", false),
                MissesDeadline = true,
                Report = new NodeReport { Outcome = NodeOutcome.Failed, Cause = cause },
            },
            turn);
    }

    public static void Polled(NodeMachine machine, Polled input, Turn turn)
    {
        ScheduleKind kind = machine.Running.Schedule!.Kind;
        if (!input.Outcome.IsSuccess)
        {
            EndFailed(machine, input.Outcome, endsPoll: true, turn);
        }
        else if (kind == ScheduleKind.Callback || input.IsDone)
        {
            EndFinished(machine, input.Outcome, endsPoll: true, turn);
        }
        else
        {
            DateTimeOffset? due = kind == ScheduleKind.Poll ? After(turn.Now, input.NextAfter) : null;
            machine.Raise(
                new NodePolled { Time = turn.Now, Inputs = ChangedInputs(machine, input.Outcome), Outputs = input.Outcome.Outputs, Due = due },
                turn);
            if (due <= turn.Now || machine.Running.Schedule!.Pending.Count > 0)
            {
                BeginPoll(machine, turn);
            }
            else
            {
                SetTimerIfNeeded(machine, turn);
            }
        }
    }

    // The loop numbers count as context values while the inputs are rendered, where an output of that name goes to the context (observed).
    protected override IReadOnlyDictionary<string, ContextEntry> SliceOf(NodeMachine machine, Enter input)
    {
        IReadOnlyDictionary<string, string> keys = machine.Definition.OutputKeys;
        if (!keys.ContainsKey(LoopKey) && !keys.ContainsKey(InnerLoopKey))
        {
            return input.Slice;
        }

        var slice = new Dictionary<string, ContextEntry>(input.Slice, StringComparer.Ordinal);
        Put(LoopKey, Shown(machine, machine.Running.Loop));
        Put(InnerLoopKey, Shown(machine, machine.Running.InnerLoop));
        return slice;

        void Put(string output, int number)
        {
            if (keys.TryGetValue(output, out string? key))
            {
                slice[key] = new ContextEntry(key, ContextValueType.Plain, number);
            }
        }
    }

    protected override void Proceed(NodeMachine machine, Enter input, IReadOnlyDictionary<string, Value> values, Turn turn) =>
        BeginExecution(
            machine,
            input.Inputs.Render(
                values,
                (LoopKey, Shown(machine, machine.Running.Loop)),
                (InnerLoopKey, Shown(machine, machine.Running.InnerLoop))),
            turn);

    // FAILED even where errors are passed over; the recorded inputs are the raw ones, and nothing is extracted (observed).
    protected override void Fail(NodeMachine machine, Enter input, string cause, Turn turn) => machine.End(
        new NodeFailed
        {
            Time = turn.Now,
            Inputs = input.Inputs.AsWritten(),
            Outputs = Value.Map(
                ("ex_data", $"inputs hydrate failed({cause}), check node log for details"),
                ("_result", false),
                (LoopKey, machine.Running.Loop),
                (InnerLoopKey, machine.Running.InnerLoop)),
            Report = new NodeReport { Outcome = NodeOutcome.Failed },
        },
        turn);

    // An interval is user code's to choose: one that leads past the end of time waits until there.
    private static DateTimeOffset After(DateTimeOffset now, TimeSpan wait) =>
        wait < DateTimeOffset.MaxValue - now ? now + wait : DateTimeOffset.MaxValue;

    private static void SetTimerIfNeeded(NodeMachine machine, Turn turn)
    {
        if (machine.Running.NextTimer is { } due)
        {
            turn.Effects.Add(new SetTimer(machine.Definition.Id, machine.Running.Version, due));
        }
    }

    private static int Shown(NodeMachine machine, int loop) => loop + machine.Settings.RerunIndexOffset;

    private static ComponentCall CallOf(NodeMachine machine)
    {
        NodeDefinition node = machine.Definition;
        NodeState state = machine.Running;
        string? afterFailure = AfterFailure(node, state.InnerLoop);
        return new ComponentCall(
            node,
            state.Version,
            state.Loop,
            state.InnerLoop,
            PassesFailureOver: afterFailure is not null,
            LeavesOnSuccess: node.NextInLoop(state.InnerLoop) != node.Id,
            LeavesOnFailure: afterFailure is not null && afterFailure != node.Id);
    }

    // Where a failure that is passed over leads; null where it is not. An ignorable error leaves the node's own loop at once.
    private static string? AfterFailure(NodeDefinition node, int innerLoop) =>
        node.ErrorIgnorable ? node.FirstTarget
        : node.Loop is { LoopTimes: > 0, FailSkip: true } ? node.NextInLoop(innerLoop)
        : null;

    private static void EndFinished(NodeMachine machine, CallOutcome outcome, bool endsPoll, Turn turn) => Finish(
        machine, outcome, machine.Definition.NextInLoop(machine.Running.InnerLoop), errorIgnored: false, endsPoll, turn);

    private static void EndFailed(NodeMachine machine, CallOutcome outcome, bool endsPoll, Turn turn)
    {
        if (AfterFailure(machine.Definition, machine.Running.InnerLoop) is { } next)
        {
            Finish(machine, outcome, next, errorIgnored: true, endsPoll, turn);
            return;
        }

        machine.End(
            new NodeFailed
            {
                Time = turn.Now,
                Inputs = ChangedInputs(machine, outcome),
                Outputs = outcome.Outputs,
                EndsPoll = endsPoll,

                // What a failed node gave goes to the context too (observed).
                Report = ReportOf(outcome) with { Outcome = NodeOutcome.Failed },
            },
            turn);
    }

    private static void Finish(
        NodeMachine machine, CallOutcome outcome, string next, bool errorIgnored, bool endsPoll, Turn turn) => machine.End(
        new NodeFinished
        {
            Time = turn.Now,
            Inputs = ChangedInputs(machine, outcome),
            Outputs = outcome.Outputs,
            ErrorIgnored = errorIgnored,
            EndsPoll = endsPoll,
            Report = ReportOf(outcome) with { Next = [next] },
        },
        turn);

    // What a round of the node's own loop adds to its list stands in the recorded outputs too, but only after an execution
    // that succeeded without a schedule (observed).
    private static CallOutcome WithRound(NodeMachine machine, CallOutcome outcome)
    {
        if (machine.Definition.Loop is null)
        {
            return outcome;
        }

        MapValue context = LoopRound.AddTo(outcome.ContextOutputs);
        return outcome with
        {
            ContextOutputs = context,
            Outputs = ReferenceEquals(outcome.ContextOutputs, outcome.Outputs) ? context : LoopRound.AddTo(outcome.Outputs),
        };
    }

    private static NodeReport ReportOf(CallOutcome outcome) => new()
    {
        Outcome = NodeOutcome.Finished,
        ExtractsOutputs = true,
        Outputs = ReferenceEquals(outcome.ContextOutputs, outcome.Outputs) ? null : outcome.ContextOutputs,
    };

    // Inputs that the component left as they were need not be written again.
    private static MapValue? ChangedInputs(NodeMachine machine, CallOutcome outcome) =>
        ReferenceEquals(outcome.Inputs, machine.Running.RunningInputs ?? machine.Running.Inputs) ? null : outcome.Inputs;
}
