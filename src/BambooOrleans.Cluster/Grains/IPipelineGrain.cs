namespace BambooOrleans.Cluster;

/// <summary>The machine of one root pipeline. The key is its id; one that is keyed by a sub-process's id forwards to its root.</summary>
public interface IPipelineGrain : IGrainWithStringKey
{
    /// <summary>Takes in a pipeline that was checked, and starts it.</summary>
    Task<MachineAnswer> SubmitAsync(Submittal submittal);

    /// <summary>Tells the machine something that a node or user code says.</summary>
    [ResponseTimeout("00:00:15")]
    Task TellAsync(PipelineMessage message);

    /// <summary>Has a verb decided: here, or by the node that it is for. Work that it creates is driven from before the answer on.</summary>
    Task<MachineAnswer> AskAsync(VerbMessage message);

    /// <summary>A node at which a token stands tells how it stands.</summary>
    [ResponseTimeout("00:00:15")]
    Task StandAsync(NodeStanding standing);

    /// <summary>A timer of a node, or of the pipeline or a sub-process, is due.</summary>
    /// <param name="id">The node, or the pipeline or sub-process.</param>
    /// <param name="version">The version of the attempt that set it; null where only the table of timers says that it is due.</param>
    [ResponseTimeout("00:00:15")]
    Task TimerDueAsync(string id, string? version);

    /// <summary>Has the pipeline say again what it is owed, after a death that may have lost it.</summary>
    [ResponseTimeout("00:00:30")]
    Task DriveAsync();

    /// <summary>The pipeline was removed: nothing of it is to stay in memory.</summary>
    Task ForgetAsync();

    /// <summary>Waits until nothing can go on without a call from outside.</summary>
    /// <returns>Whether that is so; false when <paramref name="atMost"/> has passed before.</returns>
    Task<bool> WhenSettledAsync(TimeSpan atMost);
}
