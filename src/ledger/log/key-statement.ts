import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { utf8Bytes } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';
import { type NoteSigner, parseNote, signNote, verifyNote } from './note.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from './verifier-key.ts';

/** What a key is for: checkpoints of the log, or manifests of its bundles. */
export type KeyPurpose = 'log' | 'bundle';

/**
 * The text with which a key of the log vouches for a new one. Its first line cannot be an origin and its second is no
 * decimal, so it is never a checkpoint. Source: docs/spec/ledger.md, section 4.
 */
export function keyStatementText(origin: string, purpose: KeyPurpose, vkey: string): string {
  return `assay-key/v1\n${origin}\n${purpose}\n${vkey}\n`;
}

/** That text as a note, signed by the log's keys that sign now and by the new key, which shows that it is held. */
export function signKeyStatement(
  origin: string,
  purpose: KeyPurpose,
  { made, by }: { made: NoteSigner; by: readonly NoteSigner[] },
): string {
  return signNote(keyStatementText(origin, purpose, formatVerifierKey(made.key)), [...by, made]);
}

/**
 * Checks the statement in a `key.announced` body against a log key the reader trusts; returns the new key. Throws
 * `InvalidFormat` when it is not signed by both, or says something else.
 */
export function verifyKeyStatement(body: JsonValue | undefined, origin: string, trusted: VerifierKey): VerifierKey {
  const { purpose, vkey, statement } = recordOf(body);
  if ((purpose !== 'log' && purpose !== 'bundle') || typeof vkey !== 'string' || typeof statement !== 'string')
    throw new InvalidFormat('log-key', 'The announcement holds no statement of the key before.');
  return signedByBoth(statement, keyStatementText(origin, purpose, vkey), parseVerifierKey(vkey), trusted);
}

function signedByBoth(statement: string, text: string, key: VerifierKey, trusted: VerifierKey): VerifierKey {
  const note = parseNote(utf8Bytes(statement));
  if (note.text !== text) throw new InvalidFormat('log-key', 'The statement in the entry is about another key.');
  for (const signer of [trusted, key]) verifyNote(note, [signer]);
  return key;
}

/** Who continues a log that ends, as its last entry says. Source: docs/spec/ledger.md, section 4.2. */
export type NextLog = { /** Its name is the origin of the next log. */ vkey: string; statement: string };

// As little a checkpoint as the text above.
function successionText(origin: string, vkey: string): string {
  return `assay-next-log/v1\n${origin}\n${vkey}\n`;
}

/** What the keys of a log that ends say of the log that continues it, and the first key of that one says too. */
export function signSuccession(origin: string, { made, by }: { made: NoteSigner; by: readonly NoteSigner[] }): NextLog {
  const vkey = formatVerifierKey(made.key);
  return { vkey, statement: signNote(successionText(origin, vkey), [...by, made]) };
}

/**
 * Checks `next` in a `log.sealed` body against a key of the log that ended; returns the first key of the next one. Throws
 * `InvalidFormat` when there is none, or it is not signed by both.
 */
export function verifySuccession(body: JsonValue | undefined, origin: string, trusted: VerifierKey): VerifierKey {
  const { vkey, statement } = recordOf(recordOf(body).next);
  if (typeof vkey !== 'string' || typeof statement !== 'string')
    throw new InvalidFormat('log-key', 'The entry that ends the log names no log that continues it.');
  const key = parseVerifierKey(vkey);
  if (key.name === origin) throw new InvalidFormat('log-key', 'The log cannot continue itself.');
  return signedByBoth(statement, successionText(origin, vkey), key, trusted);
}

function recordOf(value: JsonValue | undefined): { [member: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
