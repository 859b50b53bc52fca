import { REFUSAL_STATUS, type RefusalCode } from '../decision.ts';
import type { EndpointName } from './endpoints.ts';

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

/** The body of a refusal. `param` names the member of the request that is wrong, where there is one. */
export function errorBody(
  shape: ErrorShape,
  code: RefusalCode,
  message: string,
  requestId: string,
  param: string | null = null,
): string {
  const status = REFUSAL_STATUS[code];
  if (shape === 'anthropic')
    return JSON.stringify({
      type: 'error',
      error: { type: ANTHROPIC_TYPE[status] ?? 'api_error', message: `${message} (${code})` },
      request_id: requestId,
    });
  return JSON.stringify({ error: { message, type: OPENAI_TYPE[status] ?? 'server_error', param, code } });
}

/** The event that ends a stream that cannot go on. No end mark follows it. */
export function errorEvent(
  endpoint: EndpointName,
  shape: ErrorShape,
  code: RefusalCode,
  message: string,
  requestId: string,
): Buffer {
  if (endpoint === 'responses')
    return Buffer.from(
      `event: error\ndata: ${JSON.stringify({ type: 'error', code, message, param: null, error: { message, type: 'server_error', code, param: null } })}\n\n`,
    );
  const data = errorBody(shape, code, message, requestId);
  return Buffer.from(shape === 'anthropic' ? `event: error\ndata: ${data}\n\n` : `data: ${data}\n\n`);
}
