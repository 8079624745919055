namespace BambooOrleans.Components;

/// <summary>User code that computes a lazy variable. Derive, name it with <see cref="LazyVariableAttribute"/>, and register it.</summary>
public abstract class LazyVariable
{
    /// <summary>Computes the value. A throw fails the node that needs it.</summary>
    /// <param name="context">The variable's rendered value and where it stands.</param>
    /// <param name="cancellationToken">Cancelled when the time limit passes or the engine closes.</param>
    public abstract Task<Value> GetAsync(LazyVariableContext context, CancellationToken cancellationToken);
}

/// <summary>What a lazy variable sees.</summary>
/// <param name="Key">The variable's context key, <c>${name}</c>.</param>
/// <param name="Value">The variable's value, its templates rendered.</param>
/// <param name="RootPipelineData">The root pipeline's data.</param>
public sealed record LazyVariableContext(string Key, Value Value, MapValue RootPipelineData);

/// <summary>Gives a lazy variable its code, the <c>custom_type</c> of trees.</summary>
/// <param name="code">The code.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class LazyVariableAttribute(string code) : Attribute
{
    /// <summary>The code by which trees name it.</summary>
    public string Code { get; } = code;
}

/// <summary>User code that an executable end event runs. Derive, name it with <see cref="EndEventAttribute"/>, and register it.</summary>
public abstract class EndEvent
{
    /// <summary>Does the work. A throw fails the end event, which can be retried.</summary>
    /// <param name="pipelineStack">The ids of the root pipeline and of the sub-processes around the event, root first.</param>
    /// <param name="rootPipelineId">The id of the root pipeline.</param>
    /// <param name="cancellationToken">Cancelled when the time limit passes or the engine closes.</param>
    public abstract Task ExecuteAsync(
        IReadOnlyList<string> pipelineStack, string rootPipelineId, CancellationToken cancellationToken);
}

/// <summary>Gives an executable end event its code, the <c>type</c> of the end event in trees.</summary>
/// <param name="code">The code.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EndEventAttribute(string code) : Attribute
{
    /// <summary>The code by which trees name it.</summary>
    public string Code { get; } = code;
}
