import createClient from 'openapi-fetch';
import type { components, paths } from './api.gen.ts';
import { ApiFailure } from './failure.ts';

/** Asked when a call meets an expired session. Resolves to true once somebody has signed in again. */
type SignInAgain = () => Promise<boolean>;
let signInAgain: SignInAgain | null = null;

/** The shell hands in how to sign in again; a call that met an expired session then waits and is sent once more. */
export function onExpiredSession(ask: SignInAgain | null): void {
  signInAgain = ask;
}

/** The API for pages of somebody signed in. Paths, parameters, bodies and answers are typed by the server's own description. */
export const api = createClient<paths>({ fetch: sendSignedIn });

/** The API for pages before signing in, where a refusal is about what was typed and not about a session that ended. */
export const openApi = createClient<paths>({ fetch: send });

async function sendSignedIn(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await send(request);
  return response.status === 401 && signInAgain && (await signInAgain()) ? send(again) : response;
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new ApiFailure('offline', 'The server does not answer. Check that Assay is still running, then try again.');
  }
}

type Problem = components['schemas']['Problem'];

/** The body of a call's answer. Throws `ApiFailure` and nothing else, except for an aborted call. */
export async function answerOf<Data>(
  sent: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await sent;
  if (response.ok) return data as Data;
  const requestId = response.headers.get('x-request-id') ?? undefined;
  const problem: Partial<Problem> = typeof error === 'object' && error !== null ? error : {};
  throw new ApiFailure(
    problem.code ?? (response.status === 404 ? 'not_found' : 'internal'),
    problem.message ?? `The server answered ${response.status}.`,
    {
      requestId: problem.requestId ?? requestId,
      fields: problem.fields,
    },
  );
}

/** The address of a path of the API, for links that download. */
export function apiUrl(path: string): string {
  return `/api/v1${path}`;
}
