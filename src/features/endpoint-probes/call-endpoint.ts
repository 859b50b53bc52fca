import { AppError } from '#src/kernel/errors.ts';
import { openOutbound } from '#src/platform/outbound.ts';
import type { EndpointAddress } from './model.ts';

const TOTAL_MS = 15_000;
const ANSWER_BYTES = 1_048_576;
/** Of no issuer's form, so that it is nobody's by chance. */
const WRONG_KEY = 'Bearer assay-probe-key-that-cannot-be-valid';

export type Called = { withoutKey: number | null; wrongKey: number | null; problem: string | null };

/**
 * Calls an endpoint as a stranger would: without credentials, and with some that cannot be valid. Follows no redirect. Throws
 * `forbidden` for an address that must not be called; whatever else happens is told in `problem`.
 */
export async function callEndpoint({ url, method, allowPrivateAddress }: EndpointAddress): Promise<Called> {
  const address = new URL(url);
  const outbound = openOutbound({
    allowedHosts: [address.protocol === 'http:' ? `http://${address.host}` : address.host],
    allowPrivate: allowPrivateAddress,
    limits: { totalTimeoutMs: TOTAL_MS, responseBytes: ANSWER_BYTES, redirects: 0 },
  });
  const called: Called = { withoutKey: null, wrongKey: null, problem: null };
  try {
    for (const [name, authorization] of [
      ['withoutKey', null],
      ['wrongKey', WRONG_KEY],
    ] as const) {
      const answer = await outbound.fetch(address, {
        method,
        headers: {
          ...(method === 'POST' && { 'content-type': 'application/json' }),
          ...(authorization !== null && { authorization, 'x-api-key': authorization.slice('Bearer '.length) }),
        },
        ...(method === 'POST' && { body: '{}' }),
      });
      called[name] = answer.status;
      // Whatever it says is of no interest, and may be long.
      await answer.body?.cancel();
    }
  } catch (error) {
    if (error instanceof AppError && error.code === 'forbidden') throw error;
    called.problem = error instanceof AppError ? error.message : 'The endpoint ended the connection.';
  } finally {
    await outbound.close();
  }
  return called;
}
