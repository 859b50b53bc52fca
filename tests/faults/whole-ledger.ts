import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import { utf8Bytes } from '#src/ledger/log/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '#src/ledger/log/checkpoint.ts';
import { parseNote } from '#src/ledger/log/note.ts';
import { parsePolicyText } from '#src/ledger/log/policy.ts';
import { verifyLog } from '#src/ledger/log/verify-log.ts';
import { pendingIdOf } from '#src/ledger/store/append.ts';
import { type Ledger, openLedger } from '#src/ledger/store/store.ts';
import { checkLedger } from '#src/ledger/store/store-check.ts';
import type { Database } from '#src/platform/database/connect.ts';

export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
export const blobs = { has: async () => false, stream: async function* () {} };

export const readNote = (note: string): Checkpoint => parseCheckpoint(parseNote(utf8Bytes(note)).text);

/** Nothing acknowledged lost, nothing forked, nothing signed twice for one size, and all that is stored agrees. */
export async function expectWhole(
  database: Database,
  dataDir: string,
  heard: { acknowledged?: readonly string[]; notes?: readonly string[] },
): Promise<Ledger> {
  const ledger = await openLedger({ database, blobs, dataDir, clock: Date.now, log: silent });
  await ledger.integrate();
  expect(await checkLedger(ledger, { dataDir })).toMatchObject({ ok: true, firstDifference: null });
  const { rows } = await database.pool.query<{ pending_id: string }>('select pending_id from ledger_entry');
  const stored = new Set(rows.map(({ pending_id }) => pending_id));
  expect((heard.acknowledged ?? []).filter((key) => !stored.has(pendingIdOf(key)))).toEqual([]);
  for (const note of heard.notes ?? []) {
    const { size, root } = readNote(note);
    expect(Buffer.compare(await ledger.reader.tree.root(size), root), `the head of ${size} entries`).toBe(0);
  }
  return ledger;
}

/** What is published verifies, and has no file that is not one of the log. */
export async function expectPublished(ledger: Ledger, out: string): Promise<Map<string, string>> {
  const files = { read: async (path: string) => (existsSync(join(out, path)) ? readFileSync(join(out, path)) : null) };
  await verifyLog(files, parsePolicyText(`log ${ledger.vkey}\nquorum none\n`));
  return contentsOf(out);
}

export function contentsOf(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  const paths = readdirSync(folder, { recursive: true }).map((path) => join(folder, String(path)));
  return new Map(
    paths
      .filter((path) => statSync(path).isFile())
      .sort()
      .map((path) => [relative(folder, path), readFileSync(path, 'base64')]),
  );
}
