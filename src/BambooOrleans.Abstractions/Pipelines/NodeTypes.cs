namespace BambooOrleans.Pipelines;

/// <summary>The values of a node's <c>type</c> in a pipeline tree.</summary>
public static class NodeTypes
{
    /// <summary>An activity that runs a component.</summary>
    public const string ServiceActivity = nameof(ServiceActivity);

    /// <summary>An activity that runs a nested pipeline.</summary>
    public const string SubProcess = nameof(SubProcess);

    /// <summary>A gateway that takes one branch.</summary>
    public const string ExclusiveGateway = nameof(ExclusiveGateway);

    /// <summary>A gateway that takes every branch at once.</summary>
    public const string ParallelGateway = nameof(ParallelGateway);

    /// <summary>A gateway that takes, at once, every branch whose condition is met.</summary>
    public const string ConditionalParallelGateway = nameof(ConditionalParallelGateway);

    /// <summary>The gateway where the branches of a parallel gateway meet.</summary>
    public const string ConvergeGateway = nameof(ConvergeGateway);

    /// <summary>The event at which a pipeline starts.</summary>
    public const string EmptyStartEvent = nameof(EmptyStartEvent);

    /// <summary>The event at which a pipeline ends. Any other type of end event is an executable one, and the type is its code.</summary>
    public const string EmptyEndEvent = nameof(EmptyEndEvent);
}
