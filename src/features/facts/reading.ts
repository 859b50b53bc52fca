import { FACT_KINDS, type FactKindName, type KnownFact } from '#src/facts/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';

/** A fact that passed its schema, with the bytes that are stored and their name. */
export type PreparedFact = { kind: FactKindName; key: string; digest: string; body: string };

/** An index entry of Postgres holds about 2,700 bytes, and a verdict is found by fact key and subject together. */
export const KEY_MAX_BYTES = 1_000;
export const BODY_MAX_BYTES = 256 * 1024;
export const FACTS_MAX = 2_000_000;

/** SHA-256 that names a fact's content: of `{"body":…,"kind":…}` in canonical JSON. `body` is canonical already. */
export function contentDigest(kind: string, body: string): string {
  return sha256Hex(`{"body":${body},"kind":${canonicalJson(kind)}}`);
}

/**
 * Checks every fact against the schema of its kind and gives it its digest. A fact said twice in the same words is kept
 * once. Throws `invalid_input` naming kind, key and field at the first fact that does not fit, at a kind the reading does
 * not state, and at two facts that say different things under one key. No error repeats a value.
 */
export function prepareFacts(kinds: readonly FactKindName[], facts: readonly KnownFact[]): PreparedFact[] {
  if (facts.length > FACTS_MAX)
    throw new AppError('too_large', `One reading holds ${facts.length} facts; at most ${FACTS_MAX} can be recorded.`);
  for (const kind of kinds)
    if (!Object.hasOwn(FACT_KINDS, kind))
      throw new AppError('invalid_input', `The reading states facts of kind ${quoted(kind)}, which is not known.`);
  const stated = new Set<string>(kinds);
  const byKind = new Map<string, Map<string, string>>();
  const prepared: PreparedFact[] = [];
  for (const fact of facts) {
    if (!stated.has(fact.kind))
      throw new AppError(
        'invalid_input',
        `A fact of kind ${quoted(fact.kind)} with key ${quoted(fact.key)} is in a reading that does not state that kind. Add the kind to what the reading states.`,
      );
    if (typeof fact.key !== 'string' || fact.key === '')
      throw new AppError('invalid_input', `A fact of kind ${fact.kind} has no key.`);
    const key = storedKey(fact.key);
    const body = checkedBody(fact);
    const digest = contentDigest(fact.kind, body);
    const known = byKind.get(fact.kind) ?? new Map<string, string>();
    byKind.set(fact.kind, known);
    const earlier = known.get(key);
    if (earlier === digest) continue;
    if (earlier !== undefined)
      throw new AppError(
        'invalid_input',
        `Two facts of kind ${fact.kind} have the key ${quoted(fact.key)} and say different things. A key names one thing.`,
      );
    known.set(key, digest);
    prepared.push({ kind: fact.kind, key, digest, body });
  }
  return prepared;
}

/** SHA-256 over what a reading found: the kinds it states, whether it is complete, and every fact. Times do not enter. */
export function readingDigest(
  reading: { kinds: readonly string[]; complete: boolean },
  facts: readonly PreparedFact[],
): string {
  const lines = facts.map((fact) => `${fact.kind} ${fact.digest} ${JSON.stringify(fact.key)}\n`).sort();
  const head = canonicalJson({ kinds: [...new Set(reading.kinds)].sort(), complete: reading.complete });
  return sha256Hex(`${head}\n${lines.join('')}`);
}

/**
 * The key a fact is stored under. Keys hold names that somebody else chose: one that is too long for an index, or holds
 * what the database cannot store, keeps its head and gets a digest of the whole as its tail. All others stay as they are.
 */
export function storedKey(key: string): string {
  const fits = Buffer.byteLength(key) <= KEY_MAX_BYTES && !key.includes('\u0000') && key.isWellFormed();
  if (fits) return key;
  const head = key.slice(0, 200).replaceAll('\u0000', '\ufffd').toWellFormed();
  // Half surrogate pairs have no UTF-8 form; JSON escapes them, so two keys that differ there stay two.
  return `${head}… ${sha256Hex(JSON.stringify(key)).slice(0, 32)}`;
}

function checkedBody(fact: KnownFact): string {
  const checked = FACT_KINDS[fact.kind].body.safeParse(fact.body);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const field = issue?.path.map(String).join('.') || 'the body itself';
    // zod's messages name types and options, never the value that was given.
    throw new AppError(
      'invalid_input',
      `The fact of kind ${fact.kind} with key ${quoted(fact.key)} is not valid: field ${field}: ${issue?.message ?? 'unknown'}.`,
    );
  }
  let body: string;
  try {
    body = canonicalJson(wellFormed(checked.data));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'no canonical form';
    throw new AppError(
      'invalid_input',
      `The fact of kind ${fact.kind} with key ${quoted(fact.key)} cannot be stored: ${reason}.`,
      { cause },
    );
  }
  if (body.length > BODY_MAX_BYTES || Buffer.byteLength(body) > BODY_MAX_BYTES)
    throw new AppError(
      'too_large',
      `The fact of kind ${fact.kind} with key ${quoted(fact.key)} is larger than ${BODY_MAX_BYTES / 1024} KiB.`,
    );
  return body;
}

/**
 * Half surrogate pairs come from escapes in files somebody else wrote. They are no text in any encoding, so they become the
 * replacement character instead of keeping everything else of the reading from being stored.
 */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([member, held]) => [member.toWellFormed(), wellFormed(held)]));
}

function quoted(text: unknown): string {
  return JSON.stringify(String(text).slice(0, 200));
}
