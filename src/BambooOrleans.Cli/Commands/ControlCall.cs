namespace BambooOrleans.Cli.Commands;

/// <summary>What a control command calls its verb with, once the database is open and the pipeline found.</summary>
/// <param name="Session">The engine on the database.</param>
/// <param name="Id">The node, pipeline or sub-process that the command names.</param>
/// <param name="RootId">The root pipeline that it belongs to.</param>
/// <param name="Options">Who asks, why, and whether it is only tried.</param>
internal sealed record ControlCall(Session Session, string Id, string RootId, VerbOptions Options)
{
    public IBambooEngine Engine => Session.Engine;
}
