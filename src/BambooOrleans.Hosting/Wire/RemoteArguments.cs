using System.Globalization;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting.Wire;

/// <summary>
/// The arguments of one call to an engine in another process. What cannot be sent as it is gets the refusal that an engine in
/// this process gives it, where that gives one.
/// </summary>
internal sealed class RemoteArguments
{
    private readonly MapValue.Builder _arguments = new();

    public MapValue Build() => _arguments.Build();

    public RemoteArguments Id(string name, string? id) => Add(name, id ?? throw Missing("the id"));

    public RemoteArguments Text(string name, string? text) => Add(name, text ?? throw Missing(name));

    public RemoteArguments Data(string name, Value? data) => Add(name, Keepable(name, data ?? throw Missing(name)));

    public RemoteArguments Optional(string name, Value? value) => value is null ? this : Data(name, value);

    public RemoteArguments Optional(string name, string? text) => text is null ? this : Add(name, text);

    public RemoteArguments Flag(string name, bool flag) => flag ? Add(name, flag) : this;

    public RemoteArguments Tree(string name, PipelineTree? tree) => Data(name, tree?.Source);

    public RemoteArguments Texts(string name, IReadOnlyList<string>? texts, string each) =>
        Add(name, Value.List((texts ?? throw Missing(name)).Select(text => (Value)(text ?? throw Missing(each)))));

    public RemoteArguments ContextValues(string name, IReadOnlyList<ContextValue>? values)
    {
        foreach (ContextValue value in values ?? throw Missing("values"))
        {
            string key = value?.Key ?? throw Missing("the key of a context value");
            Keepable(key, value.Value ?? throw Missing(key));
        }

        return Add(name, ContextValueData.Write(values));
    }

    /// <summary>With all digits: a resume must not come early.</summary>
    public RemoteArguments At(VerbOptions? options) => Optional("at", Text(options?.At));

    public RemoteArguments Filter(PipelineFilter? filter) => filter is null
        ? this
        : Optional("states", filter.States is { } states ? Value.List(states.Select(state => (Value)state.ToApiName())) : null)
            .Optional("text", filter.Text)
            .Optional("name", filter.Name)
            .Optional("created_from", Text(filter.CreatedFrom))
            .Optional("created_before", Text(filter.CreatedBefore));

    public RemoteArguments After(PipelinePosition? after) => after is not { } place
        ? this
        : Add("after", Value.Map(("created_time", Text(place.CreatedTime)), ("root_id", place.RootId ?? throw Missing("the id of after"))));

    public RemoteArguments Submission(RunPipelineOptions? options) => options is null
        ? this
        : Optional("root_pipeline_data", options.RootPipelineData)
            .Optional("root_pipeline_context", options.RootPipelineContext)
            .Optional("subprocess_context", options.SubprocessContext)
            .Optional("start_node_id", options.StartNodeId)
            .Flag("cycle_tolerate", options.CycleTolerate)
            .Optional("operator", options.Operator)
            .Optional("reason", options.Reason)
            .Optional("trace_parent", options.TraceParent);

    /// <summary>The span of the caller, which the engine's process cannot see.</summary>
    public RemoteArguments TraceParent(string? given) => Optional("trace_parent", given ?? TraceParents.Current);

    public RemoteArguments Options(VerbOptions? options) => options is null
        ? TraceParent(null)
        : Optional("operator", options.Operator)
            .Optional("reason", options.Reason)
            .Optional("expected_version", options.ExpectedVersion)
            .Flag("dry_run", options.DryRun)
            .TraceParent(options.TraceParent);

    private static string? Text(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture);

    private static InvalidArgumentException Missing(string what) => new($"{what} is missing");

    private static Value Keepable(string name, Value value) => !ValueJson.IsTooDeep(value)
        ? value
        : throw new InvalidArgumentException($"{name} is nested deeper than {ValueJson.MaxDepth} levels");

    // Half a surrogate pair has no UTF-8: it would arrive as another text.
    private static void CheckTexts(string name, Value value)
    {
        switch (value)
        {
            case TextValue text:
                CheckText(name, text.Value);
                break;
            case ListValue list:
                foreach (Value item in list)
                {
                    CheckTexts(name, item);
                }

                break;
            case MapValue map:
                foreach ((string key, Value entry) in map)
                {
                    CheckText(name, key);
                    CheckTexts(name, entry);
                }

                break;
        }
    }

    private static void CheckText(string name, string text)
    {
        for (int index = 0; index < text.Length; index++)
        {
            if (char.IsSurrogate(text[index]) && !(index + 1 < text.Length && char.IsSurrogatePair(text[index], text[++index])))
            {
                throw new InvalidArgumentException(
                    $"{name} holds the text {ArgumentPlace.Quote(text)} with half a surrogate pair, which is no Unicode text");
            }
        }
    }

    private RemoteArguments Add(string name, Value value)
    {
        CheckTexts(name, value);
        _arguments[name] = value;
        return this;
    }
}
