import { REFUSAL_STATUS, type RefusalCode } from '../decision.ts';
import type { EndpointName } from './endpoints.ts';
import type { NotFound } from './not-found.ts';

// Errors in the words of the provider whose client is calling, so that the client raises the class its users expect.

const OPENAI_TYPE: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'invalid_request_error',
  415: 'invalid_request_error',
  429: 'rate_limit_error',
  503: 'service_unavailable_error',
};

const ANTHROPIC_TYPE: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  415: 'invalid_request_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

export type ErrorShape = 'openai' | 'anthropic';

/** What a refusal says of itself; `param` names the member of the request that is wrong. */
type Said = { code: RefusalCode; message: string; param?: string; said?: NotFound; details?: Record<string, unknown> };

/** The body of a refusal. */
export function errorBody(shape: ErrorShape, { code, message, param, details, said }: Said, requestId: string): string {
  const status = REFUSAL_STATUS[code];
  if (said) return notFoundBody(shape, said, requestId);
  if (shape === 'anthropic')
    return JSON.stringify({
      type: 'error',
      error: { type: ANTHROPIC_TYPE[status] ?? 'api_error', message: `${message} (${code})`, ...details },
      request_id: requestId,
    });
  const type = OPENAI_TYPE[status] ?? 'server_error';
  return JSON.stringify({ error: { message, type, param: param ?? null, code, ...details } });
}

function notFoundBody(shape: ErrorShape, said: NotFound, requestId: string): string {
  const { message, type, param, code } = said;
  return shape === 'anthropic'
    ? JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId })
    : JSON.stringify({ error: { message, type, param, code } });
}

/** The event that ends a stream that cannot go on. No end mark follows it. */
export function errorEvent(endpoint: EndpointName, shape: ErrorShape, said: Said, requestId: string): Buffer {
  const { code, message, details } = said;
  if (endpoint === 'responses') {
    const error = { message, type: 'server_error', code, param: null, ...details };
    return Buffer.from(
      `event: error\ndata: ${JSON.stringify({ type: 'error', code, message, param: null, error })}\n\n`,
    );
  }
  const data = errorBody(shape, said, requestId);
  return Buffer.from(shape === 'anthropic' ? `event: error\ndata: ${data}\n\n` : `data: ${data}\n\n`);
}
