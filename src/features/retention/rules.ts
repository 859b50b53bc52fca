import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import {
  countEvents,
  countEventsBefore,
  eraseEventsOfDay,
  firstDayBefore,
  tidyEvents,
} from '#src/features/events/index.ts';
import { contentOlderThan, countContent, eraseContent } from '#src/features/evidence/index.ts';
import type { EvidenceRow } from '#src/features/evidence/tables.ts';
import {
  type Actor,
  actorText,
  ledgerActor,
  lockFor,
  type NamesOf,
  type Records,
  resolveWho,
} from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Blobs } from '#src/platform/blobs.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { HOLDS_LOCK, listHolds, standingHolds } from './holds.ts';
import { EVENT_KEEP_DAYS_MIN, type Retention, RetentionClass, type RetentionRule } from './model.ts';
import { retentionRule } from './tables.ts';

export const RETENTION_JOB = 'retention:run';

const RUNNER: Actor = { kind: 'service', id: 'assay' };

/** How long each class is kept, what is due, and the holds. */
export async function readRetention(executor: Executor, namesOf: NamesOf, nowMs: number): Promise<Retention> {
  const stored = await executor.select().from(retentionRule);
  const counts = await countContent(executor);
  const who = await resolveWho(
    namesOf,
    stored.map(({ setBy }) => setBy),
  );
  const held = await heldIds(executor);
  const rules: RetentionRule[] = [];
  for (const cls of RetentionClass.options) {
    const rule = stored.find((one) => one.class === cls);
    const shown = {
      class: cls,
      keepDays: rule?.keepDays ?? null,
      setBy: rule ? who(rule.setBy) : null,
      setAt: rule?.setAt.toISOString() ?? null,
    };
    if (cls === 'event') {
      const due = rule
        ? await countEventsBefore(executor, eventsBeforeMs(rule.keepDays, nowMs), [...held])
        : { due: 0, held: 0 };
      rules.push({ ...shown, items: await countEvents(executor), ...due });
      continue;
    }
    const due = rule ? await dueContent(executor, cls, rule.keepDays, nowMs) : [];
    rules.push({
      ...shown,
      items: counts.get(cls) ?? 0,
      due: due.length,
      held: due.filter((row) => isHeld(row, held)).length,
    });
  }
  return { rules, holds: await listHolds(executor, namesOf) };
}

/** Says how long a class is kept; null for without end. */
export async function setRetention(
  records: Pick<Records, 'database' | 'clock' | 'append'>,
  cls: RetentionClass,
  keepDays: number | null,
  actor: Actor,
): Promise<void> {
  if (cls === 'event' && keepDays !== null && keepDays < EVENT_KEEP_DAYS_MIN)
    throw new AppError(
      'invalid_input',
      `keepDays: events are kept for at least ${EVENT_KEEP_DAYS_MIN} days, so that every window that counts them can close.`,
    );
  await records.database.transaction(async (tx) => {
    await lockFor(tx, HOLDS_LOCK);
    const [before] = await tx.select().from(retentionRule).where(eq(retentionRule.class, cls));
    if ((before?.keepDays ?? null) === keepDays) return;
    const setAt = new Date(records.clock());
    if (keepDays === null) await tx.delete(retentionRule).where(eq(retentionRule.class, cls));
    else
      await tx
        .insert(retentionRule)
        .values({ class: cls, keepDays, setBy: actorText(actor), setAt })
        .onConflictDoUpdate({ target: retentionRule.class, set: { keepDays, setBy: actorText(actor), setAt } });
    await records.append(tx, {
      type: 'retention.changed',
      actor: ledgerActor(actor),
      subject: { kind: 'retention', id: cls },
      series: `retention:${cls}`,
      body: { before: before?.keepDays ?? null, after: keepDays },
      dedupeKey: `retention.changed:${makeId('ret', records.clock(), randomBytes(10))}`,
    });
  });
}

/** Destroys content whose time is over, except what a hold keeps. Returns how many items. Safe to repeat. */
export async function runRetention(
  records: Pick<Records, 'database' | 'clock' | 'append'>,
  blobs: Pick<Blobs, 'removeErased'>,
): Promise<number> {
  let items = 0;
  await records.database.transaction(async (tx) => {
    await lockFor(tx, HOLDS_LOCK);
    const held = await heldIds(tx);
    for (const rule of await tx.select().from(retentionRule)) {
      if (rule.class === 'event') continue;
      const due = await dueContent(tx, rule.class, rule.keepDays, records.clock());
      const rows = due.filter((row) => !isHeld(row, held));
      await eraseContent(tx, rows, {
        at: new Date(records.clock()),
        actor: RUNNER,
        append: records.append,
        reason: 'retention',
        basis: `kept for ${rule.keepDays} days`,
      });
      items += rows.length;
    }
  });
  await blobs.removeErased();
  return items;
}

/**
 * Erases events whose time is over, a day at a time, each in a transaction of its own with its ledger entry, but for those of
 * systems under a hold. Returns how many. Safe to repeat and to stop.
 */
export async function runEventRetention(
  records: Pick<Records, 'database' | 'clock' | 'append'>,
  signal?: AbortSignal,
): Promise<number> {
  let erased = 0;
  while (!signal?.aborted) {
    const found = await records.database.transaction(async (tx) => {
      await lockFor(tx, HOLDS_LOCK);
      const [rule] = await tx.select().from(retentionRule).where(eq(retentionRule.class, 'event'));
      if (!rule) return 0;
      const beforeMs = eventsBeforeMs(rule.keepDays, records.clock());
      const heldSystemIds = [...(await heldIds(tx))];
      const dayMs = await firstDayBefore(tx, beforeMs, heldSystemIds);
      if (dayMs === null) return 0;
      return eraseEventsOfDay(tx, records, { dayMs, heldSystemIds, basis: `kept for ${rule.keepDays} days` });
    });
    if (found === 0) break;
    erased += found;
  }
  if (erased > 0) await tidyEvents(records);
  return erased;
}

/** Whole days go, in UTC: one that is partly over stays. */
function eventsBeforeMs(keepDays: number, nowMs: number): number {
  return Math.floor(nowMs / DAY_MS) * DAY_MS - keepDays * DAY_MS;
}

function dueContent(
  executor: Executor,
  cls: EvidenceRow['kind'],
  keepDays: number,
  nowMs: number,
): Promise<EvidenceRow[]> {
  const before = new Date(nowMs - keepDays * DAY_MS);
  return contentOlderThan(executor, cls, before, toInstant(nowMs).slice(0, 10));
}

async function heldIds(executor: Executor): Promise<Set<string>> {
  return new Set((await standingHolds(executor)).map(({ subjectId }) => subjectId));
}

function isHeld(row: EvidenceRow, held: ReadonlySet<string>): boolean {
  return held.has(row.id) || (row.personId !== null && held.has(row.personId));
}
