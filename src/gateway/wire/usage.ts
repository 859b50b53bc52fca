import type { TokenCounts } from '../decision.ts';
import type { JsonObject } from './parse-body.ts';
import { isObject } from './text-fields.ts';

/** Tokens of a text, roughly: four Latin letters, or one sign of a script that packs more into each. */
export function estimateTokens(text: string): number {
  let wide = 0;
  // A long text is sampled: an estimate does not get better by reading all of it.
  const step = text.length > 4_096 ? Math.ceil(text.length / 4_096) : 1;
  for (let i = 0; i < text.length; i += step) if (text.charCodeAt(i) > 0x2ff) wide++;
  const share = text.length === 0 ? 0 : (wide * step) / text.length;
  return Math.ceil(text.length * (share * 0.7 + (1 - share) * 0.25));
}

/** The same of a text that is known to hold no other signs than those of ASCII, without reading it. */
export function estimateAsciiTokens(text: string): number {
  return Math.ceil(text.length * 0.25);
}

/** What a provider says it counted, so far. Anthropic tells input and output in two events; later numbers replace earlier ones. */
export class Usage {
  #input: number | null = null;
  #output: number | null = null;

  /** Looks for usage in an answer or an event of one. */
  read(body: JsonObject): void {
    this.#take(body.usage);
    if (isObject(body.message)) this.#take(body.message.usage);
    if (isObject(body.response)) this.#take(body.response.usage);
    if (typeof body.input_tokens === 'number') this.#input = body.input_tokens;
  }

  #take(usage: unknown): void {
    if (!isObject(usage)) return;
    const input = usage.prompt_tokens ?? usage.input_tokens;
    const output = usage.completion_tokens ?? usage.output_tokens;
    // Tokens read from or written to a cache are not in Anthropic's input count.
    const cached = count(usage.cache_read_input_tokens) + count(usage.cache_creation_input_tokens);
    if (isCount(input) && (input > 0 || this.#input === null)) this.#input = input + cached;
    if (isCount(output)) this.#output = output;
  }

  counts(estimate: { input: number; output: number }): TokenCounts {
    const isTold = this.#input !== null;
    return {
      input: this.#input ?? estimate.input,
      output: this.#output ?? estimate.output,
      source: isTold ? 'provider' : 'estimated',
    };
  }

  get output(): number | null {
    return this.#output;
  }
}

const COUNT_MAX = 1e9;

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX;
}

function count(value: unknown): number {
  return isCount(value) ? value : 0;
}
