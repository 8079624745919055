import type { Fact, NodeState, StateName, Turn } from '../api/types';

/** The states of a pipeline and of all nodes in it, by id. A node that was not reached has none. */
export type States = Map<string, NodeState>;

/** Flattens what get_pipeline_states gives. */
export function flatten(tree: Record<string, NodeState>): States {
  const states: States = new Map();
  const open = Object.values(tree);
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    states.set(state.id, state);
    open.push(...Object.values(state.children));
  }

  return states;
}

/**
 * Takes a turn of the journal into states, so that a large pipeline need not be read again at each event. Gives the ids whose
 * states changed. Reading the states again afterwards must come to the same.
 */
export function applyTurn(states: States, turn: Turn, parentOf: (id: string) => string | null): string[] {
  const changed: string[] = [];
  const change = (id: string, to: Partial<NodeState>) => {
    const before = states.get(id) ?? {
      id,
      state: 'READY' as StateName,
      root_id: turn.root_id,
      parent_id: parentOf(id) ?? turn.root_id,
      version: '',
      loop: 1,
      inner_loop: 1,
      retry: 0,
      skip: false,
      error_ignored: false,
      created_time: to.started_time ?? null,
      started_time: null,
      archived_time: null,
      children: {},
    };
    states.set(id, { ...before, ...to });
    changed.push(id);
  };

  for (const fact of turn.events) {
    const id = subjectOf(turn, fact);
    const before = states.get(id);
    const time = fact.time ?? null;
    const version = text(fact, 'version') ?? before?.version ?? '';
    const retry = before?.retry ?? 0;
    switch (fact.event) {
      case 'pipeline-started':
        change(id, { state: 'RUNNING', version, started_time: time, archived_time: null });
        break;
      case 'pipeline-finished':
      case 'sub-process-finished':
        change(id, { state: 'FINISHED', archived_time: time });
        break;
      case 'pipeline-revoked':
        change(id, { state: 'REVOKED' });
        break;
      case 'pipeline-paused':
        change(id, { state: 'SUSPENDED' });
        break;
      case 'pipeline-resumed':
        change(id, { state: 'RUNNING' });
        break;
      case 'sub-process-entered':
      case 'node-started':
        change(id, {
          state: 'RUNNING',
          version,
          loop: number(fact, 'loop') ?? 1,
          inner_loop: number(fact, 'innerLoop') ?? 1,
          started_time: time,
          archived_time: null,
          ...(fact['isReentry'] ? { skip: false, error_ignored: false } : {}),
          ...(fact['resetsRetry'] ? { retry: 0 } : {}),
        });
        break;
      case 'sub-process-failed':
      case 'node-failed':
      case 'node-forced-to-fail':
        change(id, { state: 'FAILED', version, archived_time: time });
        break;
      case 'node-finished':
        change(id, { state: 'FINISHED', archived_time: time, error_ignored: fact['errorIgnored'] === true });
        break;
      case 'node-retried': {
        const isRound = (fact['wakes'] as { retry?: string } | undefined)?.retry === 'Round';
        change(id, { state: isRound ? 'LOOP_READY' : 'READY', version, retry: isRound ? retry : retry + 1, started_time: null, archived_time: null });
        break;
      }
      case 'sub-process-retried':
        change(id, { state: 'READY', version, retry: retry + 1, started_time: null, archived_time: null });
        break;
      case 'node-skipped':
        change(id, { state: 'FINISHED', version, skip: true, archived_time: time });
        break;
      case 'node-paused':
        change(id, { state: 'SUSPENDED', version });
        break;
      case 'node-pause-ended':
        // It runs again where it ran before, which shows by its having started and not ended.
        change(id, { state: before?.started_time && !before.archived_time ? 'RUNNING' : 'READY', version });
        break;
      default:
        break;
    }
  }

  return changed;
}

/**
 * Whether a node has a state only because it was paused, or let go again, before a token came to it. The state tree does not have
 * such nodes; their own states, and the journal, do.
 */
export function isAppointed(state: NodeState): boolean {
  return state.started_time === null && state.retry === 0 && (state.state === 'SUSPENDED' || state.state === 'READY');
}

/** The node or pipeline that a fact is about. */
export function subjectOf(turn: { machine: string }, fact: Fact): string {
  return text(fact, 'scopeId') ?? text(fact, 'rootId') ?? text(fact, 'nodeId') ?? turn.machine;
}

function text(fact: Fact, member: string): string | null {
  const value = fact[member];
  return typeof value === 'string' ? value : null;
}

function number(fact: Fact, member: string): number | null {
  const value = fact[member];
  return typeof value === 'number' ? value : null;
}
