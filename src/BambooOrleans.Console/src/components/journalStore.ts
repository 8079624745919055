import { messageOf } from '../api/client';
import { readJournal } from '../api/live';
import type { Turn } from '../api/types';
import { linesOf, type JournalLine } from '../model/facts';

export interface JournalState {
  turns: readonly Turn[];
  lines: readonly JournalLine[];
  isLoading: boolean;
  isWhole: boolean;
  failure: string | null;
}

/** The journal of a pipeline: read when somebody first wants it, then kept up to date. */
export class JournalStore {
  private state: JournalState = { turns: [], lines: [], isLoading: false, isWhole: false, failure: null };
  private readonly listeners = new Set<() => void>();
  private abort: AbortController | null = null;
  private pending: Turn[] = [];

  constructor(private readonly rootId: string) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = (): JournalState => this.state;

  /** Begins to read, where that was not done. */
  load(): void {
    if (!this.state.isLoading && !this.state.isWhole) {
      void this.read();
    }
  }

  /** Takes turns that happened just now. */
  append(turns: readonly Turn[]): void {
    if (this.state.isWhole) {
      this.add(turns);
    } else if (this.state.isLoading) {
      this.pending.push(...turns);
    }
  }

  stop(): void {
    this.abort?.abort();
    this.abort = null;
    this.state = { ...this.state, isLoading: false };
  }

  private async read(): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    this.set({ isLoading: true, failure: null });
    try {
      for await (const turns of readJournal(this.rootId, (this.state.turns.at(-1)?.position ?? 0) + 1, abort.signal)) {
        this.add(turns);
      }

      const late = this.pending;
      this.pending = [];
      this.set({ isWhole: true, isLoading: false });
      this.add(late);
    } catch (failure) {
      if (!abort.signal.aborted) {
        this.set({ isLoading: false, failure: messageOf(failure) });
      }
    }
  }

  private add(turns: readonly Turn[]): void {
    const last = this.state.turns.at(-1)?.position ?? 0;
    const fresh = turns.filter(turn => turn.position > last);
    if (fresh.length > 0) {
      this.set({ turns: [...this.state.turns, ...fresh], lines: [...this.state.lines, ...linesOf(fresh)] });
    }
  }

  private set(change: Partial<JournalState>): void {
    this.state = { ...this.state, ...change };
    this.listeners.forEach(listener => listener());
  }
}
