import { desc } from 'drizzle-orm';
import {
  type Actor,
  type Append,
  actorText,
  ledgerActor,
  lockFor,
  type NamesOf,
  resolveWho,
  wordsOf,
} from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { digestOf } from './life.ts';
import { type AlertSettings, DEFAULT_SETTINGS, loosenedClocks, type StoredSettings } from './settings-model.ts';
import { alertSettings } from './tables.ts';

const HISTORY_MAX = 200;

/** The settings in force. Version 0 are the defaults. */
export async function settingsInForce(executor: Executor): Promise<{ version: number; settings: AlertSettings }> {
  const [row] = await executor.select().from(alertSettings).orderBy(desc(alertSettings.version)).limit(1);
  return row ? { version: row.version, settings: row.content } : { version: 0, settings: DEFAULT_SETTINGS };
}

/** Puts a new version in force. Throws `conflict` when somebody else did so since `version` was read. */
export async function putSettings(
  tx: Transaction,
  next: { settings: AlertSettings; version: number; reason: string },
  { at, actor, append }: { at: Date; actor: Actor; append: Append },
): Promise<void> {
  await lockFor(tx, 'alert-settings');
  const before = await settingsInForce(tx);
  if (before.version !== next.version)
    throw new AppError('conflict', 'Somebody else changed the settings meanwhile. Load them again, then change yours.');
  if (canonicalJson(before.settings) === canonicalJson(next.settings)) return;
  const version = before.version + 1;
  await tx.insert(alertSettings).values({
    version,
    content: next.settings,
    createdAt: at,
    createdBy: actorText(actor),
    reason: next.reason,
  });
  await append(tx, {
    type: 'threshold.changed',
    actor: ledgerActor(actor),
    subject: { kind: 'alert-settings', id: 'alert-settings', version: String(version) },
    series: 'alert-settings',
    body: {
      at: at.toISOString(),
      before: before.settings.clocks,
      after: next.settings.clocks,
      calendarSha256: digestOf(next.settings.calendar),
      loosened: loosenedClocks(before.settings, next.settings),
    },
    ...wordsOf(actor, { reason: next.reason }),
    dedupeKey: `alert-settings:${version}`,
  });
}

export async function storedSettings(executor: Executor, namesOf: NamesOf): Promise<StoredSettings> {
  const rows = await executor.select().from(alertSettings).orderBy(desc(alertSettings.version)).limit(HISTORY_MAX);
  const who = await resolveWho(
    namesOf,
    rows.map((row) => row.createdBy),
  );
  const [latest] = rows;
  return {
    settings: latest?.content ?? DEFAULT_SETTINGS,
    version: latest?.version ?? 0,
    changedAt: latest?.createdAt.toISOString() ?? null,
    changedBy: latest ? who(latest.createdBy) : null,
    reason: latest?.reason ?? null,
    history: rows.map((row, i) => ({
      version: row.version,
      changedAt: row.createdAt.toISOString(),
      changedBy: who(row.createdBy),
      reason: row.reason,
      loosened: loosenedClocks(rows[i + 1]?.content ?? DEFAULT_SETTINGS, row.content),
    })),
  };
}
