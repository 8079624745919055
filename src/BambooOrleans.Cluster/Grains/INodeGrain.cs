namespace BambooOrleans.Cluster;

/// <summary>The machine of one node. The key is the node's id.</summary>
/// <remarks>
/// A call ends when what it led to is durable in the grain's own state. One that fails or times out has an unknown outcome and
/// is made again; the machine makes the repetition harmless.
/// </remarks>
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Tells the machine something: a pipeline, or user code that has ended.</summary>
    [ResponseTimeout("00:00:15")]
    Task TellAsync(NodeMessage message);

    /// <summary>Has the machine decide about a verb; the answer is durable, and readers see it.</summary>
    /// <param name="message">The verb.</param>
    /// <param name="request">The number of the request that the verb carries.</param>
    Task<MachineAnswer> AskAsync(NodeMessage message, long request);

    /// <summary>
    /// Ends when the pipeline has heard everything that the node decided, what it may not have said before its silo died too:
    /// asked of nodes that verbs went to.
    /// </summary>
    [ResponseTimeout("00:00:15")]
    Task ResendAsync(string rootId);

    /// <summary>The node's pipeline was removed: nothing of it is to stay in memory.</summary>
    Task ForgetAsync();
}
