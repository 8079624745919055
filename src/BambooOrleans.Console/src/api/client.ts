import type { Envelope, Json } from './types';

const keyName = 'bamboo-key';

/** What is wrong with a request itself, as problem details say it; or that the server cannot be reached (status 0). */
export class RequestError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** What the engine refuses. */
export class EngineError extends Error {
  constructor(readonly code: string, message: string, readonly path: string | null) {
    super(message);
  }
}

/** The API key of this tab, where one was pasted. */
export const storedKey = {
  get: (): string | null => sessionStorage.getItem(keyName),
  set: (key: string): void => sessionStorage.setItem(keyName, key),
  clear: (): void => sessionStorage.removeItem(keyName),
};

/** The headers that say who asks; with the cookie of a login link there are none. */
export function credentials(): Record<string, string> {
  const key = storedKey.get();
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** Sends a request to the API and gives the JSON of the answer. */
export async function request<T>(method: 'GET' | 'POST', path: string, body?: Json, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      headers: { ...credentials(), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (failure) {
    if (signal?.aborted) {
      throw failure;
    }

    throw new RequestError(0, 'the server cannot be reached');
  }

  if (!answer.ok) {
    throw new RequestError(answer.status, await problemOf(answer));
  }

  return (await answer.json()) as T;
}

/** Calls a function of the Engine API and gives its data. */
export async function call<T>(name: string, args: Record<string, Json>, signal?: AbortSignal): Promise<T> {
  return unwrap(await request<Envelope<T>>('POST', name, args, signal));
}

/** Reads by path, such as `pipelines/x/states`. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return unwrap(await request<Envelope<T>>('GET', path, undefined, signal));
}

/** A path with an id in it. */
export function pathOf(kind: 'pipelines' | 'nodes', id: string, name: string): string {
  return `${kind}/${encodeURIComponent(id)}/${name}`;
}

/** A query, without the parameters that are empty. */
export function query(parameters: Record<string, string | number | null | undefined>): string {
  const result = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') {
      result.set(name, String(value));
    }
  }

  return result.toString();
}

/** What is told of a failure. */
export function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}

export async function problemOf(answer: Response): Promise<string> {
  try {
    const problem = (await answer.json()) as { detail?: string; title?: string };
    return problem.detail ?? problem.title ?? `the server answered ${answer.status}`;
  } catch {
    return `the server answered ${answer.status}`;
  }
}

function unwrap<T>(envelope: Envelope<T>): T {
  if (!envelope.result) {
    throw new EngineError(envelope.code ?? 'internal', envelope.message, envelope.details?.path ?? null);
  }

  return envelope.data;
}
