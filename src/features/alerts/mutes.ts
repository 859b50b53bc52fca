import { and, count, desc, eq, gt, inArray, isNull, lte, or } from 'drizzle-orm';
import { actorText, ledgerActor, type NamesOf, personOf, resolveWho, wordsOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import type { Acting } from './life.ts';
import {
  type AlertMute,
  type AlertSource,
  MUTE_DAYS_MAX,
  type NewAlertMute,
  SEVERITIES,
  type Severity,
} from './model.ts';
import { alert, alertMute, type MuteRow } from './tables.ts';

const LISTED_MAX = 500;

/** The mute in force for an alert, if any. */
export async function muteFor(
  executor: Executor,
  about: { source: AlertSource; sourceId: string; subject: { id: string }; severity: Severity },
  at: Date,
): Promise<MuteRow | null> {
  const severities = SEVERITIES.slice(0, SEVERITIES.indexOf(about.severity) + 1);
  const rows = await executor
    .select()
    .from(alertMute)
    .where(
      and(
        inForce(at),
        or(isNull(alertMute.source), eq(alertMute.source, about.source)),
        or(isNull(alertMute.sourceId), eq(alertMute.sourceId, about.sourceId)),
        or(isNull(alertMute.subjectId), eq(alertMute.subjectId, about.subject.id)),
        inArray(alertMute.severityMax, severities),
      ),
    )
    .orderBy(desc(alertMute.expiresAt))
    .limit(1);
  return rows[0] ?? null;
}

function inForce(at: Date) {
  return and(
    eq(alertMute.review, 'approved'),
    lte(alertMute.startsAt, at),
    gt(alertMute.expiresAt, at),
    isNull(alertMute.endedAt),
  );
}

export async function requestMute(tx: Transaction, id: string, asked: NewAlertMute, acting: Acting): Promise<void> {
  const requester = personOf(acting.actor);
  if (requester === null)
    throw new AppError('forbidden', 'A mute must be asked for by a person. Sign in and ask for it there.');
  const startsAt = asked.startsAt === undefined ? acting.at : new Date(asked.startsAt);
  const expiresAt = new Date(asked.expiresAt);
  if (expiresAt <= acting.at || expiresAt <= startsAt)
    throw new AppError('invalid_input', 'expiresAt: must be in the future and after startsAt.');
  if (startsAt.getTime() < acting.at.getTime() - 60_000)
    throw new AppError('invalid_input', 'startsAt: a mute cannot begin in the past.');
  if (expiresAt.getTime() - startsAt.getTime() > MUTE_DAYS_MAX * DAY_MS)
    throw new AppError(
      'invalid_input',
      `expiresAt: a mute lasts at most ${MUTE_DAYS_MAX} days. Ask again when it ends.`,
    );
  await tx.insert(alertMute).values({
    id,
    source: asked.source,
    sourceId: asked.sourceId,
    subjectId: asked.subjectId,
    severityMax: asked.severityMax,
    reason: asked.reason,
    startsAt,
    expiresAt,
    requestedAt: acting.at,
    requestedBy: actorText(acting.actor),
    requesterId: requester,
  });
  await entry(
    tx,
    id,
    acting,
    'approval.requested',
    {
      source: asked.source,
      sourceId: asked.sourceId,
      subjectId: asked.subjectId,
      severityMax: asked.severityMax,
      startsAt: startsAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    },
    { reason: asked.reason },
  );
}

/** The second person's word on a mute. */
export async function reviewMute(
  tx: Transaction,
  id: string,
  review: { decision: 'approved' | 'refused'; comment?: string | undefined },
  acting: Acting,
): Promise<void> {
  const row = await takeMute(tx, id);
  if (row.review !== 'waiting') throw new AppError('conflict', `The mute is ${row.review} already.`);
  const reviewer = personOf(acting.actor);
  if (reviewer === null || reviewer === row.requesterId)
    throw new AppError(
      'forbidden',
      'A mute is approved by another person than the one who asked for it. Ask a colleague with the same right.',
    );
  if (review.decision === 'refused' && review.comment === undefined)
    throw new AppError('invalid_input', 'comment: say why the mute is refused.');
  if (review.decision === 'approved' && row.expiresAt <= acting.at)
    throw new AppError('conflict', 'The mute would have ended already. Ask for a new one.');
  await tx
    .update(alertMute)
    .set({
      review: review.decision,
      reviewedAt: acting.at,
      reviewedBy: actorText(acting.actor),
      reviewerId: reviewer,
      comment: review.comment ?? null,
      // It never reaches back before it was approved.
      ...(review.decision === 'approved' && row.startsAt < acting.at && { startsAt: acting.at }),
    })
    .where(eq(alertMute.id, id));
  await entry(
    tx,
    id,
    acting,
    review.decision === 'approved' ? 'approval.granted' : 'approval.refused',
    {
      requestedBy: row.requesterId,
      expiresAt: row.expiresAt.toISOString(),
    },
    { comment: review.comment },
  );
}

/** Ends a mute, or takes back one that waits. Anybody who may ask for one may do so: less silence needs no second person. */
export async function endMute(tx: Transaction, id: string, acting: Acting): Promise<void> {
  const row = await takeMute(tx, id);
  if (row.endedAt !== null || row.review === 'refused' || row.expiresAt <= acting.at)
    throw new AppError('conflict', 'The mute has ended already.');
  await tx
    .update(alertMute)
    .set({ endedAt: acting.at, endedBy: actorText(acting.actor) })
    .where(eq(alertMute.id, id));
  await entry(tx, id, acting, 'approval.revoked', {});
}

async function entry(
  tx: Transaction,
  id: string,
  { at, actor, append }: Acting,
  type: 'approval.requested' | 'approval.granted' | 'approval.refused' | 'approval.revoked',
  body: Record<string, string | null>,
  words: Record<string, string | undefined> = {},
): Promise<void> {
  await append(tx, {
    type,
    actor: ledgerActor(actor),
    subject: { kind: 'alert-mute', id },
    series: `alert-mute:${id}`,
    body: { what: 'alert-mute', at: at.toISOString(), ...body },
    ...wordsOf(actor, words),
    dedupeKey: `alert-mute:${id}:${type}`,
  });
}

async function takeMute(tx: Transaction, id: string): Promise<MuteRow> {
  const [row] = await tx.select().from(alertMute).where(eq(alertMute.id, id)).for('update');
  if (!row) throw new AppError('not_found', `There is no mute ${id}.`);
  return row;
}

export async function listMutes(executor: Executor, namesOf: NamesOf, at: Date): Promise<AlertMute[]> {
  const rows = await executor
    .select()
    .from(alertMute)
    .orderBy(desc(alertMute.requestedAt), desc(alertMute.id))
    .limit(LISTED_MAX);
  const fired = await executor
    .select({ id: alert.muteId, fired: count() })
    .from(alert)
    .where(
      inArray(
        alert.muteId,
        rows.map((row) => row.id),
      ),
    )
    .groupBy(alert.muteId);
  const firedOf = new Map(fired.map((row) => [row.id, row.fired]));
  const who = await resolveWho(
    namesOf,
    rows.flatMap((row) => [row.requestedBy, row.reviewedBy]),
  );
  return rows.map((row) => ({
    id: row.id,
    source: row.source,
    sourceId: row.sourceId,
    subjectId: row.subjectId,
    severityMax: row.severityMax,
    reason: row.reason,
    startsAt: row.startsAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    requestedAt: row.requestedAt.toISOString(),
    requestedBy: who(row.requestedBy),
    review: row.review,
    reviewedAt: row.reviewedAt?.toISOString() ?? null,
    reviewedBy: row.reviewedBy === null ? null : who(row.reviewedBy),
    comment: row.comment,
    endedAt: row.endedAt?.toISOString() ?? null,
    state: muteState(row, at),
    fired: firedOf.get(row.id) ?? 0,
  }));
}

function muteState(row: MuteRow, at: Date): AlertMute['state'] {
  if (row.review === 'refused') return 'refused';
  if (row.endedAt !== null || row.expiresAt <= at) return 'ended';
  if (row.review === 'waiting') return 'waiting';
  return row.startsAt > at ? 'scheduled' : 'in_force';
}
