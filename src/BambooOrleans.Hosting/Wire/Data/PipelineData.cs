using System.Numerics;

namespace BambooOrleans.Hosting.Wire;

/// <summary>Lists of pipelines, pipelines as they were submitted, and what validation says of them, as data.</summary>
public static class PipelineData
{
    private const string Error = "error";
    private const string Warning = "warning";

    /// <summary>One pipeline of a list.</summary>
    public static MapValue Write(PipelineSummary pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return Value.Map(
            ("root_id", pipeline.RootId),
            ("name", pipeline.Name),
            ("state", pipeline.State.ToApiName()),
            ("created_time", ApiTime.Text(pipeline.CreatedTime)),
            ("archived_time", ApiTime.Text(pipeline.ArchivedTime)));
    }

    internal static Value Write(IReadOnlyList<PipelineSummary> pipelines) => Value.List(pipelines.Select(pipeline => (Value)Write(pipeline)));

    internal static IReadOnlyList<PipelineSummary> ReadPipelines(Value data, string path) => AnswerMembers.ListOf(data, path, (item, at) =>
    {
        AnswerMembers members = AnswerMembers.Of(item, at);
        return new PipelineSummary(
            members.Text("root_id"),
            members.OptionalText("name"),
            members.State("state"),
            members.Time("created_time"),
            members.OptionalTime("archived_time"));
    });

    internal static Value Write(IReadOnlyDictionary<NodeStateName, long> counts) => Value.Map(
        ("counts", Value.Map(counts.OrderBy(count => count.Key).Select(count => (count.Key.ToApiName(), (Value)count.Value)))),
        ("total", counts.Values.Aggregate(BigInteger.Zero, (total, count) => total + count)));

    internal static IReadOnlyDictionary<NodeStateName, long> ReadCounts(Value data, string path)
    {
        AnswerMembers members = AnswerMembers.Of(data, path);
        string at = members.PathOf("counts");
        AnswerMembers counts = AnswerMembers.Of(members.Required("counts"), at);
        return members.Map("counts").Keys.ToDictionary(name => State(name, at), name => counts.Long(name));
    }

    /// <summary>A pipeline as it was submitted; of the options, those that were given.</summary>
    public static MapValue Write(SubmittedPipeline pipeline) => Value.Map(
        ("root_id", pipeline.RootId),
        ("pipeline", pipeline.Pipeline),
        ("created_time", ApiTime.Text(pipeline.CreatedTime)),
        ("operator", pipeline.Options.Operator),
        ("reason", pipeline.Options.Reason),
        ("options", new RemoteArguments().Submission(pipeline.Options with { Operator = null, Reason = null }).Build()));

    internal static SubmittedPipeline ReadSubmitted(Value data, string path)
    {
        AnswerMembers members = AnswerMembers.Of(data, path);
        AnswerMembers options = AnswerMembers.Of(members.Required("options"), members.PathOf("options"));
        return new SubmittedPipeline(
            members.Text("root_id"),
            members.Map("pipeline"),
            members.Time("created_time"),
            new RunPipelineOptions
            {
                RootPipelineData = options.OptionalMap("root_pipeline_data"),
                RootPipelineContext = options.OptionalMap("root_pipeline_context"),
                SubprocessContext = options.OptionalMap("subprocess_context"),
                StartNodeId = options.OptionalText("start_node_id"),
                CycleTolerate = options.Optional("cycle_tolerate") is not null && options.Flag("cycle_tolerate"),
                Operator = members.OptionalText("operator"),
                Reason = members.OptionalText("reason"),
                TraceParent = options.OptionalText("trace_parent"),
            });
    }

    internal static Value Write(IReadOnlyList<ValidationProblem> problems) => Value.Map(
        ("valid", !problems.Any(problem => problem.IsError)),
        ("problems", Value.List(problems.Select(problem => (Value)Value.Map(
            ("code", problem.Code),
            ("path", problem.Path),
            ("message", problem.Message),
            ("severity", problem.IsError ? Error : Warning))))));

    internal static IReadOnlyList<ValidationProblem> ReadProblems(Value data, string path)
    {
        AnswerMembers members = AnswerMembers.Of(data, path);
        return AnswerMembers.ListOf(members.Required("problems"), members.PathOf("problems"), (item, at) =>
        {
            AnswerMembers problem = AnswerMembers.Of(item, at);
            return new ValidationProblem(
                problem.Text("code"),
                problem.Text("path"),
                problem.Text("message"),
                problem.Text("severity") switch
                {
                    Error => true,
                    Warning => false,
                    _ => throw new AnswerFormatException($"{problem.PathOf("severity")} must be {Error} or {Warning}"),
                });
        });
    }

    private static NodeStateName State(string name, string path)
    {
        try
        {
            return NodeStateNames.Parse(name);
        }
        catch (ArgumentException)
        {
            throw new AnswerFormatException($"{path}.{name} is no state");
        }
    }
}
