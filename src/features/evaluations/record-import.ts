import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { type Actor, actorText } from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import { type FinishParts, finishRun } from './finish-run.ts';
import type { Imported } from './import-results.ts';
import type { ImportedRun } from './read-items.ts';
import { findSuite, versionInForce } from './suites.ts';
import { evaluationResult, evaluationRun } from './tables.ts';

const ROWS_AT_ONCE = 500;

/**
 * Keeps imported runs like those made here, marked with where they come from. With `suite`, the approved thresholds of that
 * suite are held against them; its version must have been approved before now, and scorers are matched by name.
 */
export async function recordImport(
  parts: FinishParts,
  imported: Imported,
  given: { suite?: string; model?: string; modelDigest?: string; actor: Actor },
): Promise<string[]> {
  const { records } = parts;
  const { drizzle } = records.database;
  const suite = given.suite === undefined ? null : await findSuite(drizzle, given.suite);
  const version = suite ? await versionInForce(drizzle, suite.id) : null;
  if (suite && !version)
    throw new AppError(
      'conflict',
      `No version of "${suite.name}" is approved: there are no thresholds to hold against it.`,
    );
  if (given.model !== undefined && imported.runs.length > 1)
    throw new AppError('invalid_input', `--model names one model, and the file holds ${imported.runs.length} runs.`);
  const ids: string[] = [];
  for (const run of imported.runs) {
    const at = new Date(records.clock());
    const id = makeId('evr', at.getTime(), randomBytes(10));
    const model = given.model ?? run.model;
    const scorers = [...new Set(run.items.flatMap((item) => Object.keys(item.scores)))].sort();
    const [row] = await drizzle
      .insert(evaluationRun)
      .values({
        id,
        suiteId: suite?.id ?? null,
        suiteVersion: version?.version ?? null,
        title: suite?.name ?? run.title,
        datasetSha256: sha256Hex(
          canonicalJson(run.items.map(({ itemId, input }) => ({ id: itemId, input: input as never }))),
        ),
        origin: imported.format,
        target: { providerId: null, model, modelDigest: given.modelDigest ?? null },
        model,
        state: 'running',
        items: run.items.length,
        requestedAt: at,
        requestedBy: actorText(given.actor),
        startedAt: at,
        beatAt: at,
      })
      .returning();
    if (!row) throw new AppError('internal', 'The run was not stored.');
    try {
      await insertItems(parts, id, run);
      await finishRun(parts, row, {
        thresholds: version?.content.thresholds ?? [],
        scorers: [...new Set([...scorers, ...(version?.content.thresholds ?? []).map(({ scorer }) => scorer)])].map(
          (name) => ({ name }),
        ),
        items: new Map(),
      });
    } catch (error) {
      await drizzle
        .update(evaluationRun)
        .set({ state: 'failed', finishedAt: new Date(records.clock()), error: 'The import was not finished.' })
        .where(eq(evaluationRun.id, id));
      throw error;
    }
    ids.push(id);
  }
  return ids;
}

async function insertItems({ records }: FinishParts, runId: string, run: ImportedRun): Promise<void> {
  for (let from = 0; from < run.items.length; from += ROWS_AT_ONCE)
    await records.database.drizzle.insert(evaluationResult).values(
      run.items.slice(from, from + ROWS_AT_ONCE).map(({ input: _, ...item }, k) => ({
        runId,
        position: from + k,
        ...item,
        // Postgres holds no NUL in a text.
        output: item.output?.replaceAll('\u0000', '\ufffd') ?? null,
      })),
    );
}
