import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { writeDurably } from './durable-file.ts';
import type { MasterKey } from './envelope.ts';

const KeyFile = z.object({
  keys: z.array(z.base64().refine((text) => Buffer.from(text, 'base64').length === 32)).min(1),
});

/** Where the master key is kept unless it is given in ASSAY_MASTER_KEY. Readable by its owner only. */
export function masterKeyFile(dataDir: string): string {
  return join(dataDir, 'keys/master.json');
}

/** The keys in the file, the current one first; the others are there only while a change of keys is under way. */
export function readMasterKeys(dataDir: string): MasterKey[] | null {
  const file = masterKeyFile(dataDir);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const parsed = KeyFile.safeParse(parse(text));
  if (!parsed.success)
    throw new AppError(
      'unavailable',
      `The key file ${file} is damaged. Restore it from a backup: without it no secret opens.`,
    );
  return parsed.data.keys.map((key) => new Uint8Array(Buffer.from(key, 'base64')));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Said to be damaged by the caller, who knows the file.
    return null;
  }
}

export function writeMasterKeys(dataDir: string, keys: readonly MasterKey[]): void {
  const file = masterKeyFile(dataDir);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeDurably(file, JSON.stringify({ keys: keys.map((key) => Buffer.from(key).toString('base64')) }));
}

export function newMasterKey(): MasterKey {
  return new Uint8Array(randomBytes(32));
}
