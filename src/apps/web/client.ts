import type { ErrorCode } from '#src/kernel/errors.ts';
import { ApiFailure } from './failure.ts';

const BASE = '/api/v1';

type Query = Record<string, string | number | boolean | null | undefined>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type CallOptions = { query?: Query; body?: unknown; form?: FormData; signal?: AbortSignal; quiet401?: boolean };

/** Asked when a call meets an expired session. Resolves to true once somebody has signed in again. */
type SignInAgain = () => Promise<boolean>;
let signInAgain: SignInAgain | null = null;

/** The shell hands in how to sign in again; a call that met an expired session then waits and is sent once more. */
export function onExpiredSession(ask: SignInAgain | null): void {
  signInAgain = ask;
}

/**
 * Calls the API and gives the answer's body. `path` is relative to `/api/v1`, or whole where it starts with `/api/`.
 * Throws `ApiFailure` and nothing else, except for an aborted call.
 */
export async function call<Answer>(method: Method, path: string, options: CallOptions = {}): Promise<Answer> {
  const response = await send(method, path, options);
  if (response.status === 401 && signInAgain && !options.quiet401) {
    if (await signInAgain()) return read<Answer>(await send(method, path, options));
  }
  return read<Answer>(response);
}

/** The address of a path of the API, for links that download. */
export function apiUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return `${path.startsWith('/api/') ? '' : BASE}${path}${text ? `?${text}` : ''}`;
}

async function send(method: Method, path: string, { query, body, form, signal }: CallOptions): Promise<Response> {
  try {
    return await fetch(apiUrl(path, query), {
      method,
      signal,
      credentials: 'same-origin',
      headers: body === undefined ? undefined : { 'content-type': 'application/json' },
      body: form ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiFailure('offline', 'The server does not answer. Check that Assay is still running, then try again.');
  }
}

async function read<Answer>(response: Response): Promise<Answer> {
  if (response.status === 204) return undefined as Answer;
  const type = response.headers.get('content-type') ?? '';
  if (response.ok && type.includes('json')) return (await response.json()) as Answer;
  if (response.ok) return (await response.text()) as Answer;
  throw await failureOf(response, type);
}

async function failureOf(response: Response, type: string): Promise<ApiFailure> {
  const requestId = response.headers.get('x-request-id') ?? undefined;
  if (type.includes('json')) {
    const problem = (await response.json()) as {
      code?: ErrorCode;
      message?: string;
      requestId?: string;
      fields?: { field: string; message: string }[];
    };
    return new ApiFailure(problem.code ?? 'internal', problem.message ?? `The server answered ${response.status}.`, {
      requestId: problem.requestId ?? requestId,
      fields: Object.fromEntries((problem.fields ?? []).map(({ field, message }) => [field, message])),
    });
  }
  return new ApiFailure(response.status === 404 ? 'not_found' : 'internal', `The server answered ${response.status}.`, {
    requestId,
  });
}
