using BambooOrleans.Conformance.Hosts;

namespace BambooOrleans.Conformance.Corpus;

/// <summary>One recorded scenario: a tree, what was done with it, and what the reference showed.</summary>
public sealed record Scenario
{
    /// <summary>Its name, <c>category__case</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is about.</summary>
    public required string Category { get; init; }

    /// <summary>The tree as it is submitted.</summary>
    public required MapValue Pipeline { get; init; }

    /// <summary>The arguments of <c>run_pipeline</c> beside the tree.</summary>
    public required RunPipelineOptions Options { get; init; }

    /// <summary>The settings that are not the default ones.</summary>
    public required EngineSettings Settings { get; init; }

    /// <summary>What is done, in order.</summary>
    public required IReadOnlyList<MapValue> Steps { get; init; }

    /// <summary>What is read after the last step, by check; without the checks that show the reference's own storage.</summary>
    public required IReadOnlyDictionary<string, Value> Checks { get; init; }

    /// <summary>Why our record differs from the reference's; null where it does not.</summary>
    public Deviation? Deviation { get; init; }

    /// <summary>The id of the root pipeline.</summary>
    public string RootId => Pipeline.RequiredText("id");

    /// <summary>The verbs of the Engine API that the steps call.</summary>
    public IEnumerable<string> Verbs => Steps
        .Where(step => step.Text("do") == "call")
        .Select(step => step.RequiredText("api"));

    /// <summary>Whether <paramref name="json"/> is a scenario.</summary>
    public static bool Is(Value json) =>
        json.Member("pipeline") is MapValue && json.Member("steps") is ListValue && json.Member("expect") is ListValue;

    /// <summary>Reads a scenario.</summary>
    /// <exception cref="CorpusFormatException">It is not as FORMAT.md says.</exception>
    public static Scenario Read(MapValue json)
    {
        MapValue options = json.Map("options");
        MapValue settings = json.Map("engine_settings");
        return new Scenario
        {
            Name = json.RequiredText("name"),
            Category = json.RequiredText("category"),
            Pipeline = json.Map("pipeline"),
            Options = new RunPipelineOptions
            {
                RootPipelineData = options.Member("root_pipeline_data") as MapValue,
                RootPipelineContext = options.Member("root_pipeline_context") as MapValue,
                SubprocessContext = options.Member("subprocess_context") as MapValue,
                StartNodeId = options.Text("start_node_id"),
                CycleTolerate = options.Flag("cycle_tolerate"),
            },
            Settings = ReadSettings(settings.Map("django"), settings.Map("engine")),
            Steps = [.. json.List("steps").OfType<MapValue>()],
            Checks = json.List("expect")
                .Where(check => !check.Flag("internal"))
                .ToDictionary(check => check.RequiredText("check"), check => check.Member("value") ?? Value.Null),
        };
    }

    // A setting that the runner does not know would be replayed wrongly without a word, and so is refused.
    private static EngineSettings ReadSettings(MapValue django, MapValue engine)
    {
        var settings = new EngineSettings();
        foreach ((string name, Value value) in django.Concat(engine))
        {
            settings = (name, value) switch
            {
                ("BAMBOO_DJANGO_ERI_NODE_RERUN_LIMIT", IntValue limit) => settings with { NodeRerunLimit = (int)limit.Value },
                ("PIPELINE_EXCLUSIVE_GATEWAY_STRATEGY", IntValue strategy) => settings with { ExclusiveGatewaysTakeFirst = strategy.Value == 2 },
                ("RERUN_INDEX_OFFSET", IntValue offset) => settings with { RerunIndexOffset = (int)offset.Value },
                ("ENABLE_RENDER_OBJ_BY_MAKO_STRING", BoolValue enabled) => settings with { RenderNestedIndexes = enabled.Value },
                _ => throw new CorpusFormatException($"the engine setting {name} = {value} is not known"),
            };
        }

        return settings;
    }
}
