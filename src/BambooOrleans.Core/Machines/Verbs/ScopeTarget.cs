namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>What the verbs on pipelines check in common.</summary>
internal static class ScopeTarget
{
    /// <summary>The refusal of a pipeline that has not been started, or a sub-process that has not been reached.</summary>
    public static NotFoundException NotStarted(string id) => new($"node({id}) does not exist");
}
