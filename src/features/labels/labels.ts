import { randomBytes, randomInt } from 'node:crypto';
import { and, asc, count, eq, lt, sql } from 'drizzle-orm';
import { evaluationResult, evaluationRun, evaluationSuiteVersion } from '#src/features/evaluations/tables.ts';
import { type Actor, type Append, actorText, ledgerActor, personOf, wordsOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { isSampled, sampleNumber } from '#src/statistics/declared-sample.ts';
import { LABELERS, type LabelItem, type LabelVerdict, type NewSample, type NextLabel } from './model.ts';
import { labelGiven, labelItem, labelSample, labelText } from './tables.ts';

type Acting = { at: Date; actor: Actor; append: Append };
const TEXT_MAX = 20_000;
const SEED_LIMIT = 2 ** 31;

/** Chooses items of a finished run for people to label, by the declared rule alone, and tells the ledger the rule. */
export async function addSample(
  tx: Transaction,
  asked: NewSample,
  { at, actor, append }: Acting,
): Promise<{ eligible: number; sampled: number; seed: number }> {
  const [run] = await tx.select().from(evaluationRun).where(eq(evaluationRun.id, asked.runId));
  if (!run) throw new AppError('not_found', `There is no evaluation run ${asked.runId}.`);
  if (run.state !== 'finished')
    throw new AppError('conflict', `The run is ${run.state}: only a finished one is sampled.`);
  const results = await tx.select().from(evaluationResult).where(eq(evaluationResult.runId, run.id));
  const eligible = results.filter((result) => result.output !== null);
  if (!eligible.some((result) => result.scores[asked.scorer] !== undefined))
    throw new AppError('invalid_input', `scorer: no item of the run was scored by "${asked.scorer}".`);
  const seed = randomInt(SEED_LIMIT);
  const sampleId = makeId('lbs', at.getTime(), randomBytes(10));
  const added = await tx
    .insert(labelSample)
    .values({
      id: sampleId,
      runId: run.id,
      scorer: asked.scorer,
      rate: asked.rate,
      seed,
      eligible: eligible.length,
      createdAt: at,
      createdBy: actorText(actor),
    })
    .onConflictDoNothing()
    .returning({ id: labelSample.id });
  if (added.length === 0)
    throw new AppError('conflict', 'This run and scorer have a sample already. A second draw would let one pick.');
  const chosen = eligible.filter((result) => isSampled(`${run.id}/${result.itemId}`, { rate: asked.rate, seed }));
  if (chosen.length > 0)
    await tx.insert(labelItem).values(
      chosen.map((result) => {
        const passed = result.scores[asked.scorer]?.passed ?? null;
        return {
          id: makeId('lbi', at.getTime(), randomBytes(10)),
          sampleId,
          runId: run.id,
          itemId: result.itemId,
          flagged: passed === null ? null : !passed,
          position: sampleNumber(`${run.id}/${result.itemId}`, seed),
        };
      }),
    );
  await append(tx, {
    type: 'label.sampled',
    actor: ledgerActor(actor),
    subject: { kind: 'label-sample', id: sampleId },
    series: `labels:${run.id}`,
    body: {
      at: at.toISOString(),
      run: run.id,
      scorer: asked.scorer,
      method: 'sha256 of seed and id',
      rate: asked.rate,
      seed,
      seedDrawnBy: 'server',
      eligible: eligible.length,
      sampled: chosen.length,
    },
    dedupeKey: `label-sample:${sampleId}`,
  });
  return { eligible: eligible.length, sampled: chosen.length, seed };
}

/** What a labeler is shown of an answer that no run holds. */
export type ShownTexts = { input: string; context: string | null; answer: string };
/** Reads texts of live traffic. `openPayload` is absent where the caller may not open what was captured. */
export type TextReader = {
  openText(executor: Executor, itemId: string): Promise<ShownTexts | null>;
  openPayload?: (payloadId: string) => Promise<ShownTexts | null>;
};

/** The next item a person has not labeled and that needs a label. What others or the scorer said is not shown: it would lead. */
export async function nextItem(executor: Executor, userId: string, reader: TextReader): Promise<NextLabel> {
  const given = sql<number>`(select count(*)::int from ${labelGiven} where ${labelGiven.itemId} = ${labelItem.id})`;
  const mine = sql`exists (select 1 from ${labelGiven} where ${labelGiven.itemId} = ${labelItem.id} and ${labelGiven.userId} = ${userId})`;
  // Nobody can label what nobody can read any more.
  const isReadable = sql`(${labelItem.runId} is not null
    or exists (select 1 from ${labelText} where ${labelText.itemId} = ${labelItem.id})
    or (${labelItem.payloadId} is not null and ${reader.openPayload !== undefined}))`;
  const open = and(lt(given, LABELERS), isReadable);
  const forMe = and(open, sql`not ${mine}`);
  const [row] = await executor
    .select({ item: labelItem, given })
    .from(labelItem)
    .where(forMe)
    .orderBy(asc(labelItem.position), asc(labelItem.id))
    .limit(1);
  const [waiting] = await executor.select({ total: count() }).from(labelItem).where(forMe);
  const [others] = await executor.select({ total: count() }).from(labelItem).where(and(open, mine));
  return {
    item: row ? await shown(executor, row.item, row.given, reader) : null,
    waitingForMe: waiting?.total ?? 0,
    waitingForOthers: others?.total ?? 0,
  };
}

type ItemRow = typeof labelItem.$inferSelect;

async function shown(executor: Executor, item: ItemRow, labels: number, reader: TextReader): Promise<LabelItem> {
  const { input, context, answer } = await textsOf(executor, item, reader);
  return {
    id: item.id,
    runId: item.runId,
    itemId: item.itemId,
    input: input.slice(0, TEXT_MAX),
    context: context?.slice(0, TEXT_MAX) ?? null,
    answer: answer.slice(0, TEXT_MAX),
    labels,
  };
}

async function textsOf(executor: Executor, item: ItemRow, reader: TextReader): Promise<ShownTexts> {
  if (item.runId !== null) return textsOfRun(executor, item.runId, item.itemId);
  const texts = (await reader.openText(executor, item.id)) ?? (await reader.openPayload?.(item.payloadId ?? ''));
  const gone = 'The text is not kept any more. Say that you are unsure.';
  return texts ?? { input: gone, context: null, answer: gone };
}

async function textsOfRun(executor: Executor, runId: string, itemId: string): Promise<ShownTexts> {
  const [result] = await executor
    .select({ output: evaluationResult.output })
    .from(evaluationResult)
    .where(and(eq(evaluationResult.runId, runId), eq(evaluationResult.itemId, itemId)));
  const [suite] = await executor
    .select({ content: evaluationSuiteVersion.content })
    .from(evaluationRun)
    .innerJoin(
      evaluationSuiteVersion,
      and(
        eq(evaluationSuiteVersion.suiteId, evaluationRun.suiteId),
        eq(evaluationSuiteVersion.version, evaluationRun.suiteVersion),
      ),
    )
    .where(eq(evaluationRun.id, runId));
  const source = suite?.content.items.find((one) => one.id === itemId);
  return {
    input: source?.input ?? 'The question is not kept for imported runs.',
    context: source?.context ?? null,
    answer: result?.output ?? '',
  };
}

/** Keeps a person's label. A label is not changed: a second one by the same person is refused, and so is a third person's. */
export async function putLabel(
  tx: Transaction,
  itemId: string,
  label: { verdict: LabelVerdict; comment?: string | undefined },
  { at, actor, append }: Acting,
): Promise<void> {
  const person = personOf(actor);
  if (person === null) throw new AppError('forbidden', 'Labels are given by people. Sign in to label.');
  const [item] = await tx.select().from(labelItem).where(eq(labelItem.id, itemId)).for('update');
  if (!item) throw new AppError('not_found', `There is no item ${itemId.slice(0, 80)} to label.`);
  const given = await tx.select().from(labelGiven).where(eq(labelGiven.itemId, itemId));
  if (given.some((one) => one.userId === person))
    throw new AppError('conflict', 'You have labeled this item already. A label stays as it was given.');
  if (given.length >= LABELERS) throw new AppError('conflict', 'Two people have labeled this item already.');
  await tx
    .insert(labelGiven)
    .values({ itemId, userId: person, verdict: label.verdict, comment: label.comment ?? null, at });
  // The last label: the text was kept for it alone.
  if (given.length + 1 >= LABELERS) await tx.delete(labelText).where(eq(labelText.itemId, itemId));
  await append(tx, {
    type: 'label.given',
    actor: ledgerActor(actor),
    subject: { kind: 'label-item', id: itemId },
    series: `labels:${item.runId ?? item.sampleId}`,
    body: { at: at.toISOString(), verdict: label.verdict },
    ...wordsOf(actor, { comment: label.comment }),
    dedupeKey: `label:${itemId}:${person}`,
  });
}
