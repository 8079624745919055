using System.Collections.Frozen;

namespace BambooOrleans.Server.Security;

/// <summary>Which role each function of the Engine API needs. docs/security.md shows the same table.</summary>
public static class AccessRules
{
    private static readonly FrozenDictionary<string, Role> Needed = new Dictionary<string, Role>(StringComparer.Ordinal)
    {
        ["list_pipelines"] = Role.Viewer,
        ["count_pipelines"] = Role.Viewer,
        ["get_pipeline_definition"] = Role.Viewer,
        ["validate_pipeline"] = Role.Viewer,
        ["get_pipeline_states"] = Role.Viewer,
        ["get_children_states"] = Role.Viewer,
        ["get_execution_data"] = Role.Viewer,
        ["get_execution_data_inputs"] = Role.Viewer,
        ["get_execution_data_outputs"] = Role.Viewer,
        ["get_data"] = Role.Viewer,
        ["get_node_histories"] = Role.Viewer,
        ["get_node_short_histories"] = Role.Viewer,
        ["get_context"] = Role.Viewer,
        ["get_waits"] = Role.Viewer,
        ["get_pipeline_debug_info"] = Role.Viewer,
        ["get_node_debug_info"] = Role.Viewer,
        ["get_execution_time"] = Role.Viewer,
        ["get_pipeline_execution_time"] = Role.Viewer,
        ["get_node_execution_time"] = Role.Viewer,
        ["get_allowed_start_nodes"] = Role.Viewer,
        ["get_allowed_start_node_ids"] = Role.Viewer,
        ["get_skipped_nodes"] = Role.Viewer,
        ["get_skipped_execute_node_ids"] = Role.Viewer,
        ["wait_until_settled"] = Role.Viewer,
        ["read_journal"] = Role.Viewer,
        ["get_journal_end"] = Role.Viewer,

        // It reads, but runs the lazy variables of whatever tree it is given.
        ["preview_node_inputs"] = Role.Operator,
        ["run_pipeline"] = Role.Operator,
        ["pause_pipeline"] = Role.Operator,
        ["resume_pipeline"] = Role.Operator,
        ["revoke_pipeline"] = Role.Operator,
        ["pause_node_appoint"] = Role.Operator,
        ["resume_node_appoint"] = Role.Operator,
        ["cancel_scheduled_resume"] = Role.Operator,
        ["retry_node"] = Role.Operator,
        ["retry_subprocess"] = Role.Operator,
        ["skip_node"] = Role.Operator,
        ["skip_exclusive_gateway"] = Role.Operator,
        ["skip_conditional_parallel_gateway"] = Role.Operator,
        ["forced_fail_activity"] = Role.Operator,
        ["callback"] = Role.Operator,

        // These change what pipelines compute with, and nothing in the pipeline shows it afterwards but the journal.
        ["update_context_values"] = Role.Admin,
        ["update_node_outputs"] = Role.Admin,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The functions that have a rule of their own.</summary>
    public static IReadOnlyCollection<string> Functions => Needed.Keys;

    /// <summary>The role that a function needs; admin for one without a rule.</summary>
    public static Role Of(string function) => Needed.TryGetValue(function, out Role role) ? role : Role.Admin;
}
