import { sql } from 'drizzle-orm';
import { lockFor } from '#src/features/records/index.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import type { AlertSource, Condition, Resolution, Standing } from './model.ts';
import { isGraver, type OpenAlert, type RecordRetest } from './open-alert.ts';
import type { Severity } from './severity.ts';

export const STANDING_JOB = 'alerts:standing';

export type StandingParts = {
  database: Pick<Database, 'transaction'>;
  clock: () => number;
  openAlert: OpenAlert;
  recordRetest: RecordRetest;
  withdrawAlert: WithdrawAlert;
};

/** Closes the alert about something that is no longer watched; true when there was one. */
export type WithdrawAlert = (tx: Transaction, withdrawn: { dedupeKey: string; reason: string }) => Promise<boolean>;

/** A kind of condition, and where to read what is wrong of that kind now. `key` names it within a source. */
export type Watched = {
  source: AlertSource;
  key: string;
  read(): Promise<Standing>;
  /** Why a subject is no longer watched, in a sentence. For kinds whose `read` gives `watchedIds`. */
  gone?: string;
  /** Conditions that began longer ago are known and open nothing new: what was bad before it was watched is no news. */
  newsMs?: number;
};

// Said to be fixed, and the same is still so an hour later.
const FIXED_GRACE_MS = HOUR_MS;

type Last = {
  state: 'open' | 'acknowledged' | 'resolved';
  severity: Severity;
  reasons: string[];
  occurredAt: Date;
  resolvedAt: Date | null;
  resolution: Resolution | null;
  acceptedUntil: Date | null;
  recovered: boolean;
};

/**
 * Compares what is wrong now with the alerts about it: opens one for each subject that has none, notes on the open one what
 * changed or came back, and notes a recovery as a passed retest. Doing it twice does no harm, and a round that finds
 * everything as it was writes nothing. People close the alert, but for one about something that is no longer watched.
 */
export async function raiseStanding(
  parts: StandingParts,
  watched: Watched,
): Promise<{ opened: number; recovered: number; withdrawn: number }> {
  const { conditions, unknownIds = [], watchedIds } = await watched.read();
  const nowMs = parts.clock();
  const prefix = `${watched.source}:${watched.key}:`;
  return parts.database.transaction(async (tx) => {
    await lockFor(tx, `alerts:standing:${prefix}`);
    const last = await lastAlerts(tx, prefix);
    const standing = new Set(unknownIds.map((id) => `${prefix}${id}`));
    let opened = 0;
    for (const condition of conditions) {
      const dedupeKey = `${prefix}${condition.subject.id}`;
      standing.add(dedupeKey);
      const before = last.get(dedupeKey);
      const isNews = condition.since.getTime() >= nowMs - (watched.newsMs ?? Number.POSITIVE_INFINITY);
      if (!(before ? isDue(before, condition, nowMs) : isNews)) continue;
      if (before && before.state !== 'resolved' && before.recovered)
        await parts.recordRetest(tx, { dedupeKey, passed: false, ref: watched.key, at: instant(nowMs) });
      const { since, ...alert } = condition;
      await parts.openAlert(tx, {
        ...alert,
        source: watched.source,
        sourceId: condition.subject.id,
        dedupeKey,
        // What a person closed too early is told as of now.
        occurredAt: instant(before?.state === 'resolved' && since <= before.occurredAt ? nowMs : since.getTime()),
      });
      opened++;
    }
    const subjects = watchedIds && new Set(watchedIds.map((id) => `${prefix}${id}`));
    let recovered = 0;
    let withdrawn = 0;
    for (const [dedupeKey, { state, recovered: isKnown }] of last) {
      if (standing.has(dedupeKey)) continue;
      if (subjects && !subjects.has(dedupeKey)) {
        const reason = watched.gone ?? 'It is no longer watched.';
        if (state !== 'resolved' && (await parts.withdrawAlert(tx, { dedupeKey, reason }))) withdrawn++;
      } else if (!isKnown) {
        await parts.recordRetest(tx, { dedupeKey, passed: true, ref: watched.key, at: instant(nowMs) });
        recovered++;
      }
    }
    return { opened, recovered, withdrawn };
  });
}

function isDue(before: Last, now: Condition, nowMs: number): boolean {
  if (before.state !== 'resolved')
    return before.recovered || isGraver(now.severity, before.severity) || gist(before.reasons) !== gist(now.reasons);
  const { resolvedAt, resolution, acceptedUntil } = before;
  // Watched again, and still so.
  if (resolution === 'no_longer_watched') return true;
  if (before.recovered || (resolvedAt !== null && now.since > resolvedAt)) return true;
  if (resolution === 'fixed') return resolvedAt !== null && nowMs - resolvedAt.getTime() > FIXED_GRACE_MS;
  return resolution === 'accepted_risk' && acceptedUntil !== null && acceptedUntil.getTime() < nowMs;
}

// A count or an instant that moves on does not make it another condition.
function gist(reasons: readonly string[]): string {
  return reasons.join('\n').replace(/\d+/g, '');
}

async function lastAlerts(tx: Transaction, prefix: string): Promise<Map<string, Last>> {
  const { rows } = await tx.execute<{
    dedupe_key: string;
    state: Last['state'];
    severity: Severity;
    reasons: string[];
    occurred_at: string;
    resolved_at: string | null;
    resolution: Resolution | null;
    accepted_until: string | null;
    retest_passed: boolean | null;
  }>(sql`
    select distinct on (dedupe_key) dedupe_key, state, severity, reasons, occurred_at, resolved_at, resolution,
      accepted_until, retest_passed
    from alert where starts_with(dedupe_key, ${prefix}) order by dedupe_key, opened_at desc, id desc`);
  const date = (text: string | null) => (text === null ? null : new Date(text));
  return new Map(
    rows.map((row) => [
      row.dedupe_key,
      {
        state: row.state,
        severity: row.severity,
        reasons: row.reasons,
        occurredAt: new Date(row.occurred_at),
        resolvedAt: date(row.resolved_at),
        resolution: row.resolution,
        acceptedUntil: date(row.accepted_until),
        recovered: row.retest_passed === true,
      },
    ]),
  );
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
