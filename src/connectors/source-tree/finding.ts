import type { FactKindName, KnownFact, Place, Purpose } from '#src/facts/index.ts';
import type { AssetKind, Confidence } from './model.ts';
import { purposeOf } from './purpose.ts';
import type { Captures, DetectionRule } from './rule.ts';

/** An asset as one file shows it; sightings of the same identity in one system become one detection. */
export type Asset = {
  kind: AssetKind;
  /** Names the asset inside its system, e.g. `openai` or `huggingface:gpt2`. */
  identity: string;
  title: string;
  details: Record<string, string>;
};

/** What one rule (or several of one kind) found in one file. */
export type Finding = {
  rule: DetectionRule;
  line: number | null;
  fact: KnownFact;
  asset: Asset | null;
  /** Where it differs from the rule's. */
  confidence?: Confidence;
};

/** Marks the file, rather than finding something in it. */
export type Trait = { rule: DetectionRule; line: number; captures: Captures };

export function placeIn(path: string, line: number | null): Place {
  const purpose: Purpose = purposeOf(path);
  return purpose === 'product' ? { path, line } : { path, line, purpose };
}

/** Key of a fact: the path, and what tells it from others of its kind in that file. Never a line. */
export function keyIn(path: string, ...identity: string[]): string {
  return identity.length === 0 ? path : `${path}#${identity.join(':')}`;
}

const TEXT_CHARS_MAX = 200;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const NOT_SHOWN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text from a scanned file as it may stand in a fact: one line, well formed, at most 200 characters. */
export function shown(text: string): string {
  const plain = text
    .slice(0, 4 * TEXT_CHARS_MAX)
    .replace(NOT_SHOWN, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const short = plain.length <= TEXT_CHARS_MAX ? plain : `${plain.slice(0, TEXT_CHARS_MAX - 1)}…`;
  // Copied, because a part of a string keeps the whole file it came from in memory. Lone surrogates become U+FFFD.
  return Buffer.from(short, 'utf8').toString('utf8');
}

export type FactOf<Kind extends FactKindName> = Extract<KnownFact, { kind: Kind }>;
