using System.CommandLine;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo data</c>: a node's inputs as they are written and as it was executed with, and its outputs.</summary>
internal static class DataCommand
{
    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("data", "Show the inputs and outputs of a node, as written and as executed.")
        {
            ControlOptions.Node, CommonOptions.Database,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        await using Session session = await Session.ReadAsync(CommonOptions.Session(command), cancellationToken).ConfigureAwait(false);
        string nodeId = command.GetValue(ControlOptions.Node)!;
        await session.RootOfAsync(nodeId, cancellationToken).ConfigureAwait(false);
        NodeData? raw = OrNothing(await session.Engine.GetDataAsync(nodeId, cancellationToken).ConfigureAwait(false));
        ExecutionData? executed = OrNothing(await session.Engine.GetExecutionDataAsync(nodeId, cancellationToken).ConfigureAwait(false));
        WriteRaw(report, raw);
        report.Line(executed is null ? "executed with: nothing yet" : "executed with");
        foreach ((string name, Value value) in executed?.Inputs ?? MapValue.Empty)
        {
            report.Line($"  {name} = {value.ToJson()}");
        }

        report.Line(executed is null ? "outputs: none yet" : "outputs");
        foreach ((string name, Value value) in executed?.Outputs ?? MapValue.Empty)
        {
            report.Line($"  {name} = {value.ToJson()}");
        }

        report.Document(Value.Map(
            ("result", true),
            ("node_id", nodeId),
            ("data", raw is null ? Value.Null : Value.Map(
                ("inputs", Value.Map(raw.Inputs.Select(input => (input.Key, (Value)Value.Map(
                    ("need_render", input.Value.NeedRender), ("value", input.Value.Value)))))),
                ("outputs", Value.Map(raw.Outputs.Select(output => (output.Key, (Value)output.Value)))))),
            ("execution_data", executed is null ? Value.Null : Value.Map(
                ("inputs", executed.Inputs), ("outputs", executed.Outputs)))));
        return ExitCode.Finished;
    }

    private static void WriteRaw(Reporter report, NodeData? raw)
    {
        report.Line(raw is null ? "written: nothing" : "written");
        foreach ((string name, DataInput input) in raw?.Inputs ?? new Dictionary<string, DataInput>())
        {
            report.Line($"  {name} = {input.Value.ToJson()}{(input.NeedRender ? "" : " (not rendered)")}");
        }

        foreach ((string output, string key) in raw?.Outputs ?? new Dictionary<string, string>())
        {
            report.Line($"  {output} -> {key}");
        }
    }

    // A node without data, such as a gateway or one that has not been reached, is no error.
    private static T? OrNothing<T>(EngineApiResult<T> result)
        where T : class => result.Error is NotFoundException ? null : result.OrThrow();
}
