using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Expressions;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting.Validation;

/// <summary>Finds templates that will stay as they are written, and conditions that do not do what they look like.</summary>
internal static class ExpressionCheck
{
    public static void Run(PipelineTree tree, RunPipelineOptions options, List<Finding> findings)
    {
        foreach ((PipelineTree pipeline, string path, TreeSubProcess? around) in TreePlaces.Pipelines(tree))
        {
            HashSet<string> names = Names(pipeline, around, around is null ? options.RootPipelineContext : options.SubprocessContext);
            foreach ((string key, TreeVariable variable) in pipeline.Data.Inputs.Where(variable => IsRendered(variable.Value)))
            {
                Templates(variable.Value, $"{path}.data.inputs.{key}.value", names, findings);
            }

            foreach (TreeActivity activity in pipeline.Activities.Values)
            {
                (IReadOnlyDictionary<string, TreeVariable> inputs, string member) = activity switch
                {
                    TreeServiceActivity service => (service.Inputs, "component.inputs"),
                    TreeSubProcess subProcess => (subProcess.Params, "params"),
                    _ => throw new InvalidOperationException($"activity {activity.Id} is of an unknown type"),
                };
                foreach ((string name, TreeVariable variable) in inputs.Where(input => IsRendered(input.Value)))
                {
                    Templates(variable.Value, $"{path}.activities.{activity.Id}.{member}.{name}.value", names, findings);
                }
            }

            foreach (TreeGateway gateway in pipeline.Gateways.Values)
            {
                foreach ((string flow, string condition) in gateway.Conditions)
                {
                    string place = $"{path}.gateways.{gateway.Id}.conditions.{flow}.evaluate";
                    Templates(condition, place, names, findings);
                    Add(BooleanRule.Warnings(condition), place, findings);
                }
            }
        }
    }

    private static bool IsRendered(TreeVariable variable) => variable.Type != TreeVariableType.Plain && variable.NeedRender;

    private static void Templates(Value value, string place, HashSet<string> names, List<Finding> findings) =>
        Add(Template.Parse(value, ExpressionOptions.Default).Warnings(names), place, findings);

    private static void Add(IReadOnlyList<ExpressionWarning> warnings, string place, List<Finding> findings) => findings.AddRange(
        warnings.Select(warning => Finding.Warning(warning.Code, place, $"{warning.Expression}: {warning.Reason}")));

    // The parent's context is invisible in a sub-process: it sees its own variables, its params, and what nodes make.
    private static HashSet<string> Names(PipelineTree pipeline, TreeSubProcess? around, MapValue? options)
    {
        IEnumerable<string> loops = pipeline.Activities.Values.OfType<TreeServiceActivity>()
            .Where(activity => activity.LoopConfig is not null)
            .Select(activity => activity.LoopConfig!.OutputsKey);
        IEnumerable<string> lazy = pipeline.Activities.Values.OfType<TreeServiceActivity>()
            .SelectMany(activity => activity.Inputs
                .Where(input => input.Value.Type == TreeVariableType.Lazy)
                .Select(input => $"{input.Key}_{activity.Id}"));
        return new HashSet<string>(
            pipeline.Data.Inputs.Keys
                .Concat(around?.Params.Keys ?? [])
                .Concat(options?.Keys ?? [])
                .Select(ContextEntry.Bare)
                .Concat(loops)
                .Concat(lazy),
            StringComparer.Ordinal);
    }
}
