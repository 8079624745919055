namespace BambooOrleans.Conformance.Functions;

/// <summary>A file of cases of one pure function.</summary>
public interface IFunctionFile
{
    /// <summary>The row of the table that its cases count in.</summary>
    string Category { get; }

    /// <summary>Its cases, each with a name and what replays it.</summary>
    IEnumerable<(string Name, Func<CaseResult> Replay)> Cases { get; }
}
