import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { CHECKPOINT } from '../bundle/bundle-format.ts';
import { openZip } from '../bundle/zip-read.ts';
import { utf8Bytes, utf8Text } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import type { VerifierKey } from '../log/verifier-key.ts';
import { otherOrigin, readMirrored } from '../mirror/mirror.ts';
import { publishedPlace } from '../mirror/mirror-folder.ts';
import type { HeadPlace } from '../mirror/mirror-heads.ts';
import { openBundlePath } from './store-bundle-source.ts';
import { diskError, writeFileDurably } from './store-files.ts';

const FILE = 'ledger-places.json';
const PLACES_MAX = 100;
const Places = z.object({ published: z.array(z.string()) });

/**
 * Remembers a folder the ledger is published into: what it holds is known outside the database from now on. Throws `AppError`
 * when it cannot be stored; then nothing must be published there.
 */
export function rememberPublished(dataDir: string, folder: string): void {
  const published = readPlaces(dataDir);
  if (published.includes(folder)) return;
  const kept = [...published, folder].slice(-PLACES_MAX);
  const path = join(dataDir, FILE);
  try {
    writeFileDurably(path, utf8Bytes(JSON.stringify({ published: kept }, null, 2)), 0o600);
  } catch (error) {
    throw diskError(error, `${path} cannot be written, so no head was published`);
  }
}

/** The folders the ledger was published into, and the newest bundle in the data folder, as places that know heads. */
export function rememberedPlaces(dataDir: string, keys: () => readonly VerifierKey[]): readonly HeadPlace[] {
  const published = readPlaces(dataDir).map((folder) => publishedPlace(folder, keys));
  return [...published, newestBundle(join(dataDir, 'bundles'), keys)];
}

function readPlaces(dataDir: string): string[] {
  const path = join(dataDir, FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw diskError(error, `${path} cannot be read`);
  }
  const parsed = Places.safeParse(jsonOrNull(text));
  if (parsed.success) return parsed.data.published;
  // Without it a restored backup could go unnoticed.
  throw new AppError(
    'conflict',
    `${path} is damaged: it names the folders the ledger was published into, whose heads must not be signed against. Put it back from a backup of the data folder; or remove it, and publish into each of them again.`,
  );
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told apart by the caller's schema.
    return null;
  }
}

function newestBundle(folder: string, keys: () => readonly VerifierKey[]): HeadPlace {
  return {
    name: `the bundles in ${folder}`,
    knownHeads: async () => {
      const path = newestFile(folder);
      const note = path && (await checkpointOf(path));
      return path && note && otherOrigin(note, keys()) === null
        ? [{ checkpoint: readMirrored(note, keys(), path), where: path }]
        : [];
    },
  };
}

function newestFile(folder: string): string | null {
  let newest: { path: string; at: number } | null = null;
  for (const name of namesIn(folder)) {
    if (!name.endsWith('.zip')) continue;
    const path = join(folder, name);
    const at = statSync(path).mtimeMs;
    if (!newest || at > newest.at) newest = { path, at };
  }
  return newest?.path ?? null;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

// A damaged bundle knows nothing; that it is damaged is not the signer's matter.
async function checkpointOf(path: string): Promise<string | null> {
  const { source, close } = await openBundlePath(path);
  try {
    if ('names' in source) return null;
    const files = await openZip(source);
    const place = files.names.indexOf(CHECKPOINT);
    return place < 0 ? null : utf8Text(await files.readAt(place));
  } catch (error) {
    if (error instanceof InvalidFormat) return null;
    throw error;
  } finally {
    await close();
  }
}
