import { CanonicalJsonError, canonicalJson, type JsonValue } from '#src/kernel/canonical-json.ts';
import { sha256 } from '#src/kernel/hash.ts';
import { concatBytes, toHex, utf8Bytes } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';

export const SALT_BYTES = 32;

const PREFIX = utf8Bytes('evidence-field/v1\n');

/**
 * What a leaf holds in place of a personal value: 64 hex digits that say nothing without the salt, and fix the value for
 * who has it. `salt` is 32 random bytes of its own for each value; destroying it and the value is erasure.
 */
export function commitTo(value: JsonValue, salt: Uint8Array): string {
  if (salt.length !== SALT_BYTES) throw new InvalidFormat('commitment', `A salt is ${SALT_BYTES} bytes long.`);
  try {
    return toHex(sha256(concatBytes(PREFIX, salt, utf8Bytes(canonicalJson(value)))));
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw new InvalidFormat('commitment', `The value is ${error.message}.`);
    throw error;
  }
}
