import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Journal } from '#src/gateway/record/journal.ts';
import { JournalPages } from '#src/gateway/record/journal-pages.ts';
import { ownIdentity } from '#src/platform/database/process-identity.ts';
import { claimJournal, replayJournals } from './journals.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assay-journals-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function leave(ids: readonly string[]): ReturnType<typeof claimJournal> {
  const claimed = claimJournal(root);
  const journal = new Journal({
    folder: claimed.folder,
    mostBytes: 1e6,
    onError: () => undefined,
  });
  const pages = new JournalPages();
  for (const id of ids) pages.put(Buffer.from(JSON.stringify({ id })));
  journal.append(pages.takeNew(), ids.length);
  journal.close();
  return claimed;
}

/** Makes a folder that of a process that has ended. */
function bury(folder: string): void {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(join(folder, 'owner.json'), JSON.stringify({ ...ownIdentity(), pid, started: '1' }));
}

it('writes what a process that is gone has left, and nothing of one that runs', async () => {
  const gone = leave(['dec_1', 'dec_2']);
  bury(gone.folder);
  const running = leave(['dec_3']);
  const own = claimJournal(root);
  const written: string[] = [];
  const found = await replayJournals(root, own.name, async (batch) => void written.push(...batch.map((one) => one.id)));
  expect(found).toEqual({ decisions: 2, damaged: 0 });
  expect(written).toEqual(['dec_1', 'dec_2']);
  expect(existsSync(gone.folder)).toBe(false);
  expect(readdirSync(root).sort()).toEqual([own.name, running.name].sort());
});

it('leaves for the next what could not be written', async () => {
  bury(leave(['dec_1']).folder);
  const own = claimJournal(root);
  await expect(replayJournals(root, own.name, () => Promise.reject(new Error('no database')))).rejects.toThrow(
    'no database',
  );
  const written: string[] = [];
  await replayJournals(root, own.name, async (batch) => void written.push(...batch.map((one) => one.id)));
  expect(written).toEqual(['dec_1']);
});

it('takes its own folder away when nothing is left in it, and keeps it otherwise', () => {
  const empty = claimJournal(root);
  empty.release();
  expect(existsSync(empty.folder)).toBe(false);
  const full = leave(['dec_1']);
  full.release();
  expect(existsSync(full.folder)).toBe(true);
});
