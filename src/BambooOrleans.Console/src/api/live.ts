import { follow, type Connection } from './follow';
import { messageOf, pathOf, query, read } from './client';
import type { NodeState, Turn, Wait } from './types';
import { applyTurn, flatten, isAppointed, type States } from '../model/states';

/** What is known of a running pipeline at this moment. A new object at each change. */
export interface LiveState {
  states: States | null;
  waits: Wait[];
  connection: Connection;
  problem: string | null;
  /** Why the states could not be read at first. */
  failure: string | null;
  /** Grows with each change of the states of nodes. */
  revision: number;
  /** The position of the last turn that was seen; 0 before there was one. */
  position: number;
}

/** Pipelines with more nodes than this are not read whole at each event, but changed as the events say. */
export const smallNodesMax = 400;

const smallPause = 500;
const largePause = 10_000;
const waitsPause = 700;

/**
 * Follows one pipeline: reads its states, and keeps them as the event stream says. A small pipeline is read again, at most twice a
 * second; a large one is changed event by event, and read again now and then.
 */
export class Live {
  private state: LiveState = { states: null, waits: [], connection: 'connecting', problem: null, failure: null, revision: 0, position: 0 };
  private readonly listeners = new Set<() => void>();
  private readonly turnListeners = new Set<(turns: Turn[]) => void>();
  private readonly stops: (() => void)[] = [];
  private readonly abort = new AbortController();
  private statesTimer: ReturnType<typeof setTimeout> | null = null;
  private waitsTimer: ReturnType<typeof setTimeout> | null = null;
  private missed: Turn[] | null = null;
  private isReading = false;
  private isDirty = false;

  /** The sub-process that a node stands in, once the tree is known. */
  parentOf: (id: string) => string | null = () => null;

  constructor(readonly rootId: string) {}

  start(): void {
    this.stops.push(follow(this.rootId, {
      onTurns: turns => this.take(turns),
      onConnection: (connection, problem) => this.set({ connection, problem }),
      onOpen: () => {
        void this.readStates();
        void this.readWaits();
      },
    }));

    // The first view does not wait for the stream.
    void this.readStates();
    void this.readWaits();
  }

  stop(): void {
    this.abort.abort();
    this.stops.forEach(stop => stop());
    [this.statesTimer, this.waitsTimer].forEach(timer => timer !== null && clearTimeout(timer));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = (): LiveState => this.state;

  /** Hears the turns as they come. */
  onTurns(listener: (turns: Turn[]) => void): () => void {
    this.turnListeners.add(listener);
    return () => this.turnListeners.delete(listener);
  }

  /** Reads everything again, as after a verb. */
  refresh(): void {
    void this.readStates();
    void this.readWaits();
  }

  private take(turns: Turn[]): void {
    this.turnListeners.forEach(listener => listener(turns));
    this.missed?.push(...turns);
    const { states } = this.state;
    if (states) {
      const changed = new Map(states);
      const count = turns.reduce((sum, turn) => sum + applyTurn(changed, turn, this.parentOf).length, 0);
      this.set(count > 0
        ? { states: changed, revision: this.state.revision + 1, position: turns.at(-1)!.position }
        : { position: turns.at(-1)!.position });
    }

    this.statesTimer ??= setTimeout(() => {
      this.statesTimer = null;
      void this.readStates();
    }, (states?.size ?? 0) > smallNodesMax ? largePause : smallPause);
    this.waitsTimer ??= setTimeout(() => {
      this.waitsTimer = null;
      void this.readWaits();
    }, (states?.size ?? 0) > smallNodesMax ? 3 * waitsPause : waitsPause);
  }

  private async readStates(): Promise<void> {
    if (this.isReading) {
      this.isDirty = true;
      return;
    }

    this.isReading = true;
    this.missed = [];
    try {
      const states = flatten(await read<Record<string, NodeState>>(pathOf('pipelines', this.rootId, 'states'), this.abort.signal));

      // What happened while it was read may be in it or not; to apply it again comes to the same but for counted retries, which the
      // next reading, that these turns have caused, puts right.
      for (const turn of this.missed) {
        applyTurn(states, turn, this.parentOf);
      }

      for (const [id, state] of this.state.states ?? []) {
        if (isAppointed(state) && !states.has(id)) {
          states.set(id, state);
        }
      }

      const isFirst = this.state.states === null;
      if (isFirst && states.size <= smallNodesMax && states.get(this.rootId)?.archived_time === null) {
        void this.readAppointments();
      }

      this.set({ states, failure: null, revision: this.state.revision + 1 });
    } catch (failure) {
      if (!this.abort.signal.aborted && this.state.states === null) {
        this.set({ failure: messageOf(failure) });
      }
    } finally {
      this.isReading = false;
      this.missed = null;
      if (this.isDirty && !this.abort.signal.aborted) {
        this.isDirty = false;
        void this.readStates();
      }
    }
  }

  /** Takes the state of a node that the state tree does not have. */
  learn(state: NodeState): void {
    const { states } = this.state;
    if (states && isAppointed(state) && !states.has(state.id)) {
      this.set({ states: new Map(states).set(state.id, { ...state, root_id: this.rootId }), revision: this.state.revision + 1 });
    }
  }

  // Nodes that were paused before they were reached are in the journal.
  private async readAppointments(): Promise<void> {
    try {
      const folded: States = new Map();
      for await (const turns of readJournal(this.rootId, 1, this.abort.signal)) {
        for (const turn of turns) {
          applyTurn(folded, turn, this.parentOf);
        }
      }

      folded.forEach(state => this.learn(state));
    } catch {
      // They are learnt of when they are selected, too.
    }
  }

  private async readWaits(): Promise<void> {
    try {
      this.set({ waits: await read<Wait[]>(pathOf('pipelines', this.rootId, 'waits'), this.abort.signal) });
    } catch {
      // The states say what is wrong.
    }
  }

  private set(change: Partial<LiveState>): void {
    if (!this.abort.signal.aborted) {
      this.state = { ...this.state, ...change };
      this.listeners.forEach(listener => listener());
    }
  }
}

const pageSize = 1000;

/** Reads the journal of a pipeline from a position on, page by page. */
export async function* readJournal(rootId: string, from: number, signal: AbortSignal): AsyncGenerator<Turn[]> {
  for (let at = from; ;) {
    const turns = await read<Turn[]>(`${pathOf('pipelines', rootId, 'journal')}?${query({ from: at, limit: pageSize })}`, signal);
    if (turns.length === 0) {
      return;
    }

    yield turns;
    if (turns.length < pageSize) {
      return;
    }

    at = turns.at(-1)!.position + 1;
  }
}
