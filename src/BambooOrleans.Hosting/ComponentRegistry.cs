using System.Reflection;
using BambooOrleans.Components;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Hosting;

/// <summary>
/// The user code that pipelines may name: components by code and version, lazy variables and end events by code. Filled
/// before an engine opens, and not changed after.
/// </summary>
public sealed class ComponentRegistry
{
    private readonly Dictionary<(string Code, string Version), Registration> _components = [];
    private readonly Dictionary<string, ObjectFactory> _lazyVariables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ObjectFactory> _endEvents = new(StringComparer.Ordinal);

    /// <summary>The registered components, in order of code and version.</summary>
    public IEnumerable<ComponentAttribute> Components => _components.Values
        .Select(registration => registration.Attribute)
        .OrderBy(attribute => attribute.Code, StringComparer.Ordinal)
        .ThenBy(attribute => attribute.Version, StringComparer.Ordinal);

    /// <summary>Registers a component, lazy variable or end event by its type.</summary>
    /// <exception cref="InvalidArgumentException">The type is none of them, lacks its attribute, or its code is taken.</exception>
    public ComponentRegistry Add<T>() => Add(typeof(T));

    /// <summary>Registers a component, lazy variable or end event by its type.</summary>
    /// <exception cref="InvalidArgumentException">The type is none of them, lacks its attribute, or its code is taken.</exception>
    public ComponentRegistry Add(Type type)
    {
        bool added = type switch
        {
            _ when type.IsAssignableTo(typeof(Component)) && type.GetCustomAttribute<ComponentAttribute>() is { } attribute =>
                _components.TryAdd((attribute.Code, attribute.Version), new Registration(attribute, FactoryOf(type))),
            _ when type.IsAssignableTo(typeof(LazyVariable)) && type.GetCustomAttribute<LazyVariableAttribute>() is { } attribute =>
                _lazyVariables.TryAdd(attribute.Code, FactoryOf(type)),
            _ when type.IsAssignableTo(typeof(EndEvent)) && type.GetCustomAttribute<EndEventAttribute>() is { } attribute =>
                _endEvents.TryAdd(attribute.Code, FactoryOf(type)),
            _ => throw new InvalidArgumentException(
                $"{type.FullName} cannot be registered: it is no component, lazy variable or end event that its attribute names"),
        };
        return added ? this : throw new InvalidArgumentException($"the code of {type.FullName} is registered already");
    }

    /// <summary>Registers every public component, lazy variable and end event of an assembly that has its attribute.</summary>
    /// <exception cref="InvalidArgumentException">A code is taken.</exception>
    public ComponentRegistry AddAssembly(Assembly assembly)
    {
        foreach (Type type in assembly.GetExportedTypes().Where(IsNamed))
        {
            Add(type);
        }

        return this;
    }

    /// <summary>Whether a component of this code and version is registered.</summary>
    public bool HasComponent(string code, string version) => _components.ContainsKey((code, version));

    /// <summary>Whether any version of a component is registered.</summary>
    public bool HasComponent(string code) => _components.Keys.Any(key => key.Code == code);

    /// <summary>Whether a lazy variable of this code is registered.</summary>
    public bool HasLazyVariable(string code) => _lazyVariables.ContainsKey(code);

    /// <summary>Whether an executable end event of this code is registered.</summary>
    public bool HasEndEvent(string code) => _endEvents.ContainsKey(code);

    /// <summary>How a component goes on after its execution; null where it is not registered, or cannot be made.</summary>
    /// <param name="code">Its code.</param>
    /// <param name="version">Its version.</param>
    /// <param name="services">Where it gets what its constructor asks for.</param>
    public Schedule? ScheduleOf(string code, string version, IServiceProvider services)
    {
        try
        {
            return CreateComponent(code, version, services)?.Schedule;
        }
        catch (Exception)
        {
            // Constructors are user code.
            return null;
        }
    }

    /// <summary>The inputs that a component declares; none where it is not registered, or cannot be made.</summary>
    /// <param name="code">Its code.</param>
    /// <param name="version">Its version.</param>
    /// <param name="services">Where it gets what its constructor asks for.</param>
    public IReadOnlyList<FieldDeclaration> InputsOf(string code, string version, IServiceProvider services)
    {
        try
        {
            return CreateComponent(code, version, services)?.Inputs ?? [];
        }
        catch (Exception)
        {
            // Constructors are user code.
            return [];
        }
    }

    internal Component? CreateComponent(string code, string version, IServiceProvider services) =>
        _components.TryGetValue((code, version), out Registration? registration)
            ? (Component)registration.Factory(services, [])
            : null;

    internal LazyVariable? CreateLazyVariable(string code, IServiceProvider services) =>
        _lazyVariables.TryGetValue(code, out ObjectFactory? factory) ? (LazyVariable)factory(services, []) : null;

    internal EndEvent? CreateEndEvent(string code, IServiceProvider services) =>
        _endEvents.TryGetValue(code, out ObjectFactory? factory) ? (EndEvent)factory(services, []) : null;

    private static bool IsNamed(Type type) => !type.IsAbstract
        && (type.IsDefined(typeof(ComponentAttribute), inherit: false)
            || type.IsDefined(typeof(LazyVariableAttribute), inherit: false)
            || type.IsDefined(typeof(EndEventAttribute), inherit: false));

    private static ObjectFactory FactoryOf(Type type) => ActivatorUtilities.CreateFactory(type, []);

    private sealed record Registration(ComponentAttribute Attribute, ObjectFactory Factory);
}
