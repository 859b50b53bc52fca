import * as z from 'zod';
import type { ProviderRow } from '#src/features/gateway-providers/tables.ts';
import { AppError } from '#src/kernel/errors.ts';
import { openOutbound } from '#src/platform/outbound.ts';
import type { Secrets } from '#src/platform/secrets.ts';

export type Question = {
  model: string;
  system?: string;
  input: string;
  maxTokens: number;
  temperature: number;
  seed: number;
  /** Ask for the probabilities of the tokens, too, which only chat completions tell. */
  withProbability?: true;
};
/** `probability`: the geometric mean of that of its tokens; null where it was not asked for or not told. */
export type Answer = { text: string; probability: number | null };
/** Throws `unavailable` with what the other side answered. */
export type AskModel = (question: Question, signal: AbortSignal) => Promise<Answer>;

const TOTAL_MS = 120_000;
const ANSWER_BYTES = 4_194_304;
const TRIES = 3;
const ANTHROPIC_VERSION = '2023-06-01';

const OpenAiAnswer = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullable() }),
        logprobs: z.object({ content: z.array(z.object({ logprob: z.number() })).nullish() }).nullish(),
      }),
    )
    .min(1),
});
const AnthropicAnswer = z.object({ content: z.array(z.object({ type: z.string(), text: z.string().optional() })) });

/** What is needed of a provider to ask it. */
export type AskedProvider = Pick<
  ProviderRow,
  'name' | 'kind' | 'baseUrl' | 'secretName' | 'authStyle' | 'allowPrivateAddress'
> & {
  /** In place of the usual endpoint below `baseUrl`. */
  chatUrl?: string;
};

/** Opens a provider of the gateway, or any endpoint that speaks like OpenAI and is entered as one. */
export async function openModel(
  provider: AskedProvider,
  secrets: Pick<Secrets, 'get'>,
): Promise<{ ask: AskModel; close(): Promise<void> }> {
  const key = provider.secretName === null ? null : await secrets.get(provider.secretName);
  if (provider.authStyle !== 'none' && key === null)
    throw new AppError('unavailable', `No key is stored for the provider "${provider.name}". Store one first.`);
  const anthropic = provider.kind === 'anthropic';
  const base = provider.baseUrl.replace(/\/+$/, '');
  const usual = anthropic ? `${base.endsWith('/v1') ? base : `${base}/v1`}/messages` : `${base}/chat/completions`;
  const url = new URL(provider.chatUrl ?? usual);
  const outbound = openOutbound({
    allowedHosts: [url.protocol === 'http:' ? `http://${url.host}` : url.host],
    allowPrivate: provider.allowPrivateAddress,
    limits: { totalTimeoutMs: TOTAL_MS, responseBytes: ANSWER_BYTES, redirects: 0 },
  });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(anthropic && { 'anthropic-version': ANTHROPIC_VERSION }),
    ...(key !== null && provider.authStyle === 'bearer' && { authorization: `Bearer ${key}` }),
    ...(key !== null && provider.authStyle === 'x-api-key' && { 'x-api-key': key }),
    ...(key !== null && provider.authStyle === 'api-key' && { 'api-key': key }),
  };
  return {
    ask: async (question, signal) => {
      let lengthName: LengthName = 'max_tokens';
      for (let attempt = 1; ; attempt++) {
        const body = JSON.stringify(anthropic ? anthropicBody(question) : openAiBody(question, lengthName));
        const answer = await outbound.fetch(url, { method: 'POST', headers, body, signal });
        const text = await answer.text();
        if (answer.ok) return answerOf(text, url.host, anthropic);
        const wrong = errorOf(text);
        // Models that think before they answer know the limit by another name.
        if (answer.status === 400 && wrong.param === 'max_tokens' && lengthName === 'max_tokens') {
          lengthName = 'max_completion_tokens';
          continue;
        }
        const again = answer.status === 429 || answer.status >= 500;
        if (!again || attempt >= TRIES)
          throw new AppError(
            'unavailable',
            `${url.host} answered ${answer.status}${wrong.shown} after ${attempt} ${attempt === 1 ? 'try' : 'tries'}.`,
          );
        await pause(answer.headers.get('retry-after'), attempt, signal);
      }
    },
    close: () => outbound.close(),
  };
}

type LengthName = 'max_tokens' | 'max_completion_tokens';

function openAiBody(question: Question, lengthName: LengthName) {
  const { model, system, input, maxTokens, temperature, seed, withProbability } = question;
  const messages = [...(system ? [{ role: 'system', content: system }] : []), { role: 'user', content: input }];
  const body = { model, messages, [lengthName]: maxTokens, temperature, seed, stream: false };
  return withProbability ? { ...body, logprobs: true } : body;
}

function anthropicBody({ model, system, input, maxTokens, temperature }: Question) {
  const messages = [{ role: 'user', content: input }];
  return { model, messages, max_tokens: maxTokens, temperature, ...(system && { system }) };
}

function answerOf(body: string, host: string, anthropic: boolean): Answer {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new AppError('unavailable', `${host} answered something that is not JSON.`);
  }
  const parsed = anthropic ? AnthropicAnswer.safeParse(value) : OpenAiAnswer.safeParse(value);
  if (!parsed.success) throw new AppError('unavailable', `${host} answered without a message.`);
  if ('choices' in parsed.data) {
    const [choice] = parsed.data.choices;
    return { text: choice?.message.content ?? '', probability: probabilityOf(choice?.logprobs?.content ?? []) };
  }
  const text = parsed.data.content.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
  return { text, probability: null };
}

function probabilityOf(tokens: readonly { logprob: number }[]): number | null {
  if (tokens.length === 0) return null;
  const mean = tokens.reduce((sum, { logprob }) => sum + logprob, 0) / tokens.length;
  return Math.min(1, Math.exp(mean));
}

const ErrorAnswer = z.object({
  error: z.object({ type: z.string().nullish(), code: z.unknown().optional(), param: z.string().nullish() }),
});
const ERROR_WORD = /^[a-z][a-z0-9_.-]{0,60}$/i;

/** The kind of an error and what it is about. Its message is left out: it may repeat the question or a part of the key. */
function errorOf(body: string): { param: string | null; shown: string } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { param: null, shown: '' };
  }
  const parsed = ErrorAnswer.safeParse(value);
  if (!parsed.success) return { param: null, shown: '' };
  const { code, type, param } = parsed.data.error;
  const words = [typeof code === 'string' ? code : type, param].filter(
    (word): word is string => typeof word === 'string' && ERROR_WORD.test(word),
  );
  return { param: param ?? null, shown: words.length === 0 ? '' : ` (${words.join(': ')})` };
}

const WAIT_MAX_MS = 30_000;

async function pause(retryAfter: string | null, attempt: number, signal: AbortSignal): Promise<void> {
  const asked = Number(retryAfter) * 1_000;
  const waitMs = Math.min(WAIT_MAX_MS, Number.isFinite(asked) && asked > 0 ? asked : 500 * 2 ** attempt);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, waitMs);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
