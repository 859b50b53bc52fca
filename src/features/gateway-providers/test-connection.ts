import { AppError } from '#src/kernel/errors.ts';
import { openOutbound } from '#src/platform/outbound.ts';
import type { AuthStyle, ProviderKind, TestOutcome } from './model.ts';

const TOTAL_MS = 15_000;
const ANSWER_BYTES = 4_194_304;
const MODELS_KEPT = 50;
const MODEL_LENGTH_MAX = 200;
// The version of the Messages API its documentation tells every caller to send.
const ANTHROPIC_VERSION = '2023-06-01';

export type Tested = { outcome: TestOutcome; message: string; models: string[] };
export type Connection = {
  kind: ProviderKind;
  baseUrl: string;
  authStyle: AuthStyle;
  allowPrivateAddress: boolean;
  /** Null where none is stored. */
  key: string | null;
};

/** Asks the provider which models it has: the one call that costs nothing and needs the key. Never throws. */
export async function testConnection(connection: Connection): Promise<Tested> {
  if (connection.authStyle !== 'none' && connection.key === null)
    return told('key_missing', 'No key is stored for this provider, so that every call would be refused. Store one.');
  const url = modelsUrl(connection);
  const outbound = openOutbound({
    allowedHosts: [url.protocol === 'http:' ? `http://${url.host}` : url.host],
    allowPrivate: connection.allowPrivateAddress,
    limits: { totalTimeoutMs: TOTAL_MS, responseBytes: ANSWER_BYTES, redirects: 0 },
  });
  try {
    const answer = await outbound.fetch(url, { headers: headersOf(connection) });
    const body = await answer.text();
    return judge(url.host, answer.status, body);
  } catch (error) {
    return failed(url.host, error, connection.allowPrivateAddress);
  } finally {
    await outbound.close();
  }
}

/** Clients of Anthropic add the version to the address they are given; the others expect it there. */
function modelsUrl({ kind, baseUrl }: Connection): URL {
  return new URL(kind === 'anthropic' && !baseUrl.endsWith('/v1') ? `${baseUrl}/v1/models` : `${baseUrl}/models`);
}

/** The headers by which a provider knows its caller. */
function headersOf({ kind, authStyle, key }: Connection): Record<string, string> {
  return {
    accept: 'application/json',
    ...(kind === 'anthropic' && { 'anthropic-version': ANTHROPIC_VERSION }),
    ...(key !== null && authStyle === 'bearer' && { authorization: `Bearer ${key}` }),
    ...(key !== null && authStyle === 'x-api-key' && { 'x-api-key': key }),
    ...(key !== null && authStyle === 'api-key' && { 'api-key': key }),
  };
}

function judge(host: string, status: number, body: string): Tested {
  if (status === 401 || status === 403)
    return told('key_refused', `${host} answered ${status}: it does not accept this key. Store the right one.`);
  if (status === 404)
    return told(
      'not_found',
      `${host} answered 404 to /models. Check the path of the base address: it usually ends with /v1.`,
    );
  if (status !== 200)
    return told('unexpected_answer', `${host} answered ${status} where 200 was expected. Try again, or ask its owner.`);
  const models = modelsIn(body);
  if (models === null)
    return told('unexpected_answer', `${host} answered 200, but not with a list of models. Is this the right address?`);
  const known =
    models.length === 1 ? '1 model' : `${models.length === MODELS_KEPT ? 'at least ' : ''}${models.length} models`;
  return told('works', `${host} accepted the key and named ${known}.`, models);
}

/** The ids in `{ data: [{ id }] }`, which both kinds of API answer; null for anything else. */
function modelsIn(body: string): string[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || !('data' in parsed) || !Array.isArray(parsed.data)) return null;
  return parsed.data
    .slice(0, MODELS_KEPT)
    .map((model: unknown) => (typeof model === 'object' && model !== null && 'id' in model ? model.id : null))
    .filter((id): id is string => typeof id === 'string' && id.length <= MODEL_LENGTH_MAX)
    .map((id) => id.toWellFormed());
}

function failed(host: string, error: unknown, allowsPrivate: boolean): Tested {
  if (!(error instanceof AppError)) return told('unreachable', `${host} ended the connection. Try again.`);
  if (error.code === 'forbidden')
    return told(
      'address_refused',
      allowsPrivate ? error.message : `${error.message} If it is yours, allow private addresses for this provider.`,
    );
  if (error.code === 'too_large') return told('unexpected_answer', error.message);
  return told('unreachable', `${error.message} Check the address and whether it runs.`);
}

function told(outcome: TestOutcome, message: string, models: string[] = []): Tested {
  return { outcome, message, models };
}
