namespace BambooOrleans.Components;

/// <summary>What a component sees of the attempt that it runs for.</summary>
public sealed class ComponentContext
{
    /// <summary>The node's id.</summary>
    public required string NodeId { get; init; }

    /// <summary>The node's name, empty where it has none.</summary>
    public required string NodeName { get; init; }

    /// <summary>The version of this attempt, the same when the attempt runs again after a death: the idempotency key.</summary>
    public required string Version { get; init; }

    /// <summary>The id of the root pipeline.</summary>
    public required string RootPipelineId { get; init; }

    /// <summary>The id of the pipeline or sub-process that the node stands in.</summary>
    public required string TopPipelineId { get; init; }

    /// <summary>How many times the node has been entered, from 1.</summary>
    public required int Loop { get; init; }

    /// <summary>How many times the node has been entered since its sub-process was, from 1.</summary>
    public required int InnerLoop { get; init; }

    /// <summary>How many polls and callbacks have been handled before this call, from 0.</summary>
    public int ScheduleTimes { get; init; }

    /// <summary>The root pipeline's data (<c>root_pipeline_data</c>, the parent data of the reference).</summary>
    public required MapValue RootPipelineData { get; init; }

    /// <summary>The rendered inputs. Changes are kept in the execution data (observed).</summary>
    public required MapValue.Builder Inputs { get; init; }

    /// <summary>The outputs; empty at execution, as they were left at a poll or a callback.</summary>
    public required MapValue.Builder Outputs { get; init; }

    /// <summary>The data of the callback that is handled; null at executions and polls.</summary>
    public Value? CallbackData { get; init; }

    /// <summary>Whether <see cref="FinishSchedule"/> was called.</summary>
    public bool IsScheduleFinished { get; private set; }

    /// <summary>Says that a poll or a multiple callback is done: the node finishes after this call, if it succeeds.</summary>
    public void FinishSchedule() => IsScheduleFinished = true;

    /// <summary>An input, or <see cref="Value.Null"/> where there is none.</summary>
    public Value Input(string name) => Inputs.TryGetValue(name, out Value? value) ? value : Value.Null;

    /// <summary>Sets an output.</summary>
    public void SetOutput(string name, Value value) => Outputs[name] = value;
}
