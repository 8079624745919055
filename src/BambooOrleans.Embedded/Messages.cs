using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Embedded;

/// <summary>Something that is put into the reactor's mailbox.</summary>
internal abstract record Message
{
    /// <summary>Tells whoever waits for it that it will not be carried out.</summary>
    public virtual void Fail(Exception failure)
    {
    }
}

/// <summary>A message for one pipeline, which is loaded first where it is not in memory.</summary>
internal abstract record PipelineMessage(string RootId) : Message;

internal sealed record StopMessage : Message;

/// <summary>Nothing to do but what follows every message: so that pipelines leave memory where no other message comes.</summary>
internal sealed record SweepMessage : Message;

internal sealed record CommittedMessage(Commit Commit, Exception? Failure) : Message;

internal sealed record LoadedMessage(string RootId, PipelineInstance? Instance, Exception? Failure, bool IsStoreFailure = false) : Message;

internal sealed record SubmitMessage(
    PipelineDefinition Definition,
    ReadOnlyMemory<byte> Tree,
    ReadOnlyMemory<byte> Options,
    IReadOnlyCollection<string> Ids,
    bool HasSecrets,
    TaskCompletionSource Done) : Message
{
    public override void Fail(Exception failure) => Done.TrySetException(failure);
}

/// <summary>Finished pipelines are to be removed; answers which of them were, the others being in use.</summary>
internal sealed record RemoveMessage(IReadOnlyList<ArchivedRoot> Roots, TaskCompletionSource<IReadOnlyList<ArchivedRoot>> Done) : Message
{
    public override void Fail(Exception failure) => Done.TrySetException(failure);
}

/// <summary>A pipeline that was exported is to be taken in; its ids are held.</summary>
internal sealed record ImportMessage(
    PipelineExport Export, string? Name, bool HasSecrets, IReadOnlyCollection<string> Ids, bool GoesOn, TaskCompletionSource Done) : Message
{
    public override void Fail(Exception failure) => Done.TrySetException(failure);
}

/// <summary>The store failed beside a commit.</summary>
internal sealed record StoreFailedMessage(Exception Failure) : Message;

/// <summary>User code has ended; without an input where it was cut off.</summary>
internal sealed record CallMessage(string RootId, string? NodeId, NodeInput? Node, PipelineInput? Pipeline) : PipelineMessage(RootId);

internal sealed record TimerMessage(TimerEntry Entry) : PipelineMessage(Entry.RootId);

internal sealed record DriveMessage(string RootId) : PipelineMessage(RootId);

internal sealed record AskMessage(string RootId, VerbRequest Request, TaskCompletionSource Done)
    : PipelineMessage(RootId)
{
    public override void Fail(Exception failure) => Done.TrySetException(failure);
}

internal sealed record ReadMessage(string RootId, Action<PipelineInstance> Read, TaskCompletionSource Done) : PipelineMessage(RootId)
{
    public override void Fail(Exception failure) => Done.TrySetException(failure);
}

internal sealed record WatchMessage(string RootId, TaskCompletionSource Done) : PipelineMessage(RootId)
{
    public override void Fail(Exception failure) => Done.TrySetException(failure);
}
