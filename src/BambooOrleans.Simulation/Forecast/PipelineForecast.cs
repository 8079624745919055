namespace BambooOrleans.Simulation;

/// <summary>What can go wrong in a pipeline.</summary>
public enum RiskKind
{
    /// <summary>A component, a lazy variable or an end event fails, and the pipeline waits for an operator.</summary>
    FailingCode,

    /// <summary>A node fails although no code of its own did: no condition is met, an expression cannot be evaluated, a limit is exceeded.</summary>
    FailingNode,

    /// <summary>Nobody calls a node back, and nothing ends its wait.</summary>
    WaitsForEver,

    /// <summary>A failed node allows neither a retry nor a skip: the pipeline can never go on.</summary>
    BeyondHelp,

    /// <summary>What the pipeline comes to depends on which of its branches is faster.</summary>
    OrderDependent,

    /// <summary>The engine broke a rule of its own: a bug in it.</summary>
    EngineFault,
}

/// <summary>Something that went wrong in some of the runs.</summary>
/// <param name="Kind">What.</param>
/// <param name="NodeId">Where; empty where it is not of one node.</param>
/// <param name="Text">The same in words.</param>
/// <param name="Runs">In how many runs.</param>
/// <param name="Seed">The first seed that shows it.</param>
public sealed record PipelineRisk(RiskKind Kind, string NodeId, string Text, int Runs, long Seed);

/// <summary>What many simulated runs of one pipeline came to.</summary>
/// <param name="Runs">How many.</param>
/// <param name="Finished">How many finished without an operator.</param>
/// <param name="Risks">What went wrong, the worst kinds first.</param>
public sealed record PipelineForecast(int Runs, int Finished, IReadOnlyList<PipelineRisk> Risks);
