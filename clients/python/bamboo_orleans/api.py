"""The functions of the Engine API, by the names that bamboo_engine.api has them by.

Functions that steer a pipeline take ``reason`` (why, for the journal), ``expected_version`` (refused where the state has another one)
and ``dry_run`` (what it would cause, without doing it) as options beside their arguments.
"""

import traceback
from datetime import datetime

from .errors import of_code
from .result import EngineAPIResult

_TIMES = ("created_time", "started_time", "archived_time")


def run_pipeline(
    runtime, pipeline, root_pipeline_data=None, root_pipeline_context=None, subprocess_context=None, **options
):
    """Checks a pipeline, stores it and starts it. Options: ``start_node_id``, ``cycle_tolerate``, ``reason``."""
    return _call(
        runtime,
        "run_pipeline",
        dict(
            options,
            pipeline=pipeline,
            root_pipeline_data=root_pipeline_data,
            root_pipeline_context=root_pipeline_context,
            subprocess_context=subprocess_context,
        ),
    )


def pause_pipeline(runtime, pipeline_id, **options):
    """Pauses a root pipeline or a sub-process: each token stops before its next node."""
    return _call(runtime, "pause_pipeline", dict(options, pipeline_id=pipeline_id))


def revoke_pipeline(runtime, pipeline_id, **options):
    """Revokes a root pipeline for good."""
    return _call(runtime, "revoke_pipeline", dict(options, pipeline_id=pipeline_id))


def resume_pipeline(runtime, pipeline_id, **options):
    """Goes on with a paused pipeline or sub-process. ``at`` appoints it for a time."""
    return _call(runtime, "resume_pipeline", dict(options, pipeline_id=pipeline_id))


def pause_node_appoint(runtime, node_id, **options):
    """Pauses before a node when it is reached."""
    return _call(runtime, "pause_node_appoint", dict(options, node_id=node_id))


def resume_node_appoint(runtime, node_id, **options):
    """Goes on with a node that was paused by appointment. ``at`` appoints it for a time."""
    return _call(runtime, "resume_node_appoint", dict(options, node_id=node_id))


def cancel_scheduled_resume(runtime, id, **options):
    """Takes back a resume that was appointed for a time."""
    return _call(runtime, "cancel_scheduled_resume", dict(options, id=id))


def retry_node(runtime, node_id, data=None, **options):
    """Runs a failed node again, with other inputs where ``data`` is given."""
    return _call(runtime, "retry_node", dict(options, node_id=node_id, data=data))


def retry_subprocess(runtime, node_id, **options):
    """Enters a sub-process again that failed to be entered."""
    return _call(runtime, "retry_subprocess", dict(options, node_id=node_id))


def skip_node(runtime, node_id, **options):
    """Passes over a failed activity or event."""
    return _call(runtime, "skip_node", dict(options, node_id=node_id))


def skip_exclusive_gateway(runtime, node_id, flow_id, **options):
    """Goes on from a failed exclusive gateway along one flow."""
    return _call(runtime, "skip_exclusive_gateway", dict(options, node_id=node_id, flow_id=flow_id))


def skip_conditional_parallel_gateway(runtime, node_id, flow_ids, converge_gateway_id, **options):
    """Goes on from a failed conditional parallel gateway along some flows."""
    return _call(runtime, "skip_conditional_parallel_gateway", dict(options, node_id=node_id, flow_ids=flow_ids, converge_gateway_id=converge_gateway_id))


def forced_fail_activity(runtime, node_id, ex_data, **options):
    """Makes a running activity fail."""
    return _call(runtime, "forced_fail_activity", dict(options, node_id=node_id, ex_data=ex_data))


def callback(runtime, node_id, version, data, **options):
    """Hands data to an activity that waits for it under this version."""
    return _call(runtime, "callback", dict(options, node_id=node_id, version=version, data=data))


def update_context_values(runtime, pipeline_id, context_values, **options):
    """Replaces values of a context."""
    return _call(runtime, "update_context_values", dict(options, pipeline_id=pipeline_id, context_values=context_values))


def update_node_outputs(runtime, node_id, outputs, **options):
    """Sets outputs of a failed node, which a skip then leaves it with."""
    return _call(runtime, "update_node_outputs", dict(options, node_id=node_id, outputs=outputs))


def get_pipeline_states(runtime, root_id, flat_children=True):
    """The states of a root pipeline and all in it."""
    return _call(runtime, "get_pipeline_states", {"root_id": root_id, "flat_children": flat_children}, _states)


def get_children_states(runtime, node_id):
    """The state of a node and of those directly in it."""
    return _call(runtime, "get_children_states", {"node_id": node_id}, _states)


def get_execution_data_inputs(runtime, node_id):
    """What a node was executed with."""
    return _call(runtime, "get_execution_data_inputs", {"node_id": node_id})


def get_execution_data_outputs(runtime, node_id):
    """What a node gave."""
    return _call(runtime, "get_execution_data_outputs", {"node_id": node_id})


def get_execution_data(runtime, node_id):
    """What a node was executed with, and gave."""
    return _call(runtime, "get_execution_data", {"node_id": node_id})


def get_data(runtime, node_id):
    """A node's inputs as they are written, and which of its outputs fill which context keys."""
    return _call(runtime, "get_data", {"node_id": node_id})


def get_node_histories(runtime, node_id, loop=-1):
    """The attempts that retries, skips and re-entries ended."""
    return _call(runtime, "get_node_histories", {"node_id": node_id, "loop": loop}, _histories)


def get_node_short_histories(runtime, node_id, loop=-1):
    """The same without data."""
    return _call(runtime, "get_node_short_histories", {"node_id": node_id, "loop": loop}, _histories)


def preview_node_inputs(runtime, pipeline, node_id, subprocess_stack=None, root_pipeline_data=None, parent_params=None):
    """What the inputs of an activity would be, without running anything but lazy variables."""
    return _call(runtime, "preview_node_inputs", {"pipeline": pipeline, "node_id": node_id, "subprocess_stack": subprocess_stack, "root_pipeline_data": root_pipeline_data, "parent_params": parent_params})


def get_context(runtime, pipeline_id):
    """The context of a root pipeline or a sub-process."""
    return _call(runtime, "get_context", {"pipeline_id": pipeline_id})


def get_waits(runtime, root_id):
    """For each token of a root pipeline, what it waits for."""
    return _call(runtime, "get_waits", {"root_id": root_id})


def validate_pipeline(runtime, pipeline, **options):
    """Whether ``run_pipeline`` would take a pipeline, and what is wrong or doubtful in it. Options as there."""
    return _call(runtime, "validate_pipeline", dict(options, pipeline=pipeline))


def list_pipelines(runtime, limit=100, **filters):
    """The root pipelines, the newest first.

    Filters: ``states``, ``text``, ``name``, ``created_from``, ``created_before``; ``after`` is the last pipeline of the page before.
    """
    after = filters.pop("after", None)
    if after is not None:
        after = {name: _text(after[name]) for name in ("created_time", "root_id")}
    return _call(runtime, "list_pipelines", dict(_filter(filters), limit=limit, after=after), _pipelines)


def count_pipelines(runtime, **filters):
    """How many root pipelines there are in each state. Filters as for ``list_pipelines``."""
    return _call(runtime, "count_pipelines", _filter(filters))


def get_pipeline_definition(runtime, root_id):
    """A root pipeline as it was submitted."""
    return _call(runtime, "get_pipeline_definition", {"root_id": root_id}, _with_times)


def get_pipeline_debug_info(runtime, pipeline_id):
    """The context of a pipeline or sub-process, and the tokens of its root."""
    return _call(runtime, "get_pipeline_debug_info", {"pipeline_id": pipeline_id})


def get_node_debug_info(runtime, node_id):
    """A node with its data and state."""
    return _call(runtime, "get_node_debug_info", {"node_id": node_id})


def get_execution_time(runtime, id):
    """How long a pipeline, sub-process or node has run."""
    return _call(runtime, "get_execution_time", {"id": id})


def get_pipeline_execution_time(runtime, pipeline_id):
    """How long a pipeline has run."""
    return _call(runtime, "get_pipeline_execution_time", {"pipeline_id": pipeline_id})


def get_node_execution_time(runtime, node_id):
    """How long a node has run."""
    return _call(runtime, "get_node_execution_time", {"node_id": node_id})


def get_allowed_start_nodes(runtime, pipeline):
    """The nodes that a pipeline may be started from."""
    return _call(runtime, "get_allowed_start_nodes", {"pipeline": pipeline})


def get_allowed_start_node_ids(runtime, pipeline):
    """The nodes that a pipeline may be started from."""
    return _call(runtime, "get_allowed_start_node_ids", {"pipeline": pipeline})


def get_skipped_nodes(runtime, pipeline, start_node_id):
    """The nodes that a start at another node passes over."""
    return _call(runtime, "get_skipped_nodes", {"pipeline": pipeline, "start_node_id": start_node_id})


def get_skipped_execute_node_ids(runtime, pipeline, start_node_id):
    """The nodes that a start at another node passes over."""
    return _call(runtime, "get_skipped_execute_node_ids", {"pipeline": pipeline, "start_node_id": start_node_id})


def wait_until_settled(runtime, root_id, wait_seconds=30):
    """Waits until a pipeline has settled; its data is whether it has."""
    return _call(runtime, "wait_until_settled", {"root_id": root_id, "wait_seconds": wait_seconds})


def get_journal_end(runtime):
    """The position that the next turn of the journal will have."""
    return _call(runtime, "get_journal_end", {})


def read_journal(runtime, from_position=1, root_id=None, limit=256, wait_seconds=0):
    """A page of the journal, from a position on."""
    return _call(runtime, "read_journal", {"from": from_position, "root_id": root_id, "limit": limit, "wait_seconds": wait_seconds})


def _call(runtime, function, arguments, read=None):
    # Whatever goes wrong is in the result: code written for bamboo does not expect its functions to raise.
    try:
        answer = runtime.call(function, {name: value for name, value in arguments.items() if not _is_left_out(name, value)})
        if not answer["result"]:
            raise of_code(answer.get("code") or "internal", answer.get("message") or "", answer.get("details"))
        data = answer.get("data")
        return EngineAPIResult(result=True, message=answer.get("message", "success"), data=read(data) if read else data)
    except Exception as failure:  # pylint: disable=broad-except
        return EngineAPIResult(result=False, message=str(failure), exc=failure, exc_trace=traceback.format_exc())


# Null is data of a callback; of an argument that need not be given it is as good as not given.
def _is_left_out(name, value):
    return value is None and name != "data"


def _time(text):
    return None if text is None else datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def _with_times(item):
    return {name: _time(value) if name in _TIMES else value for name, value in item.items()}


def _states(states):
    read = {}
    for name, state in states.items():
        read[name] = _with_times(state)
        if "children" in state:
            read[name]["children"] = _states(state["children"])
    return read


def _pipelines(entries):
    return [_with_times(entry) for entry in entries]


def _text(value):
    return value.isoformat() if isinstance(value, datetime) else value


def _filter(filters):
    return {name: _text(value) for name, value in filters.items()}


def _histories(entries):
    return [_with_times(entry) for entry in entries]
