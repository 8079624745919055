using System.Reflection;
using System.Text.Json;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Tests;

/// <summary>
/// Makes objects with every member set, by reflection, all to different values: no member has its default, so that none can
/// come back right by chance.
/// </summary>
internal sealed class FilledObjects
{
    private readonly Stack<Type> _filling = new();
    private int _number;

    /// <summary>An object with all its members, to be compared.</summary>
    public static string Shown(object item) => JsonSerializer.Serialize(item, item.GetType());

    /// <summary>An object of a type, or of the first constructor of it.</summary>
    public object Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        int number = ++_number;
        return type switch
        {
            _ when type == typeof(string) => $"text {number} \"ü\"",
            _ when type == typeof(int) => number,
            _ when type == typeof(long) => (long)number,
            _ when type == typeof(bool) => true,
            _ when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch.AddSeconds(number).AddTicks(number),
            _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(number),
            _ when type == typeof(MapValue) => Value.Map(("key", number)),
            _ when type == typeof(Value) => (Value)number,
            _ when type.IsEnum => Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!,
            _ when type.IsAssignableFrom(typeof(List<string>)) => new List<string> { $"item {number}" },
            _ when type.IsAssignableFrom(typeof(List<Value>)) => new List<Value> { number },
            _ when type.IsAssignableFrom(typeof(List<MapValue>)) => new List<MapValue> { Value.Map(("key", number)) },
            _ when type.IsAssignableFrom(typeof(Dictionary<string, DataInput>)) =>
                new Dictionary<string, DataInput> { ["input"] = new(true, number) },
            _ when type.IsAssignableFrom(typeof(List<ContextValue>)) =>
                new List<ContextValue> { new($"${{key{number}}}", ContextValueType.Compute, number, "code") },
            _ when type.IsAssignableFrom(typeof(Dictionary<string, Value>)) => new Dictionary<string, Value> { ["name"] = number },
            _ when type.IsAssignableFrom(typeof(Dictionary<string, ContextEntry>)) => new Dictionary<string, ContextEntry>
            {
                ["${a}"] = new("${a}", ContextValueType.Compute, $"text {number} ${{b}}", "code", ["${b}"]),
            },
            _ when type == typeof(RawInputs) => RawInputs.Parse(
                new Dictionary<string, DataInput> { ["x"] = new(true, $"${{a}} {number}"), ["y"] = new(false, "${a}") }, ExpressionOptions.Default),
            _ => FilledObject(type),
        };
    }

    private object FilledObject(Type type)
    {
        ConstructorInfo constructor = type.GetConstructors().OrderBy(constructor => constructor.GetParameters().Length).First();
        _filling.Push(type);
        object item = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Of(parameter.ParameterType))]);
        foreach (PropertyInfo property in type.GetProperties().Where(property => property.SetMethod is not null))
        {
            // A type within itself, as the report of a failure in that of a skip, is filled one level deep.
            if (_filling.Count(filling => filling == property.PropertyType) < 2)
            {
                property.SetValue(item, Of(property.PropertyType));
            }
        }

        _filling.Pop();
        return item;
    }
}
