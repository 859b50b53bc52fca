import type { SetPrice } from './model.ts';

/** A list price, where it was seen and when. Numbers only: what a contract says takes its place. */
export type StarterPrice = SetPrice & { source: string; seenOn: string };

const USD = 1_000_000;
const GITHUB = 'https://github.com/github/docs/blob/main/data/tables/copilot/models-and-pricing.yml';
const OPENAI_MODELS = 'https://docs.rs/crate/openai-models/0.1.1/source/src/lib.rs';
const claude = (model: string) => `https://platform.claude.com/docs/en/models/${model}/overview`;
const SEEN_ON = '2026-11-28';

/** US dollars for a million tokens of prompts and of answers. */
function price(provider: string, model: string, input: number, output: number, source: string): StarterPrice {
  return {
    provider,
    model,
    inputMicroUsdPerMTok: Math.round(input * USD),
    outputMicroUsdPerMTok: Math.round(output * USD),
    source,
    seenOn: SEEN_ON,
  };
}

/**
 * List prices to begin with, for models whose price does not depend on how long a prompt is or when it is asked. A model that is
 * not here has no price, and its spend is unknown. The longest name that fits wins, so a family never prices its members by
 * chance: each is named by itself, and with the date its releases carry.
 */
export const STARTER_PRICES: readonly StarterPrice[] = [
  price('openai', 'gpt-4.1', 2, 8, GITHUB),
  price('openai', 'gpt-4.1-2*', 2, 8, GITHUB),
  price('openai', 'gpt-4o', 2.5, 10, OPENAI_MODELS),
  price('openai', 'gpt-4o-2*', 2.5, 10, OPENAI_MODELS),
  price('openai', 'gpt-4o-mini', 0.15, 0.6, OPENAI_MODELS),
  price('openai', 'gpt-4o-mini-2*', 0.15, 0.6, OPENAI_MODELS),
  price('openai', 'gpt-5-mini', 0.25, 2, GITHUB),
  price('openai', 'gpt-5-mini-2*', 0.25, 2, GITHUB),
  price('openai', 'gpt-5.2', 1.75, 14, GITHUB),
  price('openai', 'gpt-5.2-2*', 1.75, 14, GITHUB),
  price('openai', 'gpt-5.2-codex*', 1.75, 14, GITHUB),
  price('openai', 'gpt-5.3-codex*', 1.75, 14, GITHUB),
  price('anthropic', 'claude-opus-5', 5, 25, claude('opus-5')),
  price('anthropic', 'claude-opus-5-5*', 4, 20, claude('opus-5-5')),
  price('anthropic', 'claude-sonnet-5-5*', 2, 10, claude('sonnet-5-5')),
  price('anthropic', 'claude-sonnet-4-5*', 3, 15, claude('sonnet-4-5')),
  price('anthropic', 'claude-haiku-4-5*', 1, 5, claude('haiku-4-5')),
];
