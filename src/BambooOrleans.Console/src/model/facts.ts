import type { Fact, Turn } from '../api/types';
import { subjectOf } from './states';

/** What kind of thing a fact tells, by which the journal is filtered. */
export type FactGroup = 'states' | 'verbs' | 'data' | 'tokens';

export const groupNames: Record<FactGroup, string> = {
  states: 'States',
  verbs: 'Verbs',
  data: 'Data',
  tokens: 'Tokens and history',
};

/** One line of the journal. */
export interface JournalLine {
  /** Position of the turn and number of the fact in it. */
  key: string;
  position: number;
  /** When it happened; facts without a time have that of the fact before. */
  time: string | null;
  subject: string;
  event: string;
  group: FactGroup;
  text: string;
  fact: Fact;
}

const groups: Record<string, FactGroup> = {
  'token-moved': 'tokens',
  'token-forked': 'tokens',
  'token-arrived': 'tokens',
  'token-held': 'tokens',
  'token-slept': 'tokens',
  'token-woken': 'tokens',
  'token-ended': 'tokens',
  'node-held-token': 'tokens',
  'node-outcome-held': 'tokens',
  'node-not-entered': 'tokens',
  'node-verb-taken': 'verbs',
  'pipeline-verb-taken': 'verbs',
  'node-resume-scheduled': 'verbs',
  'pipeline-resume-scheduled': 'verbs',
  'node-callback-accepted': 'verbs',
  'context-changed': 'data',
  'context-replaced': 'data',
  'raw-inputs-replaced': 'data',
  'node-outputs-updated': 'data',
  'node-hydration-began': 'data',
  'node-history-added': 'tokens',
  'sub-process-history-added': 'tokens',
  'sub-process-opened': 'data',
};

export function groupOf(event: string): FactGroup {
  return groups[event] ?? 'states';
}

/** The lines of turns, in order. */
export function linesOf(turns: readonly Turn[]): JournalLine[] {
  const lines: JournalLine[] = [];
  let time: string | null = null;
  for (const turn of turns) {
    turn.events.forEach((fact, index) => {
      time = fact.time ?? time;
      lines.push({
        key: `${turn.position}.${index}`,
        position: turn.position,
        time,
        subject: subjectOf(turn, fact),
        event: fact.event,
        group: groupOf(fact.event),
        text: factText(fact),
        fact,
      });
    });
  }

  return lines;
}

/** What a fact says, in words. */
export function factText(fact: Fact): string {
  switch (fact.event) {
    case 'pipeline-started':
      return 'started';
    case 'pipeline-finished':
      return 'finished';
    case 'pipeline-revoked':
      return 'revoked';
    case 'pipeline-paused':
      return 'paused';
    case 'pipeline-resumed':
      return 'resumed';
    case 'sub-process-entered':
      return `sub-process entered${round(fact)}`;
    case 'sub-process-opened':
      return 'parameters of the sub-process are rendered';
    case 'sub-process-failed':
      return `could not be entered: ${short(fact['exData'])}`;
    case 'sub-process-finished':
      return 'sub-process finished';
    case 'sub-process-retried':
    case 'node-retried':
      return 'is to be run again';
    case 'node-started':
      return `started${round(fact)}`;
    case 'node-execution-began':
      return `component runs with ${short(fact['inputs'])}`;
    case 'node-hydration-began':
      return 'lazy variables are computed';
    case 'node-end-event-began':
      return 'end event runs';
    case 'node-scheduled':
      return fact['kind'] === 2 || fact['kind'] === 3 ? 'waits for a callback' : 'will be polled';
    case 'node-poll-began':
      return 'poll runs';
    case 'node-polled':
      return fact['due'] ? `polled; again at ${String(fact['due'])}` : 'polled';
    case 'node-callback-accepted':
      return `called back with ${short(fact['data'])}`;
    case 'node-finished':
      return fact['errorIgnored'] ? 'failed, and the failure is passed over' : 'finished';
    case 'node-failed':
      return `failed: ${short((fact['outputs'] as Record<string, unknown> | undefined)?.['ex_data'] ?? '')}`;
    case 'node-not-entered':
      return 'could not be entered in its state';
    case 'node-verb-taken':
    case 'pipeline-verb-taken':
      return `${String(fact['verb'])}${fact['operator'] ? ` by ${String(fact['operator'])}` : ''}${fact['reason'] ? `: ${String(fact['reason'])}` : ''}`;
    case 'node-resume-scheduled':
    case 'pipeline-resume-scheduled':
      return fact['at'] ? `resumes at ${String(fact['at'])}` : 'the appointed resume is taken back';
    case 'node-outputs-updated':
      return `outputs set: ${short(fact['outputs'])}`;
    case 'node-skipped':
      return 'skipped';
    case 'node-forced-to-fail':
      return `forced to fail: ${short(fact['exData'])}`;
    case 'node-paused':
      return 'paused';
    case 'node-pause-ended':
      return 'pause ended';
    case 'node-held-token':
      return 'holds its token, as it is paused';
    case 'node-outcome-held':
      return 'what it came to is kept until it goes on';
    case 'node-history-added':
    case 'sub-process-history-added':
      return 'attempt moved to the history';
    case 'raw-inputs-replaced':
      return `inputs replaced: ${short(valuesOf(fact['inputs']))}`;
    case 'context-changed':
      return `context: ${short(fact['values'])}`;
    case 'context-replaced':
      return `context set: ${short(fact['entries'])}`;
    case 'token-moved':
      return `token ${token(fact)} comes to ${String((fact['token'] as { node?: string } | undefined)?.node)}`;
    case 'token-forked':
      return `token ${token(fact)} forks into ${(fact['children'] as unknown[] | undefined)?.length ?? 0}, to meet at ${String(fact['destination'])}`;
    case 'token-arrived':
      return `token ${token(fact)} arrived where its branches meet`;
    case 'token-held':
      return `token ${token(fact)} is held: ${String(fact['by'])} is paused`;
    case 'token-slept':
      return `token ${token(fact)} sleeps`;
    case 'token-woken':
      return `token ${token(fact)} wakes, attempt ${String(fact['attempt'])}`;
    case 'token-ended':
      return `token ${token(fact)} ended`;
    default:
      return fact.event.replaceAll('-', ' ');
  }
}

// Each input stands with whether it is rendered, which says nothing to people.
function valuesOf(inputs: unknown): unknown {
  return typeof inputs === 'object' && inputs !== null
    ? Object.fromEntries(Object.entries(inputs as Record<string, { value?: unknown }>).map(([key, input]) => [key, input?.value]))
    : inputs;
}

/** JSON, cut to a line. */
export function short(value: unknown, max = 120): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

function round(fact: Fact): string {
  const loop = Number(fact['loop'] ?? 1);
  const attempt = Number(fact['attempt'] ?? 1);
  return (loop > 1 ? `, round ${loop}` : '') + (attempt > 1 ? `, attempt ${attempt}` : '');
}

function token(fact: Fact): string {
  const value = fact['token'];
  return typeof value === 'string' ? value : String((value as { id?: string } | undefined)?.id ?? '');
}
