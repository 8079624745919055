using System.Text.Json.Serialization;
using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Core.Machines.Events;

/// <summary>A root pipeline went RUNNING.</summary>
public sealed record PipelineStarted : PipelineEvent
{
    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The root's id.</summary>
    public required string RootId { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>Who submitted it; null where that was not said.</summary>
    public string? Operator { get; init; }

    /// <summary>Why; null where that was not said.</summary>
    public string? Reason { get; init; }

    internal override void Apply(PipelineState state)
    {
        state.Scopes[RootId] = new ScopeState
        {
            State = NodeStateName.Running,
            Version = Version,
            Loop = 1,
            InnerLoop = 1,
            CreatedTime = Time,
            StartedTime = Time,
            Run = 1,
        };
        state.ChangeScope(RootId);
    }
}

/// <summary>A root pipeline went FINISHED.</summary>
public sealed record PipelineFinished : PipelineEvent
{
    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The root's id.</summary>
    public required string RootId { get; init; }

    /// <summary>The pipeline's outputs.</summary>
    public required MapValue Outputs { get; init; }

    internal override void Apply(PipelineState state) => ScopeFinished.Finish(state, RootId, Outputs, Time);
}

/// <summary>A sub-process went RUNNING; its params are not rendered yet.</summary>
public sealed record ScopeEntered : PipelineEvent
{
    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The sub-process.</summary>
    public required string ScopeId { get; init; }

    /// <summary>The version of the attempt.</summary>
    public required string Version { get; init; }

    /// <summary>The loop, from 1.</summary>
    public required int Loop { get; init; }

    /// <summary>The inner loop, from 1.</summary>
    public required int InnerLoop { get; init; }

    /// <summary>The run of the scope around it.</summary>
    public required int ParentRun { get; init; }

    /// <summary>Whether it was finished before, so that skip and retry are reset.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsReentry { get; init; }

    internal override void Apply(PipelineState state)
    {
        if (!state.Scopes.TryGetValue(ScopeId, out ScopeState? scope))
        {
            state.Scopes[ScopeId] = scope = new ScopeState { CreatedTime = Time };
        }

        state.ChangeScope(ScopeId);
        scope.State = NodeStateName.Running;
        scope.Version = Version;
        scope.Loop = Loop;
        scope.InnerLoop = InnerLoop;
        scope.ParentRun = ParentRun;
        scope.Run++;
        scope.StartedTime = Time;
        if (IsReentry)
        {
            scope.Skip = false;
            scope.Retry = 0;
        }
    }
}

/// <summary>An attempt of a sub-process that a re-entry or a retry ends was kept.</summary>
public sealed record ScopeHistoryAdded : PipelineEvent
{
    /// <summary>The entry.</summary>
    public required NodeHistory Entry { get; init; }

    internal override void Apply(PipelineState state) => state.ChangeScope(Entry.NodeId).HistoryCount = Entry.Id;
}

/// <summary>The params of a sub-process were rendered and put into its context.</summary>
public sealed record ScopeOpened : PipelineEvent
{
    /// <summary>The sub-process.</summary>
    public required string ScopeId { get; init; }

    /// <summary>The rendered params, by context key.</summary>
    public required MapValue Inputs { get; init; }

    internal override void Apply(PipelineState state)
    {
        state.ChangeScope(ScopeId).Inputs = Inputs;
        foreach ((string key, Value value) in Inputs)
        {
            state.ChangeContext(ScopeId, key, value);
        }
    }
}

/// <summary>The params of a sub-process could not be rendered.</summary>
public sealed record ScopeFailed : PipelineEvent
{
    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The sub-process.</summary>
    public required string ScopeId { get; init; }

    /// <summary>Why.</summary>
    public required string ExData { get; init; }

    internal override void Apply(PipelineState state)
    {
        ScopeState scope = state.ChangeScope(ScopeId);
        scope.State = NodeStateName.Failed;
        scope.ArchivedTime = Time;
        scope.Inputs ??= MapValue.Empty;
        scope.Outputs = (scope.Outputs ?? MapValue.Empty).With("ex_data", ExData);
    }
}

/// <summary>A sub-process went FINISHED.</summary>
public sealed record ScopeFinished : PipelineEvent
{
    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The sub-process.</summary>
    public required string ScopeId { get; init; }

    /// <summary>Its outputs.</summary>
    public required MapValue Outputs { get; init; }

    internal override void Apply(PipelineState state) => Finish(state, ScopeId, Outputs, Time);

    internal static void Finish(PipelineState state, string scopeId, MapValue outputs, DateTimeOffset time)
    {
        ScopeState scope = state.ChangeScope(scopeId);
        scope.State = NodeStateName.Finished;
        scope.ArchivedTime = time;
        scope.Inputs ??= MapValue.Empty;
        scope.Outputs = outputs;
    }
}

/// <summary>Values of a context were set. They are plain from then on (observed).</summary>
public sealed record ContextChanged : PipelineEvent
{
    /// <summary>The root pipeline or sub-process.</summary>
    public required string ScopeId { get; init; }

    /// <summary>The values by context key.</summary>
    public required MapValue Values { get; init; }

    internal override void Apply(PipelineState state)
    {
        foreach ((string key, Value value) in Values)
        {
            state.ChangeContext(ScopeId, key, value);
        }
    }
}

/// <summary>A token came to a node.</summary>
public sealed record TokenMoved : PipelineEvent
{
    /// <summary>The token, where it is now.</summary>
    public required Token Token { get; init; }

    internal override void Apply(PipelineState state) => state.Set(Token);
}

/// <summary>A token forked at a gateway, and waits for the tokens that it made.</summary>
public sealed record TokenForked : PipelineEvent
{
    /// <summary>The token that forked.</summary>
    public required string Token { get; init; }

    /// <summary>The gateway at which the branches meet.</summary>
    public required string Destination { get; init; }

    /// <summary>The tokens that it made.</summary>
    public required IReadOnlyList<Token> Children { get; init; }

    internal override void Apply(PipelineState state)
    {
        Token parent = state.Tokens[Token];
        state.Set(parent with { Phase = TokenPhase.Joining, Awaited = Children.Count, ArrivedStep = parent.Step });
        foreach (Token child in Children)
        {
            state.Set(child);
        }
    }
}

/// <summary>A forked token arrived at its destination, and ended there.</summary>
public sealed record TokenArrived : PipelineEvent
{
    /// <summary>The token.</summary>
    public required string Token { get; init; }

    internal override void Apply(PipelineState state)
    {
        Token child = state.Tokens[Token];
        Token parent = state.Tokens[child.Parent!];
        state.Remove(Token);
        state.Set(parent with { Awaited = parent.Awaited - 1, ArrivedStep = Math.Max(parent.ArrivedStep, child.Step) });
    }
}

/// <summary>A pause holds a token before its node.</summary>
public sealed record TokenHeld : PipelineEvent
{
    /// <summary>The token.</summary>
    public required string Token { get; init; }

    /// <summary>The pipeline or node that is paused.</summary>
    public required string By { get; init; }

    internal override void Apply(PipelineState state) =>
        state.Set(state.Tokens[Token] with { Phase = TokenPhase.Held, Owner = null, HeldBy = By });
}

/// <summary>A token sleeps at its node: the node failed, or could not be entered.</summary>
public sealed record TokenSlept : PipelineEvent
{
    /// <summary>The token.</summary>
    public required string Token { get; init; }

    /// <summary>The attempt that failed.</summary>
    public required int Attempt { get; init; }

    /// <summary>How many of the outputs that an operator set at the node have gone to the context.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int UpdatesHeard { get; init; }

    internal override void Apply(PipelineState state) => state.Set(
        state.Tokens[Token] with { Phase = TokenPhase.Asleep, Owner = null, Attempt = Attempt, UpdatesHeard = UpdatesHeard });
}

/// <summary>A token ended: its pipeline finished, or was revoked.</summary>
public sealed record TokenEnded : PipelineEvent
{
    /// <summary>The token.</summary>
    public required string Token { get; init; }

    internal override void Apply(PipelineState state)
    {
        string? parent = state.Tokens[Token].Parent;
        state.Remove(Token);
        if (parent is not null)
        {
            state.Set(state.Tokens[parent] with { Awaited = state.Tokens[parent].Awaited - 1 });
        }
    }
}

/// <summary>A token stands ready before its node again: a pause ended, or the node was retried.</summary>
public sealed record TokenWoken : PipelineEvent
{
    /// <summary>The token.</summary>
    public required string Token { get; init; }

    /// <summary>The attempt that is to come.</summary>
    public required int Attempt { get; init; }

    internal override void Apply(PipelineState state) => state.Set(
        state.Tokens[Token] with { Phase = TokenPhase.Entered, Owner = null, HeldBy = null, Attempt = Attempt, UpdatesHeard = 0 });
}
