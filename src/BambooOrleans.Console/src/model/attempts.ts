import type { Fact, NodeState, StateName, Turn } from '../api/types';
import { subjectOf } from './states';

/** One attempt of a node or sub-process: a bar of the timeline. */
export interface Attempt {
  node: string;
  version: string;
  loop: number;
  /** Counts the attempts of the node, from 1. */
  number: number;
  start: number;
  /** Null while it goes on. */
  end: number | null;
  state: StateName;
  /** Stretches in which it waited for a callback or the next poll, rather than ran. */
  waits: { from: number; to: number | null }[];
  skipped: boolean;
}

/** Folds turns of the journal, in order, into the attempts that they tell of. More turns can be added at any time. */
export class AttemptFold {
  readonly attempts: Attempt[] = [];
  private readonly open = new Map<string, Attempt>();
  private readonly counts = new Map<string, number>();

  add(turns: readonly Turn[]): void {
    for (const turn of turns) {
      for (const fact of turn.events) {
        this.take(subjectOf(turn, fact), fact);
      }
    }
  }

  private take(node: string, fact: Fact): void {
    const time = fact.time ? Date.parse(fact.time) : NaN;
    switch (fact.event) {
      case 'pipeline-started':
      case 'sub-process-entered':
      case 'node-started':
        this.end(node, time, 'FINISHED');
        this.begin(node, time, String(fact['version'] ?? ''), Number(fact['loop'] ?? 1));
        break;
      case 'node-scheduled':
        this.open.get(node)?.waits.push({ from: time, to: null });
        break;
      case 'node-callback-accepted':
      case 'node-poll-began':
        this.endWait(node, time);
        break;
      case 'node-polled':
        this.open.get(node)?.waits.push({ from: time, to: null });
        break;
      case 'pipeline-finished':
      case 'sub-process-finished':
      case 'node-finished':
        this.end(node, time, 'FINISHED');
        break;
      case 'sub-process-failed':
      case 'node-failed':
      case 'node-forced-to-fail':
        this.end(node, time, 'FAILED');
        break;
      case 'node-skipped': {
        const last = this.attempts.findLast(attempt => attempt.node === node);
        if (last) {
          last.skipped = true;
        }

        break;
      }
      case 'pipeline-verb-taken':
        if (fact['verb'] === 'revoke_pipeline') {
          this.end(node, time, 'REVOKED');
        }

        break;
      default:
        break;
    }
  }

  private begin(node: string, start: number, version: string, loop: number): void {
    const number = (this.counts.get(node) ?? 0) + 1;
    this.counts.set(node, number);
    const attempt: Attempt = { node, version, loop, number, start, end: null, state: 'RUNNING', waits: [], skipped: false };
    this.open.set(node, attempt);
    this.attempts.push(attempt);
  }

  private end(node: string, time: number, state: StateName): void {
    const attempt = this.open.get(node);
    if (attempt) {
      this.endWait(node, time);
      attempt.end = time;
      attempt.state = state;
      this.open.delete(node);
    }
  }

  private endWait(node: string, time: number): void {
    const wait = this.open.get(node)?.waits.at(-1);
    if (wait && wait.to === null) {
      wait.to = time;
    }
  }
}

/** The last attempt of each node as its state shows it: what there is without the journal. */
export function attemptsOfStates(states: Iterable<NodeState>): Attempt[] {
  const attempts: Attempt[] = [];
  for (const state of states) {
    if (state.started_time) {
      attempts.push({
        node: state.id,
        version: state.version,
        loop: state.loop,
        number: state.retry + 1,
        start: Date.parse(state.started_time),
        end: state.archived_time ? Date.parse(state.archived_time) : null,
        state: state.state,
        waits: [],
        skipped: state.skip,
      });
    }
  }

  return attempts.sort((a, b) => a.start - b.start);
}
