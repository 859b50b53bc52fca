import { randomBytes } from 'node:crypto';
import { and, eq, lt, sql } from 'drizzle-orm';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { openUnder, sealUnder } from '#src/platform/envelope.ts';
import { type Secrets, storedDataKey } from '#src/platform/secrets.ts';
import type { JudgeGold } from '#src/statistics/agreement.ts';
import { isSampled, sampleNumber } from '#src/statistics/declared-sample.ts';
import type { ShownTexts } from './labels.ts';
import type { LabelVerdict } from './model.ts';
import { goldOf } from './report.ts';
import { labelGiven, labelItem, labelSample, labelText } from './tables.ts';

const KEY_NAME = 'labels.text-key';
const TEXT_KEPT_DAYS = 30;
export const LIVE_SCORER = 'groundedness';

/** An answer of live traffic that was judged and whose text people may read. */
export type JudgedAnswer = {
  /** The rule that chose it, its salt, and the share of judged answers that people are asked about. */
  sampling: string;
  salt: string;
  labelRate: number;
  systemId: string;
  eventId: string;
  method: string;
  /** Found to hold something unsupported. */
  flagged: boolean;
  /** Null where the captured payload of the event holds it. */
  texts: ShownTexts | null;
};

export function labelTextKey(secrets: Pick<Secrets, 'getOrCreate'>): Promise<Buffer> {
  return storedDataKey(secrets, KEY_NAME);
}

/** The seed under which answers judged by a rule are chosen for people: it follows from the declared salt. */
export function labelSeed(salt: string): number {
  return Number.parseInt(sha256Hex(`assay-labels/1\n${salt}`).slice(0, 8), 16) >>> 1;
}

/** Whether people are asked about an answer; follows from the id of its event alone. */
export function isForLabels({
  salt,
  labelRate,
  eventId,
}: Pick<JudgedAnswer, 'salt' | 'labelRate' | 'eventId'>): boolean {
  return labelRate > 0 && isSampled(eventId, { rate: labelRate, seed: labelSeed(salt) });
}

/** Puts a judged answer that the rule chose before two people. Its text is encrypted, and goes with the second label. */
export async function offerForLabels(tx: Transaction, answer: JudgedAnswer, key: Buffer, atMs: number): Promise<void> {
  const { sampling, salt, labelRate, systemId, eventId, method, flagged, texts } = answer;
  const seed = labelSeed(salt);
  const at = new Date(atMs);
  await tx
    .insert(labelSample)
    .values({
      id: makeId('lbs', atMs, randomBytes(10)),
      runId: null,
      sampling,
      systemId,
      scorer: LIVE_SCORER,
      rate: labelRate,
      seed,
      eligible: 0,
      createdAt: at,
      createdBy: 'service:assay',
    })
    .onConflictDoNothing();
  const [sample] = await tx
    .update(labelSample)
    .set({ eligible: sql`${labelSample.eligible} + 1` })
    .where(and(eq(labelSample.sampling, sampling), eq(labelSample.rate, labelRate)))
    .returning({ id: labelSample.id });
  if (!sample || !isForLabels(answer)) return;
  const id = makeId('lbi', atMs, randomBytes(10));
  const added = await tx
    .insert(labelItem)
    .values({
      id,
      sampleId: sample.id,
      runId: null,
      itemId: eventId,
      flagged,
      position: sampleNumber(eventId, seed),
      method,
      payloadId: texts === null ? eventId : null,
    })
    .onConflictDoNothing()
    .returning({ id: labelItem.id });
  if (added.length === 0 || texts === null) return;
  await tx.insert(labelText).values({
    itemId: id,
    sealed: sealUnder(key, Buffer.from(JSON.stringify(texts)), id),
    keepUntil: new Date(atMs + TEXT_KEPT_DAYS * DAY_MS),
  });
}

export async function openLabelText(executor: Executor, itemId: string, key: Buffer): Promise<ShownTexts | null> {
  const [row] = await executor.select().from(labelText).where(eq(labelText.itemId, itemId));
  return row ? (JSON.parse(openUnder(key, row.sealed, itemId).toString('utf8')) as ShownTexts) : null;
}

/** Erases texts whose time is over, labeled or not. Resolves to their number. */
export async function forgetLabelTexts(executor: Executor, nowMs: number): Promise<number> {
  const gone = await executor
    .delete(labelText)
    .where(lt(labelText.keepUntil, new Date(nowMs)))
    .returning({ itemId: labelText.itemId });
  return gone.length;
}

/**
 * How each method did against people on answers that a rule chose: those with two labels before `beforeMs` on which both agree.
 */
export async function goldOfChecks(
  executor: Executor,
  sampling: string,
  beforeMs: number,
): Promise<(JudgeGold & { method: string })[]> {
  const rows = await executor
    .select({ id: labelItem.id, method: labelItem.method, flagged: labelItem.flagged, verdict: labelGiven.verdict })
    .from(labelGiven)
    .innerJoin(labelItem, eq(labelItem.id, labelGiven.itemId))
    .innerJoin(labelSample, eq(labelSample.id, labelItem.sampleId))
    .where(and(eq(labelSample.sampling, sampling), lt(labelGiven.at, new Date(beforeMs))));
  const byMethod = new Map<string, Map<string, { flagged: boolean | null; labels: LabelVerdict[] }>>();
  for (const { id, method, flagged, verdict } of rows) {
    const items = byMethod.get(method ?? '') ?? new Map();
    byMethod.set(method ?? '', items);
    const item = items.get(id) ?? { flagged, labels: [] };
    items.set(id, item);
    item.labels.push(verdict);
  }
  return [...byMethod]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([method, items]) => ({ method, ...goldOf([...items.values()]) }));
}
