import { and, desc, eq } from 'drizzle-orm';
import { wereErased } from '#src/features/events/index.ts';
import { actorText, ledgerActor, parseActor } from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { BASELINE_MIN, type BaselineContent, gatherBaseline } from './baseline-content.ts';
import { takeMonitor, versionsOf } from './change-monitor.ts';
import { type NewBaseline, needsBaseline, type Review, type SizeCheck } from './model.ts';
import { readEvents } from './read-events.ts';
import { requirePerson, requireSecondPerson, UNREVIEWED } from './review.ts';
import { type Deciding, type MonitorServices, newId } from './services.ts';
import { type BaselineRow, monitorBaseline } from './tables.ts';
import { windowEnd, windowStart } from './window-calendar.ts';

const PERIOD_MAX_DAYS = 400;
const EVENTS_MAX = 2_000_000;
/** One unlucky reference makes many windows alarm together unless it is this much larger than a window (measured). */
export const BASELINE_OVER_WINDOW = 10;

/** Freezes the events of a period as a reference, for a second person to approve. */
export async function proposeBaseline(
  tx: Transaction,
  { records }: Pick<MonitorServices, 'records'>,
  monitorId: string,
  { periodFrom, periodTo, reason }: NewBaseline,
  { actor, at }: Deciding,
): Promise<string> {
  requirePerson(actor, 'baseline');
  const { systemId } = await takeMonitor(tx, monitorId);
  const [fromMs, toMs] = [Date.parse(periodFrom), Date.parse(periodTo)];
  if (toMs <= fromMs || toMs - fromMs > PERIOD_MAX_DAYS * DAY_MS)
    throw new AppError('invalid_input', `periodTo must lie after periodFrom, by at most ${PERIOD_MAX_DAYS} days.`);
  if (toMs > at.getTime())
    throw new AppError('invalid_input', 'periodTo lies ahead: a reference is made of what happened.');
  if (await wereErased(tx, { systemId, fromMs, toMs }))
    throw new AppError('invalid_input', 'periodFrom: retention has erased events of this period. Choose a later one.');
  const versions = await versionsOf(tx, monitorId);
  const version = versions.find(({ state }) => state === 'in_force') ?? versions[0];
  if (!version || !needsBaseline(version.definition.metric))
    throw new AppError('conflict', 'This metric is held against thresholds alone: it takes no baseline.');
  const before = await baselinesOf(tx, monitorId);
  if (before.some(({ state }) => state === 'proposed'))
    throw new AppError(
      'conflict',
      'A baseline of this monitor waits for approval already. Have it approved or refused first.',
    );
  const gathered = gatherBaseline(version.definition);
  let seen = 0;
  await readEvents(tx, { systemId, fromMs, toMs }, (event) => {
    if (++seen > EVENTS_MAX)
      throw new AppError('invalid_input', `The period holds more than ${EVENTS_MAX} events. Choose a shorter one.`);
    gathered.take(event);
  });
  const content = gathered.freeze();
  const whole = content.series[0]?.reference;
  if (!whole || whole.type === 'none')
    throw new AppError(
      'invalid_input',
      `The period holds ${whole?.n ?? 0} values of this metric; a reference needs at least ${BASELINE_MIN}. Choose another period, or import past events first.`,
    );
  const bytes = Buffer.from(canonicalJson(content));
  const id = newId('bas', at.getTime());
  const sha256 = sha256Hex(bytes);
  await tx.insert(monitorBaseline).values({
    ...UNREVIEWED,
    id,
    monitorId,
    version: (before[0]?.version ?? 0) + 1,
    periodFrom: new Date(fromMs),
    periodTo: new Date(toMs),
    n: whole.n,
    sizeCheck: sizeCheck(whole.n, version.definition.window, fromMs, toMs),
    content: bytes,
    sha256,
    reason,
    proposedBy: actorText(actor),
    proposedAt: at,
  });
  await records.append(tx, {
    type: 'approval.requested',
    actor: ledgerActor(actor),
    subject: { kind: 'monitor-baseline', id },
    series: `monitor:${monitorId}`,
    body: {
      what: 'baseline',
      monitor: monitorId,
      sha256,
      n: whole.n,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
    },
    dedupeKey: `monitor-baseline-proposed:${id}`,
  });
  return id;
}

/** How much larger the reference is than one window of the same period. Pure. */
export function sizeCheck(
  n: number,
  length: Parameters<typeof windowStart>[0],
  fromMs: number,
  toMs: number,
): SizeCheck {
  const start = windowStart(length, fromMs);
  const windows = Math.max(1, (toMs - fromMs) / (windowEnd(length, start) - start));
  const windowN = n / windows;
  const ratio = n / Math.max(windowN, 1);
  return { windowN, ratio, verdict: ratio >= BASELINE_OVER_WINDOW ? 'enough' : 'thin' };
}

/** The second person's word on a baseline. The one before keeps its time and its content. */
export async function reviewBaseline(
  tx: Transaction,
  { records }: Pick<MonitorServices, 'records'>,
  id: string,
  review: Review,
  { actor, at }: Deciding,
): Promise<string> {
  const [waiting] = await tx.select().from(monitorBaseline).where(eq(monitorBaseline.id, id)).for('update');
  if (!waiting) throw new AppError('not_found', `There is no baseline ${id.slice(0, 80)}. Reload the monitor.`);
  if (waiting.state !== 'proposed') throw new AppError('conflict', 'This baseline was reviewed already.');
  requireSecondPerson(waiting.proposedBy, actor, review, 'baseline');
  const approved = review.decision === 'approved';
  if (approved && waiting.sizeCheck.verdict === 'thin' && review.comment === undefined)
    throw new AppError(
      'invalid_input',
      `The baseline is only ${waiting.sizeCheck.ratio.toFixed(1)} times as large as a window (10 or more are expected). Say in the comment why it will do.`,
    );
  const reviewed = { reviewedBy: actorText(actor), reviewedAt: at, reviewComment: review.comment ?? null };
  if (approved)
    await tx
      .update(monitorBaseline)
      .set({ state: 'superseded', validTo: at })
      .where(and(eq(monitorBaseline.monitorId, waiting.monitorId), eq(monitorBaseline.state, 'in_force')));
  await tx
    .update(monitorBaseline)
    .set({ ...reviewed, ...(approved ? { state: 'in_force' as const, validFrom: at } : { state: 'refused' as const }) })
    .where(eq(monitorBaseline.id, id));
  await records.append(tx, {
    type: approved ? 'approval.granted' : 'approval.refused',
    actor: ledgerActor(actor),
    subject: { kind: 'monitor-baseline', id },
    series: `monitor:${waiting.monitorId}`,
    body: {
      what: 'baseline',
      monitor: waiting.monitorId,
      sha256: waiting.sha256,
      proposedBy: ledgerActor(parseActor(waiting.proposedBy)).id,
      size: waiting.sizeCheck.verdict,
    },
    dedupeKey: `monitor-baseline-reviewed:${id}`,
  });
  return waiting.monitorId;
}

/** Baselines of one monitor, newest first. */
export function baselinesOf(executor: Executor, monitorId: string): Promise<BaselineRow[]> {
  return executor
    .select()
    .from(monitorBaseline)
    .where(eq(monitorBaseline.monitorId, monitorId))
    .orderBy(desc(monitorBaseline.version));
}

/** What a baseline holds. Throws where its bytes are not the ones that were approved. */
export function contentOf({ id, content, sha256 }: Pick<BaselineRow, 'id' | 'content' | 'sha256'>): BaselineContent {
  if (sha256Hex(content) !== sha256)
    throw new AppError('internal', `The stored baseline ${id} is not the one that was approved: its hash differs.`);
  return JSON.parse(content.toString('utf8')) as BaselineContent;
}
