using BambooOrleans.Conformance.Corpus;

namespace BambooOrleans.Conformance.Replay;

/// <summary>Reads everything of one scenario's pipeline that the corpus records, through the Engine API alone.</summary>
internal sealed class EngineReads(IBambooEngine engine, Scenario scenario, CancellationToken cancellationToken)
{
    private readonly IReadOnlyList<string> _ids = TreeIds.All(scenario.Pipeline);

    /// <summary>The current version of a node's state; null where it has none.</summary>
    public async Task<string?> VersionAsync(string nodeId) => (await StateAsync(nodeId))?.Version;

    /// <summary>The states that <c>get_pipeline_states</c> shows, flat.</summary>
    public async Task<IReadOnlyDictionary<string, NodeStateInfo>> VisibleStatesAsync() =>
        StateRecords.Flatten(Data("get_pipeline_states", await engine.GetPipelineStatesAsync(scenario.RootId, flatChildren: true, cancellationToken)))
            .ToDictionary(state => state.Id);

    /// <summary>The states of nodes that were appointed before they were reached, which the tree of states does not show.</summary>
    public async Task<IReadOnlyDictionary<string, NodeStateInfo>> HiddenStatesAsync(IReadOnlyDictionary<string, NodeStateInfo> visible)
    {
        var hidden = new Dictionary<string, NodeStateInfo>();
        foreach (string id in _ids.Where(id => !visible.ContainsKey(id)))
        {
            if (await StateAsync(id) is NodeStateInfo state)
            {
                hidden[id] = state;
            }
        }

        return hidden;
    }

    /// <summary>The state's name of everything that has a state, as the steps <c>settle</c> and <c>wait</c> have it.</summary>
    public async Task<MapValue> StateNamesAsync()
    {
        IReadOnlyDictionary<string, NodeStateInfo> visible = await VisibleStatesAsync();
        IReadOnlyDictionary<string, NodeStateInfo> hidden = await HiddenStatesAsync(visible);
        return Value.Map(visible.Concat(hidden).Select(state => (state.Key, (Value)state.Value.State.ToApiName())));
    }

    /// <summary>The check of this name.</summary>
    /// <exception cref="CorpusFormatException">There is no such check.</exception>
    public async Task<Value> CheckAsync(string check)
    {
        switch (check)
        {
            case "pipeline_states":
                return Value.Map((await VisibleStatesAsync()).Values
                    .Select(state => (state.Id, (Value)StateRecords.Row(state, scenario.RootId))));
            case "hidden_states":
                return Value.Map((await HiddenStatesAsync(await VisibleStatesAsync())).Values
                    .Select(state => (state.Id, (Value)StateRecords.HiddenRow(state))));
            case "state_tree":
                return StateRecords.Nesting(
                    Data(check, await engine.GetPipelineStatesAsync(scenario.RootId, flatChildren: false, cancellationToken)));
            case "execution_data":
                return await ByNodeAsync(async id =>
                    Found(check, await engine.GetExecutionDataAsync(id, cancellationToken)) is ExecutionData data
                        ? DataRecords.ExecutionData(data)
                        : null);
            case "raw_data":
                return await ByNodeAsync(async id =>
                    Found(check, await engine.GetDataAsync(id, cancellationToken)) is NodeData data ? DataRecords.NodeData(data) : null);
            case "histories":
                return await ByNodeAsync(async id => NotEmpty(DataRecords.Histories(
                    Data(check, await engine.GetNodeHistoriesAsync(id, cancellationToken: cancellationToken)))));
            case "short_histories":
                return await ByNodeAsync(async id => NotEmpty(DataRecords.ShortHistories(
                    Data(check, await engine.GetNodeShortHistoriesAsync(id, cancellationToken: cancellationToken)))));
            case "context":
                var contexts = new MapValue.Builder();
                foreach (string id in TreeIds.Pipelines(scenario.Pipeline))
                {
                    contexts[id] = DataRecords.Context(Data(check, await engine.GetContextAsync(id, cancellationToken)));
                }

                return contexts.Build();
            default:
                throw new CorpusFormatException($"the check \"{check}\" is not known");
        }
    }

    private async Task<NodeStateInfo?> StateAsync(string nodeId) =>
        Data("get_children_states", await engine.GetChildrenStatesAsync(nodeId, cancellationToken)).GetValueOrDefault(nodeId);

    private async Task<MapValue> ByNodeAsync(Func<string, Task<Value?>> read)
    {
        var values = new MapValue.Builder();
        foreach (string id in _ids)
        {
            if (await read(id) is Value value)
            {
                values[id] = value;
            }
        }

        return values.Build();
    }

    private static ListValue? NotEmpty(ListValue list) => list.Count == 0 ? null : list;

    private static T Data<T>(string read, EngineApiResult<T> result) =>
        result.Result && result.Data is not null ? result.Data : throw new ReadFailedException(read, result.Error);

    // Ids that the corpus leaves out are those that answer NotFound.
    private static T? Found<T>(string read, EngineApiResult<T> result)
        where T : class => result.Error is NotFoundException ? null : Data(read, result);
}
