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
  const { purpose, vkey, statement } =
    typeof body === 'object' && body !== null && !Array.isArray(body) ? body : ({} as { [member: string]: JsonValue });
  if ((purpose !== 'log' && purpose !== 'bundle') || typeof vkey !== 'string' || typeof statement !== 'string')
    throw new InvalidFormat('log-key', 'The announcement holds no statement of the key before.');
  const note = parseNote(utf8Bytes(statement));
  if (note.text !== keyStatementText(origin, purpose, vkey))
    throw new InvalidFormat('log-key', 'The statement in the announcement is about another key.');
  const key = parseVerifierKey(vkey);
  for (const signer of [trusted, key]) verifyNote(note, [signer]);
  return key;
}
