import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
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
import { makeId } from '#src/kernel/id.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Blobs } from '#src/platform/blobs.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { HOLDS_LOCK, listHolds, standingHolds } from './holds.ts';
import { type Retention, RetentionClass, type RetentionRule } from './model.ts';
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
    const due = rule ? await dueContent(executor, cls, rule.keepDays, nowMs) : [];
    rules.push({
      class: cls,
      keepDays: rule?.keepDays ?? null,
      setBy: rule ? who(rule.setBy) : null,
      setAt: rule?.setAt.toISOString() ?? null,
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

function dueContent(executor: Executor, cls: RetentionClass, keepDays: number, nowMs: number): Promise<EvidenceRow[]> {
  const before = new Date(nowMs - keepDays * DAY_MS);
  return contentOlderThan(executor, cls, before, toInstant(nowMs).slice(0, 10));
}

async function heldIds(executor: Executor): Promise<Set<string>> {
  return new Set((await standingHolds(executor)).map(({ subjectId }) => subjectId));
}

function isHeld(row: EvidenceRow, held: ReadonlySet<string>): boolean {
  return held.has(row.id) || (row.personId !== null && held.has(row.personId));
}
