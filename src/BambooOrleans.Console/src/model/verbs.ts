import type { Json, NodeState, RoleName, StateName, TreeActivity, Wait } from '../api/types';
import type { Model, NodeKind } from './tree';

export type FieldKind = 'json' | 'text' | 'time' | 'flag' | 'flow' | 'flows' | 'converge' | 'entries';

/** An argument of a verb that is asked for. */
export interface VerbField {
  name: string;
  label: string;
  kind: FieldKind;
  required: boolean;
  help?: string;
}

/** A function of the Engine API that steers a pipeline or node. */
export interface Verb {
  name: string;
  label: string;
  /** What it does, in a sentence. */
  about: string;
  /** The argument that names what it acts on. */
  target: 'pipeline_id' | 'node_id' | 'id';
  role: RoleName;
  /** Whether it cannot be taken back. */
  isFinal?: boolean;
  fields: VerbField[];
}

const at: VerbField = { name: 'at', label: 'When', kind: 'time', required: false, help: 'Leave empty to go on now.' };

export const verbs: Record<string, Verb> = Object.fromEntries(([
  {
    name: 'retry_node', label: 'Retry', about: 'Runs the failed node again.', target: 'node_id', role: 'operator',
    fields: [
      { name: 'data', label: 'New inputs', kind: 'json', required: false, help: 'A JSON object that takes the place of all inputs of the node. Leave empty to keep them.' },
      { name: 'loop_retry', label: 'Only the failed round of the node’s own loop', kind: 'flag', required: false },
    ],
  },
  {
    name: 'retry_subprocess', label: 'Retry sub-process', about: 'Enters the sub-process again that could not be entered.', target: 'node_id', role: 'operator', fields: [],
  },
  {
    name: 'skip_node', label: 'Skip', about: 'Passes over the failed node; the pipeline goes on behind it.', target: 'node_id', role: 'operator',
    fields: [{ name: 'loop_skip', label: 'Only the failed round of the node’s own loop', kind: 'flag', required: false }],
  },
  {
    name: 'skip_exclusive_gateway', label: 'Skip along a flow', about: 'Passes over the failed gateway along the flow that you choose.', target: 'node_id', role: 'operator',
    fields: [{ name: 'flow_id', label: 'Flow', kind: 'flow', required: true }],
  },
  {
    name: 'skip_conditional_parallel_gateway', label: 'Skip along flows', about: 'Passes over the failed gateway along the flows that you choose.', target: 'node_id', role: 'operator',
    fields: [
      { name: 'flow_ids', label: 'Flows', kind: 'flows', required: true },
      { name: 'converge_gateway_id', label: 'Converge gateway', kind: 'converge', required: true, help: 'Where its branches meet.' },
    ],
  },
  {
    name: 'callback', label: 'Call back', about: 'Hands the waiting node its answer.', target: 'node_id', role: 'operator',
    fields: [{ name: 'data', label: 'Data', kind: 'json', required: true, help: 'Any JSON value, as the component expects it.' }],
  },
  {
    name: 'forced_fail_activity', label: 'Force to fail', about: 'Makes the running activity fail, without running its component again.', target: 'node_id', role: 'operator',
    fields: [{ name: 'ex_data', label: 'Error', kind: 'text', required: true, help: 'What the node’s ex_data will say.' }],
  },
  {
    name: 'pause_pipeline', label: 'Pause', about: 'Holds each token before its next node. What runs is not stopped.', target: 'pipeline_id', role: 'operator', fields: [],
  },
  {
    name: 'resume_pipeline', label: 'Resume', about: 'Goes on, now or at a time.', target: 'pipeline_id', role: 'operator', fields: [at],
  },
  {
    name: 'revoke_pipeline', label: 'Revoke', about: 'Ends the pipeline for good. This cannot be taken back.', target: 'pipeline_id', role: 'operator', isFinal: true, fields: [],
  },
  {
    name: 'pause_node_appoint', label: 'Pause here', about: 'Holds the token that comes to this node, or the node itself where it runs.', target: 'node_id', role: 'operator', fields: [],
  },
  {
    name: 'resume_node_appoint', label: 'Resume here', about: 'Ends the pause of this node, now or at a time.', target: 'node_id', role: 'operator', fields: [at],
  },
  {
    name: 'cancel_scheduled_resume', label: 'Cancel appointed resume', about: 'Takes back a resume that was appointed for later; the pause stays.', target: 'id', role: 'operator', fields: [],
  },
  {
    name: 'update_context_values', label: 'Set context values', about: 'Replaces values of the context as they are; templates in them are not rendered.', target: 'pipeline_id', role: 'admin',
    fields: [{ name: 'context_values', label: 'Values', kind: 'entries', required: true, help: 'A JSON object: each key of the context and its new value.' }],
  },
  {
    name: 'update_node_outputs', label: 'Set outputs', about: 'Sets outputs of the failed node beside those it has, and takes them to the context.', target: 'node_id', role: 'admin',
    fields: [{ name: 'outputs', label: 'Outputs', kind: 'json', required: true, help: 'A JSON object.' }],
  },
] satisfies Verb[]).map(verb => [verb.name, verb]));

/** Verbs that a batch may call on pipelines, and on the nodes in them that it would move. */
export const batchVerbs = ['pause_pipeline', 'resume_pipeline', 'revoke_pipeline', 'retry_node', 'skip_node', 'forced_fail_activity'];

const over: (StateName | undefined)[] = ['FINISHED', 'REVOKED'];

/**
 * The verbs that make sense for a pipeline, sub-process or node as it stands, the most likely first. The server decides: what it
 * would answer is seen in the dry run.
 */
export function verbsFor(
  model: Model,
  id: string,
  states: ReadonlyMap<string, NodeState>,
  waits: readonly Wait[],
): Verb[] {
  const isRoot = id === model.rootId;
  const node = model.nodes.get(id);
  const kind: NodeKind | 'root' | undefined = isRoot ? 'root' : node?.kind;
  const state = states.get(id)?.state;
  if (kind === undefined || over.includes(states.get(model.rootId)?.state)) {
    return [];
  }

  const source = node?.source as TreeActivity | undefined;
  const isPipeline = kind === 'root' || kind === 'subprocess';
  const hasWait = (verb: string) => waits.some(wait => wait.node_id === id && wait.verbs.includes(verb));
  const applies: Record<string, boolean> = {
    retry_node: !isPipeline && state === 'FAILED' && source?.retryable !== false,
    retry_subprocess: kind === 'subprocess' && state === 'FAILED',
    skip_node: (kind === 'activity' || kind === 'start') && state === 'FAILED' && source?.skippable !== false,
    skip_exclusive_gateway: kind === 'exclusive' && state === 'FAILED',
    skip_conditional_parallel_gateway: kind === 'conditional' && state === 'FAILED',
    callback: hasWait('callback'),
    forced_fail_activity: kind === 'activity' && state === 'RUNNING',
    resume_pipeline: isPipeline && state === 'SUSPENDED',
    resume_node_appoint: !isPipeline && state === 'SUSPENDED',
    pause_pipeline: kind === 'root' ? state === 'RUNNING' : kind === 'subprocess' && (state === 'RUNNING' || state === 'READY'),
    pause_node_appoint: !isPipeline && (state === undefined || state === 'READY' || state === 'RUNNING'),
    update_context_values: isPipeline && state !== undefined && state !== 'FINISHED',
    update_node_outputs: !isPipeline && state === 'FAILED',
    cancel_scheduled_resume: state === 'SUSPENDED',
    revoke_pipeline: kind === 'root' && (state === 'RUNNING' || state === 'SUSPENDED'),
  };
  return Object.keys(applies).filter(name => applies[name]).map(name => verbs[name]!);
}

/** Whether a role suffices for another. */
export function allows(role: RoleName, needed: RoleName): boolean {
  const order: RoleName[] = ['viewer', 'operator', 'admin'];
  return order.indexOf(role) >= order.indexOf(needed);
}

/** What the form of a verb holds, by the name of the field, as it was typed. */
export type FormValues = Record<string, string | boolean | string[]>;

/** The arguments of a call as a form has them, or what is wrong with it. */
export function argumentsOf(
  verb: Verb,
  target: string,
  form: FormValues,
  state: NodeState | undefined,
): { arguments: Record<string, Json> } | { problems: Record<string, string> } {
  const result: Record<string, Json> = { [verb.target]: target };
  const problems: Record<string, string> = {};
  if (verb.name === 'callback') {
    result['version'] = state?.version ?? '';
  }

  for (const field of verb.fields) {
    const value = form[field.name];
    const typed = typeof value === 'string' ? value.trim() : '';
    switch (field.kind) {
      case 'flag':
        if (value === true) {
          result[field.name] = true;
        }

        break;
      case 'flows': {
        const chosen = Array.isArray(value) ? value : [];
        if (chosen.length === 0) {
          problems[field.name] = 'choose at least one';
        }

        result[field.name] = chosen;
        break;
      }

      case 'time':
        if (typed) {
          const time = Date.parse(typed);
          if (Number.isNaN(time)) {
            problems[field.name] = 'this is no time';
          } else {
            result[field.name] = new Date(time).toISOString();
          }
        }

        break;
      case 'json':
      case 'entries':
        if (!typed) {
          if (field.required) {
            problems[field.name] = 'this is needed';
          }

          break;
        }

        try {
          const json = JSON.parse(typed) as Json;
          const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
          if (verb.name !== 'callback' && !isObject) {
            problems[field.name] = 'this must be a JSON object';
          } else {
            result[field.name] = field.kind === 'entries'
              ? Object.entries(json as Record<string, Json>).map(([key, entry]) => ({ key: key.startsWith('${') ? key : `\${${key}}`, type: 'PLAIN', value: entry }))
              : json;
          }
        } catch (failure) {
          problems[field.name] = `this is not JSON: ${(failure as Error).message}`;
        }

        break;
      default:
        if (typed) {
          result[field.name] = typed;
        } else if (field.required) {
          problems[field.name] = field.kind === 'text' ? 'this is needed' : 'choose one';
        }

        break;
    }
  }

  return Object.keys(problems).length > 0 ? { problems } : { arguments: result };
}
