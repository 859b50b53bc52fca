import { and, asc, eq, gt, isNotNull } from 'drizzle-orm';
import type { Condition, Standing } from '#src/features/alerts/model.ts';
import { findLog } from '#src/ledger/store/store-log.ts';
import { ledgerSigned } from '#src/ledger/store/tables.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import { allowedSilenceSeconds, PARTY_TITLES } from './model.ts';
import { listParties } from './party-store.ts';
import type { PartyRow } from './tables.ts';

/**
 * Parties that answered wrongly, or that have not taken a head for longer than they are allowed. A party that is up to date
 * may be silent for as long as the log does not grow.
 */
export async function failingParties(database: Database, now: Date): Promise<Standing> {
  const { drizzle } = database;
  const rows = await listParties(drizzle);
  const log = rows.length === 0 ? null : await findLog(database.pool);
  const found: Condition[] = [];
  for (const row of rows) {
    if (row.problem !== null && row.problemKind !== null && row.problemKind !== 'silent')
      found.push(wrong(row, row.problemKind, row.problem, row.problemSince ?? now));
    else {
      const since = row.problemSince ?? (log ? await waitingSince(drizzle, row, log) : null);
      const allowedMs = allowedSilenceSeconds(row.everySeconds) * 1_000;
      if (since && now.getTime() - since.getTime() > allowedMs) found.push(silent(row, since));
    }
  }
  return { conditions: found, watchedIds: rows.map(({ id }) => id) };
}

/** When it should have been shown the first head it has not seen; null when it has seen all. */
async function waitingSince(
  executor: Executor,
  { lastOrigin, lastSize, lastAt, addedAt, everySeconds }: PartyRow,
  { id, origin }: { id: string; origin: string },
): Promise<Date | null> {
  const seen = lastOrigin === origin ? (lastSize ?? -1) : -1;
  const [head] = await executor
    .select({ signedAt: ledgerSigned.signedAt })
    .from(ledgerSigned)
    .where(and(eq(ledgerSigned.logId, id), gt(ledgerSigned.size, seen), isNotNull(ledgerSigned.note)))
    .orderBy(asc(ledgerSigned.size))
    .limit(1);
  if (!head) return null;
  const dueAt = (lastAt?.getTime() ?? addedAt.getTime()) + everySeconds * 1_000;
  return new Date(Math.max(head.signedAt.getTime(), addedAt.getTime(), dueAt));
}

function wrong(row: PartyRow, kind: 'refused' | 'contradicts', problem: string, since: Date): Condition {
  const [severity, words] =
    kind === 'contradicts' ? (['critical', 'contradicts the ledger'] as const) : (['high', 'does not vouch'] as const);
  return {
    ...about(row),
    severity,
    title: `${PARTY_TITLES[row.kind].one} ${row.name} ${words}`.slice(0, 200),
    reasons: [problem.slice(0, 500)],
    since,
  };
}

function silent(row: PartyRow, since: Date): Condition {
  const minutes = Math.ceil(allowedSilenceSeconds(row.everySeconds) / 60);
  return {
    ...about(row),
    severity: 'medium',
    title: `${PARTY_TITLES[row.kind].one} ${row.name} takes no heads`.slice(0, 200),
    reasons: [
      `It has taken no head since ${since.toISOString()}; it is allowed ${minutes} minutes.`,
      ...(row.problem === null ? [] : [row.problem.slice(0, 500)]),
    ],
    since,
  };
}

function about({ id, kind, name }: PartyRow) {
  return {
    subject: { kind: 'ledger-party', id, title: `${PARTY_TITLES[kind].one} ${name}`.slice(0, 120) },
    link: '/settings/ledger-parties',
  };
}
