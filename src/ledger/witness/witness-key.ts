import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { AppError } from '#src/kernel/errors.ts';
import { fromBase64, toBase64 } from '../log/bytes.ts';
import type { NoteSigner } from '../log/note.ts';
import { ED25519_COSIGNATURE, formatKeyId, isKeyName } from '../log/verifier-key.ts';
import { signerFromSeed } from '../store/keys.ts';
import { writeFileDurably } from '../store/store-files.ts';

const PREFIX = 'PRIVATE+KEY+';

/**
 * The key in the file at `path`, or a new one under `name`, stored before it is used, readable by its owner only.
 * Throws `AppError` when there is neither key nor name, when the key has another name, and when others may read it.
 */
export function openWitnessKey(path: string, name: string | undefined): NoteSigner {
  if (existsSync(path)) return readWitnessKey(path, name);
  if (name === undefined)
    throw new AppError(
      'invalid_input',
      `There is no witness key at ${path} yet. Give the witness a name to make one: --name witness.example.com/assay.`,
    );
  if (!isKeyName(name) || name.length > 200)
    throw new AppError(
      'invalid_input',
      `"${name.slice(0, 200)}" cannot be the name of a witness. Use a host and a path without spaces or plus signs, like witness.example.com/assay.`,
    );
  const seed = randomBytes(32);
  const signer = signerFromSeed(name, seed, ED25519_COSIGNATURE);
  const material = toBase64(Buffer.concat([Uint8Array.of(ED25519_COSIGNATURE), seed]));
  writeFileDurably(path, Buffer.from(`${PREFIX}${name}+${formatKeyId(signer.key.id)}+${material}\n`), 0o600);
  return signer;
}

function readWitnessKey(path: string, wanted: string | undefined): NoteSigner {
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw new AppError('forbidden', `Others may read the witness key ${path}. Close it with "chmod 600 ${path}".`);
  const signer = parseWitnessKey(readFileSync(path, 'utf8'));
  if (!signer)
    throw new AppError(
      'conflict',
      `The file ${path} does not hold a witness key. Restore that one file, or start a new witness with an empty folder and tell the logs its new key.`,
    );
  if (wanted !== undefined && wanted !== signer.key.name)
    throw new AppError(
      'conflict',
      `The key ${path} belongs to the witness "${signer.key.name}", not "${wanted}". A witness keeps its name; leave --name out, or choose another folder.`,
    );
  return signer;
}

// As golang.org/x/mod/sumdb/note writes private keys, with the signature type of cosignatures.
function parseWitnessKey(text: string): NoteSigner | null {
  const [name = '', id, ...encoded] = text.startsWith(PREFIX) ? text.slice(PREFIX.length).trimEnd().split('+') : [];
  const material = fromBase64(encoded.join('+'));
  if (!isKeyName(name) || material?.length !== 33 || material[0] !== ED25519_COSIGNATURE) return null;
  const signer = signerFromSeed(name, material.subarray(1), ED25519_COSIGNATURE);
  return formatKeyId(signer.key.id) === id ? signer : null;
}
