import { listParties } from '#src/features/ledger-parties/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { formatKeyId } from '#src/ledger/log/verifier-key.ts';
import type { AnnouncedKey } from '#src/ledger/store/key-ring.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { KeyState, LedgerKey, LedgerKeys } from './model.ts';

const ALL = Number.MAX_SAFE_INTEGER;

/** Every key the ledger announced, newest first, with what it does now. */
export async function presentKeys(ledger: Ledger, database: Database): Promise<LedgerKeys> {
  await ledger.ring.refresh();
  const { size } = await ledger.signedHead();
  const items: LedgerKey[] = [];
  for (const key of [...ledger.ring.all].reverse()) {
    const problem = key.retiredIndex === null ? fileProblem(ledger, key) : null;
    items.push({
      id: formatKeyId(key.key.id),
      purpose: key.purpose,
      vkey: key.vkey,
      state: problem === null ? stateOf(ledger, key, size) : 'lost',
      announcedBy: key.index,
      announcedAt: await timeOf(ledger, key.index),
      retiredBy: key.retiredIndex,
      retiredAt: key.retiredIndex === null ? null : await timeOf(ledger, key.retiredIndex),
      problem,
    });
  }
  const parties = await listParties(database.drizzle);
  const witnesses = parties.flatMap(({ kind, name }) => (kind === 'witness' ? [name] : []));
  return { origin: ledger.origin, items, witnesses };
}

function stateOf({ ring }: Ledger, key: AnnouncedKey, signedSize: number): KeyState {
  if (key.retiredIndex !== null) return 'retired';
  const active = ring.activeAt(key.purpose, ALL);
  if (active.length > 1 && active[0]?.vkey === key.vkey) return 'retiring';
  return key.index < signedSize ? 'active' : 'announced';
}

function fileProblem({ ring }: Ledger, key: AnnouncedKey): string | null {
  try {
    ring.requireFile(key);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

async function timeOf(ledger: Ledger, index: number): Promise<string> {
  const entry = await ledger.entryAt(index);
  if (!entry) throw new AppError('internal', `The entry ${index} that announces or retires a key is not there.`);
  return entry.recordedAt.toISOString();
}
