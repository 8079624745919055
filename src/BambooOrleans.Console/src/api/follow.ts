import { credentials, problemOf, query } from './client';
import { EventParser } from './sse';
import type { Turn } from './types';

export type Connection = 'connecting' | 'live' | 'disconnected' | 'refused';

export interface Follower {
  onTurns(turns: Turn[]): void;
  onConnection(state: Connection, problem: string | null): void;
  /** A stream has begun: whatever happened before may have been missed, unless it goes on from a position. */
  onOpen(isResumed: boolean): void;
}

const firstPause = 500;
const longestPause = 10_000;

/**
 * Follows the journal of a pipeline from now on, until it is stopped. A stream that breaks is taken up where it broke. It is read with
 * fetch, as EventSource cannot send a key.
 */
export function follow(rootId: string, follower: Follower): () => void {
  const stop = new AbortController();
  void run();
  return () => stop.abort();

  async function run(): Promise<void> {
    let last: string | null = null;
    let pause = firstPause;
    while (!stop.signal.aborted) {
      let problem = 'the server cannot be reached';
      let state: Connection = 'disconnected';
      try {
        const answer: Response = await fetch(`/api/v1/events?${query({ from: last === null ? 'end' : null, root_id: rootId })}`, {
          headers: { ...credentials(), ...(last === null ? {} : { 'Last-Event-ID': last }) },
          signal: stop.signal,
        });
        if (!answer.ok || !answer.body) {
          problem = await problemOf(answer);
          if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
            state = 'refused';
            pause = longestPause;
          }
        } else {
          const parser = new EventParser();
          const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
          follower.onConnection('live', null);
          follower.onOpen(last !== null);
          pause = firstPause;
          for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
            const turns: Turn[] = [];
            for (const event of parser.push(piece.value)) {
              last = event.id ?? last;
              if (event.event === 'turn') {
                turns.push(JSON.parse(event.data) as Turn);
              }
            }

            if (turns.length > 0) {
              follower.onTurns(turns);
            }
          }

          problem = 'the stream ended';
        }
      } catch (failure) {
        if (stop.signal.aborted) {
          return;
        }

        problem = failure instanceof SyntaxError ? 'the stream cannot be read' : problem;
      }

      if (stop.signal.aborted) {
        return;
      }

      follower.onConnection(state, problem);
      await new Promise(resolve => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, longestPause);
    }
  }
}
