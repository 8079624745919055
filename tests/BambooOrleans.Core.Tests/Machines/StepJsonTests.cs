using System.Buffers;
using System.Text.Json;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines;

/// <summary>
/// What is written member by member comes back whole. Every member of every type is set, by reflection: one that is added
/// and not written fails here.
/// </summary>
public class StepJsonTests
{
    private readonly FilledObjects _objects = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_node_state_comes_back_whole(bool withData)
    {
        var state = (NodeState)_objects.Of(typeof(NodeState));
        NodeExecutionData? apart = withData ? null : new NodeExecutionData(state.RunningInputs, state.Inputs, state.Outputs);

        NodeState read = MachineJson.ReadNodeState(MachineJson.Write(state, withData), apart);

        Assert.Equal(Shown(state), Shown(read));
    }

    [Fact]
    public void A_node_state_without_its_data_has_none()
    {
        NodeState read = MachineJson.ReadNodeState(MachineJson.Write((NodeState)_objects.Of(typeof(NodeState)), withData: false));

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
        var token = (Token)_objects.Of(typeof(Token));

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
        var written = (MachineEvent)_objects.Of(type);

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
        var token = (Token)_objects.Of(typeof(Token));

        Token large = MachineJson.ReadToken(MachineJson.Write(token with { Node = new string('n', 100_000) }));

        Assert.Equal(100_000, large.Node.Length);
        Assert.Equal(Shown(token), Shown(MachineJson.ReadToken(MachineJson.Write(token))));
    }

    private static string Shown(object item) => FilledObjects.Shown(item);
}
