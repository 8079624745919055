using System.Globalization;

namespace BambooOrleans.Storage;

/// <summary>How the SQL of a list differs between databases.</summary>
/// <param name="Table">The table of pipelines.</param>
/// <param name="Parameter">What the number of a parameter follows.</param>
/// <param name="Find">The function that gives where a text stands in another, 0 for nowhere.</param>
/// <param name="Present">What holds for a row that is not removed; null where a removed one leaves the table.</param>
/// <param name="OfState">Names the index by state and time, where the database has to be told.</param>
/// <param name="ByTime">Names the index by time, where the database has to be told.</param>
internal sealed record QueryDialect(string Table, string Parameter, string Find, string? Present, string OfState, string ByTime)
{
    /// <summary>Without statistics it would rather sort than read in the order of an index, so that the indexes are named.</summary>
    public static QueryDialect Sqlite { get; } = new(
        TableNames.Pipelines, "?", "instr", "removed IS NULL", " INDEXED BY pipelines_of_state", " INDEXED BY pipelines_by_time");

    public static QueryDialect Postgres { get; } = new($"bamboo_{TableNames.Pipelines}", "$", "strpos", null, "", "");
}

/// <summary>The statement that lists or counts the pipelines that a filter takes, with its parameters by place.</summary>
/// <remarks>
/// A page begins at its place in an index: (created, root_id), or (state, created, root_id) once for each wanted state. What is
/// read beyond the page is what a text does not match.
/// </remarks>
internal sealed class PipelineQuery
{
    private readonly QueryDialect _dialect;
    private readonly List<object> _parameters = [];

    private PipelineQuery(QueryDialect dialect) => _dialect = dialect;

    /// <summary>The statement. It depends on which members of the filter are given, and not on what they are.</summary>
    public string Sql { get; private set; } = "";

    /// <summary>The parameters: texts, times and whole numbers of 64 bits.</summary>
    public IReadOnlyList<object> Parameters => _parameters;

    /// <summary>One page; null where it is known to be empty.</summary>
    public static PipelineQuery? Page(QueryDialect dialect, PipelineFilter filter, PipelinePosition? after, int limit)
    {
        if (limit <= 0 || TakesNothing(filter) || (after is { } place && !StoredText.IsStorable(place.RootId)))
        {
            return null;
        }

        var query = new PipelineQuery(dialect);
        string conditions = query.Conditions(filter, after);
        string last = query.Add((long)limit);
        IReadOnlyList<string> states = [.. (filter.States ?? new HashSet<NodeStateName>()).Select(state => query.Add(state.ToApiName()))];
        string Of(string index, string? state) =>
            $"SELECT root_id, state, created, archived, name FROM {dialect.Table}{index}{Where(dialect.Present, state, conditions)} "
            + $"ORDER BY created DESC, root_id DESC LIMIT {last}";
        query.Sql = states.Count switch
        {
            0 => Of(dialect.ByTime, null),
            1 => Of(dialect.OfState, $"state = {states[0]}"),
            _ => string.Join(" UNION ALL ", states.Select((state, index) =>
                    string.Create(CultureInfo.InvariantCulture, $"SELECT * FROM ({Of(dialect.OfState, $"state = {state}")}) AS s{index}")))
                + $" ORDER BY created DESC, root_id DESC LIMIT {last}",
        };
        return query;
    }

    /// <summary>The counts by state; null where they are known to be none.</summary>
    public static PipelineQuery? Counts(QueryDialect dialect, PipelineFilter filter)
    {
        if (TakesNothing(filter))
        {
            return null;
        }

        var query = new PipelineQuery(dialect);
        string conditions = query.Conditions(filter, after: null);
        string? states = filter.States is { } wanted
            ? $"state IN ({string.Join(", ", wanted.Select(state => query.Add(state.ToApiName())))})"
            : null;
        query.Sql =
            $"SELECT state, count(*) FROM {dialect.Table}{dialect.OfState}{Where(dialect.Present, states, conditions)} GROUP BY state";
        return query;
    }

    /// <summary>Whether a filter takes a pipeline, for a store that has no SQL.</summary>
    public static bool Takes(PipelineFilter filter, string rootId, string? name, string state, DateTimeOffset created) =>
        filter.States?.Contains(NodeStateNames.Parse(state)) != false
        && (filter.Text is not { } text || Contains(rootId, text) || Contains(name, text))
        && (filter.Name is not { } part || Contains(name, part))
        && !(created < filter.CreatedFrom)
        && !(created >= filter.CreatedBefore);

    private static bool Contains(string? text, string part) =>
        text is not null && StoredText.Fold(text).Contains(StoredText.Fold(part), StringComparison.Ordinal);

    private static bool TakesNothing(PipelineFilter filter) =>
        filter.States is { Count: 0 }
        || (filter.Text is { } text && !StoredText.IsStorable(text))
        || (filter.Name is { } name && !StoredText.IsStorable(name));

    private static string Where(params IEnumerable<string?> conditions)
    {
        string joined = string.Join(" AND ", conditions.Where(condition => !string.IsNullOrEmpty(condition)));
        return joined.Length == 0 ? "" : $" WHERE {joined}";
    }

    private string Conditions(PipelineFilter filter, PipelinePosition? after)
    {
        List<string> conditions = [];
        if (filter.CreatedFrom is { } from)
        {
            conditions.Add($"created >= {Add(from)}");
        }

        // Of the two ends one is the nearer, and is where the index begins.
        if (after is { } place && !(place.CreatedTime >= filter.CreatedBefore))
        {
            conditions.Add($"(created, root_id) < ({Add(place.CreatedTime)}, {Add(place.RootId)})");
        }
        else if (filter.CreatedBefore is { } before)
        {
            conditions.Add($"created < {Add(before)}");
        }

        if (filter.Text is { } text)
        {
            string part = Add(StoredText.Fold(text));
            conditions.Add($"({_dialect.Find}(id_folded, {part}) > 0 OR {_dialect.Find}(name_folded, {part}) > 0)");
        }

        if (filter.Name is { } name)
        {
            conditions.Add($"{_dialect.Find}(name_folded, {Add(StoredText.Fold(name))}) > 0");
        }

        return string.Join(" AND ", conditions);
    }

    private string Add(object parameter)
    {
        _parameters.Add(parameter);
        return string.Create(CultureInfo.InvariantCulture, $"{_dialect.Parameter}{_parameters.Count}");
    }
}
