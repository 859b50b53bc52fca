import { randomBytes } from 'node:crypto';
import { and, eq, lt, sql } from 'drizzle-orm';
import { markHoursLate } from '#src/features/events/index.ts';
import { type JudgedAnswer, offerForLabels } from '#src/features/labels/index.ts';
import { makeId } from '#src/kernel/id.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import type { Admitted, Held, Job } from './answer-to-check.ts';
import type { Judged } from './judge-answer.ts';
import { groundednessCheck, groundednessJudgeUse } from './tables.ts';

/** Longer than this no answer waits in a queue. */
export const WAIT_MAX_MS = 10 * 60_000;
/** A check that waits longer than this is in no queue any more. */
const LOST_AFTER_MS = WAIT_MAX_MS + 5 * 60_000;
const USE_KEPT_DAYS = 2;

/** Writes sampled answers down; resolves to those that were not there before. */
export async function insertChecks(
  database: Database,
  held: readonly Held[],
  nowMs: number,
): Promise<(Admitted & { sampling: string })[]> {
  if (held.length === 0) return [];
  const now = new Date(nowMs);
  return database.transaction(async (tx) => {
    const rows = await tx
      .insert(groundednessCheck)
      .values(
        held.map(({ rule, answer, reason, answerCharacters, contextCharacters }) => ({
          id: makeId('gck', nowMs, randomBytes(10)),
          sampling: rule.digest,
          eventId: answer.eventId,
          systemId: answer.systemId,
          modelVersion: answer.modelVersion,
          occurredAt: new Date(answer.occurredAtMs),
          admittedAt: now,
          state: reason === null ? ('waiting' as const) : ('not_judged' as const),
          reason,
          answerCharacters,
          contextCharacters,
          finishedAt: reason === null ? null : now,
        })),
      )
      .onConflictDoNothing()
      .returning({
        id: groundednessCheck.id,
        eventId: groundednessCheck.eventId,
        sampling: groundednessCheck.sampling,
        reason: groundednessCheck.reason,
      });
    const late = held.filter(({ reason }) => reason !== null).map(({ answer }) => answer);
    await markHoursLate(
      tx,
      late.map(({ systemId, occurredAtMs }) => ({ systemId, atMs: occurredAtMs })),
      nowMs,
    );
    return rows;
  });
}

/** Writes down what came of one, unless it was told as lost meanwhile, and offers it for labels. */
export async function finishCheck(
  database: Database,
  job: Job,
  judged: Judged,
  { known, labelKey }: { known: { textsSha256: string; tookMs: number }; labelKey: Buffer | null },
  nowMs: number,
): Promise<void> {
  const { id, answer } = job;
  await database.transaction(async (tx) => {
    const finished = await tx
      .update(groundednessCheck)
      .set({ ...outcomeOf(judged), ...known, finishedAt: new Date(nowMs) })
      .where(and(eq(groundednessCheck.id, id), eq(groundednessCheck.state, 'waiting')))
      .returning({ id: groundednessCheck.id });
    if (finished.length === 0) return;
    await markHoursLate(tx, [{ systemId: answer.systemId, atMs: answer.occurredAtMs }], nowMs);
    const offered = labelKey && answerForLabels(job, judged);
    if (offered) await offerForLabels(tx, offered, labelKey, nowMs);
  });
}

/** People are asked about answers that were decided: what a judge left open it got neither right nor wrong. */
function answerForLabels({ rule, answer, context }: Job, judged: Judged): JudgedAnswer | null {
  if (judged.state !== 'judged' || answer.labels === null) return null;
  const { counts, claims } = judged.checked;
  if (claims.length === 0 || (counts.unsupported === 0 && counts.not_checked > 0)) return null;
  return {
    sampling: rule.digest,
    salt: rule.sampling.salt,
    labelRate: rule.labelRate,
    systemId: answer.systemId,
    eventId: answer.eventId,
    method: judged.method,
    flagged: counts.unsupported > 0,
    texts:
      answer.labels.by === 'payload'
        ? null
        : {
            input: answer.labels.question ?? 'The sender gave no question.',
            context,
            answer: answer.answer ?? '',
          },
  };
}

function outcomeOf(judged: Judged) {
  if (judged.state === 'not_judged')
    return { state: judged.state, reason: judged.reason, method: judged.method || null };
  const { claims, counts } = judged.checked;
  const by = (tier: 'lexical' | 'entailment' | 'judge') => claims.filter(({ decidedBy }) => decidedBy === tier).length;
  return {
    state: judged.state,
    method: judged.method,
    claims: claims.length,
    supported: counts.supported,
    unsupported: counts.unsupported,
    contradicted: claims.filter(({ contradicted }) => contradicted).length,
    notChecked: counts.not_checked,
    byWords: by('lexical'),
    byEntailment: by('entailment'),
    byJudge: by('judge'),
  };
}

/**
 * Says of checks that no process holds any more that they were lost: those that wait for longer than any queue lets them, or,
 * where this is the only process and it has just begun, all of them. Resolves to their number.
 */
export async function tellLostChecks(
  { database, clock }: { database: Database; clock: () => number },
  { all }: { all: boolean } = { all: false },
): Promise<number> {
  const nowMs = clock();
  return database.transaction(async (tx) => {
    const before = new Date(all ? nowMs : nowMs - LOST_AFTER_MS);
    const lost = await tx
      .update(groundednessCheck)
      .set({ state: 'not_judged', reason: 'restarted', finishedAt: new Date(nowMs) })
      .where(
        and(
          eq(groundednessCheck.state, 'waiting'),
          all ? sql`${groundednessCheck.admittedAt} <= ${toInstant(nowMs)}` : lt(groundednessCheck.admittedAt, before),
        ),
      )
      .returning({ systemId: groundednessCheck.systemId, occurredAt: groundednessCheck.occurredAt });
    await markHoursLate(
      tx,
      lost.map(({ systemId, occurredAt }) => ({ systemId, atMs: occurredAt.getTime() })),
      nowMs,
    );
    await tx
      .delete(groundednessJudgeUse)
      .where(lt(groundednessJudgeUse.hourAt, new Date(nowMs - USE_KEPT_DAYS * DAY_MS)));
    return lost.length;
  });
}

/** Erases the checks of answers whose events retention has erased; what windows were decided on stays. Resolves to their number. */
export async function eraseChecksOfErasedDays(executor: Executor): Promise<number> {
  const { rowCount } = await executor.execute(sql`
    delete from groundedness_check as held using event_erasure as erased
    where held.system_id = erased.system_id and held.occurred_at >= (erased.day::timestamp at time zone 'UTC')
      and held.occurred_at < ((erased.day + 1)::timestamp at time zone 'UTC')
      and not exists (select 1 from event where event.id = held.event_id)`);
  return rowCount ?? 0;
}

/** What came of the sampled answers of a system within [fromMs, toMs), by rule and event. */
export type CheckResult = Pick<
  typeof groundednessCheck.$inferSelect,
  'state' | 'reason' | 'method' | 'claims' | 'supported' | 'unsupported' | 'contradicted' | 'notChecked'
>;

export async function checkResults(
  executor: Executor,
  { sampling, systemId, fromMs, toMs }: { sampling: string; systemId: string; fromMs: number; toMs: number },
): Promise<Map<string, CheckResult>> {
  const rows = await executor
    .select({
      eventId: groundednessCheck.eventId,
      state: groundednessCheck.state,
      reason: groundednessCheck.reason,
      method: groundednessCheck.method,
      claims: groundednessCheck.claims,
      supported: groundednessCheck.supported,
      unsupported: groundednessCheck.unsupported,
      contradicted: groundednessCheck.contradicted,
      notChecked: groundednessCheck.notChecked,
    })
    .from(groundednessCheck)
    .where(
      and(
        eq(groundednessCheck.sampling, sampling),
        eq(groundednessCheck.systemId, systemId),
        sql`${groundednessCheck.occurredAt} >= ${toInstant(fromMs)} and ${groundednessCheck.occurredAt} < ${toInstant(toMs)}`,
      ),
    );
  return new Map(rows.map(({ eventId, ...result }) => [eventId, result]));
}
