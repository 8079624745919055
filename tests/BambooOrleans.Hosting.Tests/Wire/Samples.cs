using System.Reflection;
using BambooOrleans.Pipelines;
using BambooOrleans.Tests;

namespace BambooOrleans.Hosting.Tests.Wire;

/// <summary>
/// Arguments and data of every type in the Engine API: full ones, in which every member has a value unlike its default and
/// unlike the others, and sparse ones, in which all that may be missing is.
/// </summary>
internal sealed class Samples(bool full)
{
    private static readonly NullabilityInfoContext Nullability = new();
    private int _made;

    /// <summary>A parameter's value; the token is never one that is cancelled.</summary>
    public object? Of(ParameterInfo parameter)
    {
        if (parameter.ParameterType == typeof(CancellationToken))
        {
            return CancellationToken.None;
        }

        return !full && parameter.HasDefaultValue ? parameter.DefaultValue : Of(parameter.ParameterType, Nullability.Create(parameter), depth: 0);
    }

    /// <summary>Data of a type.</summary>
    public object Of(Type type) => Of(type, null, depth: 0)!;

    private object? Of(Type type, NullabilityInfo? nullability, int depth)
    {
        int number = ++_made;
        if (!full && (Nullable.GetUnderlyingType(type) is not null || nullability?.ReadState == NullabilityState.Nullable))
        {
            return null;
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) => full ? $"text {number} \"ü\u2028🎋\\" : "",
            _ when type == typeof(bool) => full,
            _ when type == typeof(int) => full ? int.MinValue + number : 0,
            _ when type == typeof(long) => full ? long.MaxValue - number : 0,
            _ when type == typeof(DateTimeOffset) => new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMicroseconds(123456 + number),
            _ when type == typeof(TimeSpan) => new TimeSpan(3_651_234_567_890_123 + number),
            _ when type.IsEnum => full ? Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1) : Enum.GetValues(type).GetValue(0),
            _ when type == typeof(PipelineTree) => new TreeSketch().Flow("start", "a", "end").Var("${x}", TreeSketch.Plain(1.0)).Build(),
            _ when type == typeof(ListValue) => full ? Value.List(number, Any(number)) : ListValue.Empty,
            _ when type == typeof(MapValue) => full ? Any(number) : MapValue.Empty,
            _ when type == typeof(Value) => full ? Any(number) : Value.Null,
            { IsGenericType: true } => Collection(type, depth),
            _ => Record(type, depth),
        };
    }

    private static MapValue Any(int number) => Value.Map(
        ("int", number),
        ("big", System.Numerics.BigInteger.Pow(10, 40) + number),
        ("float", 1.0),
        ("other float", 0.1 + 0.2),
        ("none", Value.Null),
        ("flag", false),
        ("text", "a \"quoted\" ü\u2028🎋\0 text"),
        ("", Value.List(Value.List(), MapValue.Empty)));

    private object Collection(Type type, int depth)
    {
        Type definition = type.GetGenericTypeDefinition();
        Type[] of = type.GetGenericArguments();

        // States hold states: at some depth there are no more.
        int count = full && depth < 4 ? 2 : 0;
        if (definition == typeof(IReadOnlyDictionary<,>))
        {
            var map = (System.Collections.IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(of))!;
            for (int index = 0; index < count; index++)
            {
                map.Add(of[0].IsEnum ? Enum.GetValues(of[0]).GetValue(index)! : $"key {++_made}", Of(of[1], null, depth + 1));
            }

            return map;
        }

        if (definition == typeof(IReadOnlySet<>))
        {
            return of[0] == typeof(NodeStateName)
                ? Enum.GetValues<NodeStateName>().TakeLast(count).ToHashSet()
                : Enumerable.Range(0, count).Select(index => $"id {index}").ToHashSet();
        }

        Assert.Equal(typeof(IReadOnlyList<>), definition);
        var list = (System.Collections.IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(of))!;
        for (int index = 0; index < count; index++)
        {
            list.Add(Of(of[0], null, depth + 1));
        }

        return list;
    }

    private object Record(Type type, int depth)
    {
        ConstructorInfo maker = type.GetConstructors().OrderByDescending(constructor => constructor.GetParameters().Length).First();
        object made = maker.Invoke([.. maker.GetParameters().Select(parameter =>
            Of(parameter.ParameterType, Nullability.Create(parameter), depth + 1))]);
        if (maker.GetParameters().Length == 0)
        {
            foreach (PropertyInfo property in type.GetProperties().Where(property => property.CanWrite))
            {
                property.SetValue(made, Of(property.PropertyType, Nullability.Create(property), depth + 1));
            }
        }

        return made;
    }
}
