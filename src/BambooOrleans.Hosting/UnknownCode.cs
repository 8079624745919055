using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Hosting;

/// <summary>Finds what a pipeline names and nobody registered, before it is stored.</summary>
public static class UnknownCode
{
    /// <exception cref="UnknownCodeException">A component, lazy variable or end event is not registered.</exception>
    public static void Check(PipelineDefinition definition, ComponentRegistry registry)
    {
        foreach (NodeDefinition node in definition.Nodes.Values)
        {
            if (node.Kind == NodeKind.ServiceActivity && !registry.HasComponent(node.Code, node.ComponentVersion))
            {
                throw new UnknownCodeException("component.unknown", registry.HasComponent(node.Code)
                    ? $"the component {node.Code} of {node.Id} has no version {node.ComponentVersion}"
                    : $"the component {node.Code} of {node.Id} is not registered");
            }

            if (node.Kind == NodeKind.ExecutableEndEvent && !registry.HasEndEvent(node.Code))
            {
                throw new UnknownCodeException("end-event.unknown", $"the end event {node.Code} of {node.Id} is not registered");
            }
        }

        foreach (ScopeDefinition scope in definition.Scopes.Values)
        {
            foreach (ContextEntry entry in scope.InitialContext)
            {
                if (entry.Type == ContextValueType.Compute && !registry.HasLazyVariable(entry.Code ?? ""))
                {
                    throw new UnknownCodeException(
                        "lazy-variable.unknown", $"the lazy variable {entry.Code} of {entry.Key} in {scope.Id} is not registered");
                }
            }
        }
    }
}

/// <summary>A pipeline names user code that nobody registered.</summary>
/// <param name="code">Which kind of code it is.</param>
/// <param name="message">What it is, and where.</param>
public sealed class UnknownCodeException(string code, string message) : BambooException(code, message);
