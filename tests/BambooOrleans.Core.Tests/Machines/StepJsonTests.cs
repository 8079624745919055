using System.Buffers;
using System.Reflection;
using System.Text.Json;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;

namespace BambooOrleans.Core.Tests.Machines;

/// <summary>
/// What is written member by member comes back whole. Every member of every type is set, by reflection: one that is added
/// and not written fails here.
/// </summary>
public class StepJsonTests
{
    private readonly Stack<Type> _filling = new();
    private int _number;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_node_state_comes_back_whole(bool withData)
    {
        var state = (NodeState)Filled(typeof(NodeState));
        NodeExecutionData? apart = withData ? null : new NodeExecutionData(state.RunningInputs, state.Inputs, state.Outputs);

        NodeState read = MachineJson.ReadNodeState(MachineJson.Write(state, withData), apart);

        Assert.Equal(Shown(state), Shown(read));
    }

    [Fact]
    public void A_node_state_without_its_data_has_none()
    {
        NodeState read = MachineJson.ReadNodeState(MachineJson.Write((NodeState)Filled(typeof(NodeState)), withData: false));

        Assert.Null(read.RunningInputs);
        Assert.Null(read.Inputs);
        Assert.Null(read.Outputs);
    }

    [Fact]
    public void A_new_node_state_comes_back_as_it_is()
    {
        var state = new NodeState();

        Assert.Equal(Shown(state), Shown(MachineJson.ReadNodeState(MachineJson.Write(state))));
    }

    [Fact]
    public void A_token_comes_back_whole()
    {
        var token = (Token)Filled(typeof(Token));

        Assert.Equal(Shown(token), Shown(MachineJson.ReadToken(MachineJson.Write(token))));
    }

    [Theory]
    [InlineData(typeof(TokenMoved))]
    [InlineData(typeof(NodeStarted))]
    [InlineData(typeof(NodeExecutionBegan))]
    [InlineData(typeof(NodeFinished))]
    [InlineData(typeof(NodeFailed))]
    public void A_fact_comes_back_whole(Type type)
    {
        var written = (MachineEvent)Filled(type);

        var buffer = new ArrayBufferWriter<byte>();
        using (Utf8JsonWriter writer = MachineJson.CreateWriter(buffer))
        {
            MachineJson.WriteEvents(writer, [written]);
        }

        using JsonDocument json = JsonDocument.Parse(buffer.WrittenMemory);
        MachineEvent read = Assert.Single(MachineJson.ReadEvents(json.RootElement));
        Assert.IsType(type, read);
        Assert.Equal(Shown(written), Shown(read));
    }

    [Fact]
    public void A_record_after_one_that_is_larger_than_the_kept_buffer_is_whole()
    {
        var token = (Token)Filled(typeof(Token));

        Token large = MachineJson.ReadToken(MachineJson.Write(token with { Node = new string('n', 100_000) }));

        Assert.Equal(100_000, large.Node.Length);
        Assert.Equal(Shown(token), Shown(MachineJson.ReadToken(MachineJson.Write(token))));
    }

    private static string Shown(object item) => JsonSerializer.Serialize(item, item.GetType());

    // No member has its default, so that none can come back right by chance.
    private object Filled(Type type)
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
            _ when type.IsAssignableFrom(typeof(Dictionary<string, DataInput>)) =>
                new Dictionary<string, DataInput> { ["input"] = new(true, number) },
            _ => FilledObject(type),
        };
    }

    private object FilledObject(Type type)
    {
        ConstructorInfo constructor = type.GetConstructors().OrderBy(constructor => constructor.GetParameters().Length).First();
        _filling.Push(type);
        object item = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Filled(parameter.ParameterType))]);
        foreach (PropertyInfo property in type.GetProperties().Where(property => property.SetMethod is not null))
        {
            // A type within itself, as the report of a failure in that of a skip, is filled one level deep.
            if (_filling.Count(filling => filling == property.PropertyType) < 2)
            {
                property.SetValue(item, Filled(property.PropertyType));
            }
        }

        _filling.Pop();
        return item;
    }
}
