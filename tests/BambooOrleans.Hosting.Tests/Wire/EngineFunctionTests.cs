using System.Reflection;
using BambooOrleans.Hosting.Wire;

namespace BambooOrleans.Hosting.Tests.Wire;

/// <summary>The functions are those of the Engine API, whole.</summary>
public class EngineFunctionTests
{
    // What the two documents and the design name, by hand.
    private const string Named = """
        run_pipeline pause_pipeline revoke_pipeline resume_pipeline pause_node_appoint resume_node_appoint retry_node retry_subprocess
        skip_node skip_exclusive_gateway skip_conditional_parallel_gateway forced_fail_activity callback get_pipeline_states
        get_children_states get_execution_data_inputs get_execution_data_outputs get_execution_data get_data get_node_histories
        get_node_short_histories preview_node_inputs get_context cancel_scheduled_resume get_waits list_pipelines get_execution_time
        get_allowed_start_nodes get_skipped_nodes get_pipeline_debug_info get_node_debug_info wait_until_settled
        update_context_values update_node_outputs read_journal get_pipeline_execution_time get_node_execution_time
        get_allowed_start_node_ids get_skipped_execute_node_ids count_pipelines get_pipeline_definition validate_pipeline get_journal_end
        """;

    public static TheoryData<string> Methods => [.. typeof(IBambooEngine).GetMethods().Select(method => method.Name)];

    [Fact]
    public void The_functions_are_those_that_are_named() => Assert.Equal(
        Named.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
        EngineDispatcher.Functions.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_has_a_function_and_every_parameter_an_argument(string name)
    {
        MethodInfo method = typeof(IBambooEngine).GetMethod(name)!;
        string[] parameters = [.. method.GetParameters().Where(parameter => parameter.ParameterType != typeof(CancellationToken)).SelectMany(ParametersOf)];

        EngineFunction[] functions = [.. EngineDispatcher.Functions.Values.Where(function => function.Method == name)];

        Assert.NotEmpty(functions);
        Assert.All(functions, function => Assert.Equal(
            parameters.Order(StringComparer.Ordinal),
            function.Arguments.Select(argument => argument.Parameter).Where(parameter => parameter.Length > 0).Order(StringComparer.Ordinal)));

        IEnumerable<string> ParametersOf(ParameterInfo parameter) => (name, parameter) switch
        {
            // Whether a page waits for more is wait_seconds, the function's own.
            (nameof(IBambooEngine.ReadJournalAsync), { Name: "follow" }) => [],
            (_, { Name: "options" }) => parameter.ParameterType.GetProperties()
                .Where(property => property.Name != nameof(VerbOptions.At) || name.StartsWith("Resume", StringComparison.Ordinal))
                .Select(property => $"options.{property.Name}"),
            (_, { Name: "filter" }) => typeof(PipelineFilter).GetProperties().Where(property => property.CanWrite)
                .Select(property => $"filter.{property.Name}"),
            _ => [parameter.Name!],
        };
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void An_argument_is_required_where_its_parameter_is(string name)
    {
        ParameterInfo[] parameters = typeof(IBambooEngine).GetMethod(name)!.GetParameters();

        Assert.All(
            EngineDispatcher.Functions.Values.Where(function => function.Method == name).SelectMany(function => function.Arguments),
            argument => Assert.Equal(
                Array.Find(parameters, parameter => parameter.Name == argument.Parameter) is { HasDefaultValue: false }, argument.IsRequired));
    }

    [Fact]
    public void Names_of_arguments_are_those_of_their_parameters_in_snake_case()
    {
        // The reference's name is another here.
        var others = new Dictionary<string, string>
        {
            ["update_context_values.values"] = "context_values",
            ["get_pipeline_execution_time.id"] = "pipeline_id",
            ["get_node_execution_time.id"] = "node_id",
        };
        foreach (EngineFunction function in EngineDispatcher.Functions.Values)
        {
            Assert.Equal(function.Arguments.Count, function.Arguments.Select(argument => argument.Name).Distinct().Count());
            Assert.All(function.Arguments.Where(argument => argument.Parameter.Length > 0), argument => Assert.Equal(
                others.GetValueOrDefault($"{function.Name}.{argument.Parameter}") ?? System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(
                    argument.Parameter.Split('.')[^1]),
                argument.Name));
        }
    }

    [Fact]
    public void What_answers_with_an_outcome_and_the_submission_are_controls_and_all_else_reads() => Assert.All(
        EngineDispatcher.Functions.Values,
        function => Assert.Equal(
            function.Name == "run_pipeline"
                || typeof(IBambooEngine).GetMethod(function.Method)!.ReturnType == typeof(Task<EngineApiResult<VerbOutcome>>),
            function.IsControl));
}
