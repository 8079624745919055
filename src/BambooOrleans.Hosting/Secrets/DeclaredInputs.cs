using System.Collections.Concurrent;
using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting;

/// <summary>The inputs that components declare, asked of each component once.</summary>
/// <param name="registry">The components.</param>
/// <param name="services">Where their constructors get what they ask for.</param>
internal sealed class DeclaredInputs(ComponentRegistry registry, IServiceProvider services)
{
    private readonly ConcurrentDictionary<(string Code, string Version), IReadOnlyList<FieldDeclaration>> _inputs = new();

    /// <summary>The inputs of a component; none for one that declares none, is not registered, or cannot be made.</summary>
    public IReadOnlyList<FieldDeclaration> Of(string code, string version) => !registry.HasComponent(code, version)
        ? []
        : _inputs.GetOrAdd((code, version), component => registry.InputsOf(component.Code, component.Version, services));

    /// <summary>The inputs of a node that its component declares as secret.</summary>
    public IEnumerable<string> SecretsOf(NodeDefinition node) => node.Kind != NodeKind.ServiceActivity
        ? []
        : Of(node.Code, node.ComponentVersion).Where(input => input.IsSecret).Select(input => input.Name);
}
