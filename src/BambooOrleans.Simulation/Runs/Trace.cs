using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Simulation.Hosts;

namespace BambooOrleans.Simulation.Runs;

/// <summary>What happened in a run, a line each.</summary>
internal sealed class Trace
{
    public List<string> Lines { get; } = [];

    public void Line(string line) => Lines.Add($"-- {line}");

    public void Input(DateTimeOffset now, string host, Mail mail) =>
        Lines.Add($"{now:mm:ss.fff} {host} {mail.To} <- {Text(mail.Input)} from {mail.From}");

    public void Outcome(Turn turn, NodeMachine? node)
    {
        foreach (MachineEvent item in turn.Events)
        {
            Lines.Add($"    {Text(item)}");
        }

        if (node?.State is { } state && turn.Events.Count > 0)
        {
            Lines.Add($"    = {state.State} {state.Phase} {state.Version} step {state.Step} attempt {state.Attempt} loop {state.Loop}");
        }
    }

    private static string Text(object input) => input switch
    {
        Enter enter => $"Enter {enter.Token} step {enter.Step} attempt {enter.Attempt} run {enter.Run}",
        NodeReported reported => $"NodeReported {reported.NodeId} {reported.Token} step {reported.Step} attempt {reported.Attempt} {reported.Report.Outcome}",
        NodeReady ready => $"NodeReady {ready.NodeId} {ready.Token} step {ready.Step} attempt {ready.Attempt}",
        Executed executed => $"Executed {executed.Version} {(executed.Outcome.IsSuccess ? "well" : "badly")} {executed.Schedule}",
        Polled polled => $"Polled {polled.Version} {(polled.Outcome.IsSuccess ? "well" : "badly")}{(polled.IsDone ? " and done" : "")}",
        Hydrated hydrated => $"Hydrated {hydrated.Version} {hydrated.Error}",
        ScopeHydrated hydrated => $"ScopeHydrated {hydrated.ScopeId} {hydrated.Version} {hydrated.Error}",
        _ => input.ToString()!,
    };

    private static string Text(MachineEvent item) => item switch
    {
        NodeHistoryAdded or ScopeHistoryAdded => item.GetType().Name,
        NodeStarted started => $"NodeStarted {started.Version} loop {started.Loop} inner loop {started.InnerLoop}{(started.IsReentry ? ", again" : "")}",
        NodeExecutionBegan began => $"NodeExecutionBegan on {began.Owner} {(began.Inputs is null ? "again" : $"with {began.Inputs}")}",
        NodeScheduled scheduled => $"NodeScheduled {scheduled.Kind} {scheduled.Outputs}{(scheduled.Deadline is { } deadline ? $" until {deadline:mm:ss.fff}" : "")}",
        NodePolled polled => $"NodePolled {polled.Outputs}{(polled.Due is { } due ? $", next at {due:mm:ss.fff}" : "")}",
        NodeFinished finished => $"NodeFinished to {string.Join(", ", finished.Report.Next)} {finished.Outputs}{(finished.ErrorIgnored ? ", error passed over" : "")}",
        NodeFailed failed => $"NodeFailed {failed.Outputs} {failed.Report.Cause}",
        NodeSkipped skipped => $"NodeSkipped {skipped.Version} to {string.Join(", ", skipped.Next)}",
        NodeRetried retried => $"NodeRetried {retried.Version}",
        NodeVerbTaken taken => $"NodeVerbTaken {taken.Verb} request {taken.Reason}",
        PipelineVerbTaken taken => $"PipelineVerbTaken {taken.Verb} of {taken.ScopeId} request {taken.Reason}",
        ScopeEntered entered => $"ScopeEntered {entered.ScopeId} {entered.Version} loop {entered.Loop}{(entered.IsReentry ? ", again" : "")}",
        ScopeOpened opened => $"ScopeOpened {opened.ScopeId} with {opened.Inputs}",
        ScopeFailed failed => $"ScopeFailed {failed.ScopeId} {failed.ExData}",
        ScopeFinished finished => $"ScopeFinished {finished.ScopeId} {finished.Outputs}",
        PipelineStarted started => $"PipelineStarted {started.RootId} {started.Version}",
        PipelineFinished finished => $"PipelineFinished {finished.RootId} {finished.Outputs}",
        ContextReplaced replaced => $"ContextReplaced {replaced.ScopeId} {string.Join(", ", replaced.Entries.Select(entry => $"{entry.Key} = {entry.Type} {entry.Value}"))}",
        TokenMoved { Token: var token } => $"TokenMoved {token.Id} to {token.Node} step {token.Step} {token.Phase}",
        TokenForked forked => $"TokenForked {forked.Token} into {string.Join(", ", forked.Children.Select(child => child.Id))}",
        _ => item.ToString()!,
    };
}
