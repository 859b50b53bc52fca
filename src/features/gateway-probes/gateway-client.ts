import { request } from 'undici';
import { CHAT_ENDPOINTS, chatEndpoint } from '#src/features/gateway-policies/index.ts';
import { AppError } from '#src/kernel/errors.ts';

/** What came back of one call. */
export type Answer = { status: number; requestId: string | null; text: string; failure: string | null };

/** A call as a customer's program would make it. */
export type GatewayCall = {
  /** Null sends no credentials. */
  secret: string | null;
  body: unknown;
  headers?: Record<string, string>;
  /** In place of the chat endpoint: a path beside it, such as `/files`, that is read unless there is a body. */
  beside?: string;
};

/** The route a probe goes through, and in whose language. */
export type Target = { routeId: string; path: string; kind: 'openai' | 'anthropic'; model: string };

/** Sends a call through the gateway at `url` to the chat endpoint of the target. Never throws for what the gateway does. */
export type Send = (target: Target, call: GatewayCall) => Promise<Answer>;

const ANSWER_BYTES_MAX = 1_048_576;

export function openSend(url: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}): Send {
  const base = url.replace(/\/+$/, '');
  if (!URL.canParse(base))
    throw new AppError('invalid_input', `"${url.slice(0, 200)}" is not the address of a gateway.`);
  const timeoutMs = options.timeoutMs ?? 60_000;
  return async (target, { secret, body, headers, beside }) => {
    try {
      const endpoint = chatEndpoint(target.path, target.kind);
      const path =
        beside === undefined ? endpoint : `${endpoint.slice(0, -CHAT_ENDPOINTS[target.kind].length)}${beside}`;
      const isRead = beside !== undefined && body === null;
      const answer = await request(`${base}${path}`, {
        method: isRead ? 'GET' : 'POST',
        headers: {
          ...(!isRead && { 'content-type': 'application/json' }),
          ...(secret !== null &&
            (target.kind === 'anthropic' ? { 'x-api-key': secret } : { authorization: `Bearer ${secret}` })),
          ...(target.kind === 'anthropic' && { 'anthropic-version': '2023-06-01' }),
          ...headers,
        },
        body: isRead ? null : JSON.stringify(body),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...(options.signal && { signal: options.signal }),
      });
      const requestId = answer.headers['x-request-id'];
      return {
        status: answer.statusCode,
        requestId: typeof requestId === 'string' ? requestId : null,
        text: await readBounded(answer.body),
        failure: null,
      };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return { status: 0, requestId: null, text: '', failure: code };
    }
  };
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > ANSWER_BYTES_MAX) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The body of a chat call with one turn of a user, or with a text that a document or a tool brought. */
export function chatBody(
  target: Target,
  text: string,
  options: { place?: 'user' | 'document' | 'tool'; stream?: boolean; user?: string; answerTokensMax?: number } = {},
): Record<string, unknown> {
  const { place = 'user', stream = false, answerTokensMax = 64 } = options;
  const base = {
    model: target.model,
    max_tokens: answerTokensMax,
    ...(stream && { stream: true }),
    ...(options.user !== undefined && target.kind === 'openai' && { user: options.user }),
  };
  if (target.kind === 'anthropic') return { ...base, messages: anthropicMessages(text, place) };
  return { ...base, messages: openAiMessages(text, place) };
}

const TASK = 'Summarize what you were given in one sentence.';

function openAiMessages(text: string, place: 'user' | 'document' | 'tool'): unknown[] {
  if (place === 'user') return [{ role: 'user', content: text }];
  if (place === 'document') return [{ role: 'user', content: `${TASK}\n\n<document>\n${text}\n</document>` }];
  return [
    { role: 'user', content: TASK },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'fetch', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: text },
  ];
}

function anthropicMessages(text: string, place: 'user' | 'document' | 'tool'): unknown[] {
  if (place === 'user') return [{ role: 'user', content: text }];
  if (place === 'document') return [{ role: 'user', content: `${TASK}\n\n<document>\n${text}\n</document>` }];
  return [
    { role: 'user', content: TASK },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'fetch', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: text }] },
  ];
}
