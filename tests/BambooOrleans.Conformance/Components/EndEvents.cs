using BambooOrleans.Components;

namespace BambooOrleans.Conformance.Components;

[EndEvent("OracleOkEndEvent")]
public sealed class OracleOkEndEvent : EndEvent
{
    public override Task ExecuteAsync(
        IReadOnlyList<string> pipelineStack, string rootPipelineId, CancellationToken cancellationToken) => Task.CompletedTask;
}

[EndEvent("OracleRaiseEndEvent")]
public sealed class OracleRaiseEndEvent : EndEvent
{
    public override Task ExecuteAsync(
        IReadOnlyList<string> pipelineStack, string rootPipelineId, CancellationToken cancellationToken) =>
        Task.FromException(new CorpusException("end event boom"));
}
