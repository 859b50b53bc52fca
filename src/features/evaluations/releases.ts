import { randomBytes } from 'node:crypto';
import { and, count, desc, eq, inArray, or } from 'drizzle-orm';
import { SENSITIVE_DATA_CLASSES } from '#src/features/inventory/model.ts';
import { inventorySystem, type SystemRow } from '#src/features/inventory/tables.ts';
import {
  type Actor,
  actorText,
  ledgerActor,
  type NamesOf,
  type Records,
  resolveWho,
} from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { gateVerdict } from './gate.ts';
import {
  type AskRelease,
  type EvaluationRelease,
  purposeOf,
  type ReleaseCheck,
  type SuitePurpose,
  type Verdict,
} from './model.ts';
import { listSuiteRows, versionInForce } from './suites.ts';
import { evaluationRelease } from './tables.ts';

/** Systems up to this tier are released only after a robustness suite (T-EVM-07). */
const ROBUSTNESS_TIER_MAX = 2;
const LISTED_MAX = 500;

type Asked = { model: string; modelDigest: string | null };
type Decided = { verdict: Verdict; because: string; checks: ReleaseCheck[] };

/**
 * Asks whether a model may go into a system, and keeps the answer: each suite of the system must have passed over this model,
 * robustness (up to tier 2) and memorization (sensitive data) over this very digest. What is not known keeps it from passing.
 * Throws `not_found` for a system that is not there.
 */
export async function decideRelease(records: Records, asked: AskRelease, actor: Actor): Promise<string> {
  const at = new Date(records.clock());
  const id = makeId('erl', at.getTime(), randomBytes(10));
  await records.change('evaluations', ['model-release'], async (tx) => {
    const system = await findSystem(tx, asked.system);
    const decided = await decide(tx, system, asked, at);
    const row = {
      id,
      systemId: system.id,
      model: asked.model,
      modelDigest: asked.modelDigest,
      riskTier: system.riskTier,
      sensitiveData: isSensitive(system),
      ...decided,
      decidedAt: at,
      askedBy: actorText(actor),
    };
    await tx.insert(evaluationRelease).values(row);
    await records.append(tx, {
      type: 'evaluation.release-decided',
      actor: ledgerActor(actor),
      subject: { kind: 'ai-system', id: system.id },
      series: `evaluation-release:${system.id}`,
      body: {
        at: at.toISOString(),
        release: id,
        modelDigest: asked.modelDigest,
        riskTier: system.riskTier,
        sensitiveData: row.sensitiveData,
        verdict: decided.verdict,
        checks: decided.checks.map(({ purpose, suite, verdict, runId }) => ({
          purpose,
          suite: suite?.id ?? null,
          suiteVersion: suite?.version ?? null,
          verdict,
          run: runId,
        })),
      },
      dedupeKey: `evaluation-release:${id}`,
    });
  });
  return id;
}

/** Null where nobody said what data the system handles. */
function isSensitive({ dataClasses }: Pick<SystemRow, 'dataClasses'>): boolean | null {
  if (dataClasses.length === 0) return null;
  return dataClasses.some((name) => SENSITIVE_DATA_CLASSES.includes(name));
}

async function decide(executor: Executor, system: SystemRow, asked: Asked, at: Date): Promise<Decided> {
  const checks = await checksOf(executor, system, asked, at);
  const unknown = [
    ...(system.riskTier === null ? ['It is not known which risk tier the system has.'] : []),
    ...(isSensitive(system) === null ? ['It is not known which classes of data the system handles.'] : []),
  ];
  const failed = checks.filter(({ verdict }) => verdict === 'fail');
  if (failed.length > 0) return { verdict: 'fail', because: failed.map(said).join(' '), checks };
  const open = checks.filter(({ verdict }) => verdict === 'no_data');
  if (open.length > 0 || unknown.length > 0)
    return { verdict: 'no_data', because: [...unknown, ...open.map(said)].join(' '), checks };
  return { verdict: 'pass', because: `Passed ${checks.map(({ suite }) => suite?.name).join(', ')}.`, checks };
}

function said({ suite, because }: ReleaseCheck): string {
  return suite ? `${suite.name}: ${because}` : because;
}

async function checksOf(executor: Executor, system: SystemRow, asked: Asked, at: Date): Promise<ReleaseCheck[]> {
  const suites = (await listSuiteRows(executor)).filter(({ systemId }) => systemId === system.id);
  const checks: ReleaseCheck[] = [];
  for (const suite of suites) {
    const version = await versionInForce(executor, suite.id);
    if (!version) continue;
    const purpose = purposeOf(version.content);
    const named = { id: suite.id, name: suite.name, version: version.version };
    if (purpose !== 'quality' && asked.modelDigest === null) {
      const because = 'Name the digest of the model: another one of the same name may behave otherwise.';
      checks.push({ purpose, suite: named, verdict: 'no_data', because, runId: null });
      continue;
    }
    const { verdict, because, runId } = await gateVerdict(
      executor,
      { suite: suite.id, model: asked.model, ...(asked.modelDigest !== null && { digest: asked.modelDigest }) },
      at,
    );
    checks.push({ purpose, suite: named, verdict, because, runId });
  }
  for (const purpose of neededBy(system))
    if (!checks.some((check) => check.purpose === purpose))
      checks.push({ purpose, suite: null, verdict: 'no_data', because: NONE_OF[purpose], runId: null });
  return checks;
}

const NONE_OF: Record<SuitePurpose, string> = {
  quality: 'The system has no approved suite.',
  robustness: 'The system has no approved robustness suite, which its tier asks for.',
  memorization: 'The system has no approved memorization suite, which its data ask for.',
};

function neededBy(system: SystemRow): SuitePurpose[] {
  const isHighTier = system.riskTier !== null && system.riskTier <= ROBUSTNESS_TIER_MAX;
  return [
    'quality',
    ...(isHighTier ? (['robustness'] as const) : []),
    ...(isSensitive(system) ? (['memorization'] as const) : []),
  ];
}

async function findSystem(executor: Executor, idOrName: string): Promise<SystemRow> {
  const rows = await executor
    .select()
    .from(inventorySystem)
    .where(
      and(
        or(eq(inventorySystem.id, idOrName), eq(inventorySystem.name, idOrName)),
        inArray(inventorySystem.state, ['proposed', 'confirmed']),
      ),
    );
  const row = rows.find(({ id }) => id === idOrName) ?? (rows.length === 1 ? rows[0] : undefined);
  if (row) return row;
  const named = `"${idOrName.slice(0, 80)}"`;
  throw new AppError(
    'not_found',
    rows.length > 1
      ? `system: ${rows.length} AI systems are called ${named}. Give the id.`
      : `system: there is no AI system ${named}. Register it under Inventory.`,
  );
}

/** Newest first; the latest 500. */
export async function listReleases(
  executor: Executor,
  query: { systemId?: string | undefined; ids?: readonly string[] },
  namesOf: NamesOf,
): Promise<{ items: EvaluationRelease[]; total: number }> {
  const filter = and(
    query.systemId === undefined ? undefined : eq(evaluationRelease.systemId, query.systemId),
    query.ids === undefined ? undefined : inArray(evaluationRelease.id, [...query.ids]),
  );
  const rows = await executor
    .select({ release: evaluationRelease, systemName: inventorySystem.name })
    .from(evaluationRelease)
    .leftJoin(inventorySystem, eq(inventorySystem.id, evaluationRelease.systemId))
    .where(filter)
    .orderBy(desc(evaluationRelease.decidedAt), desc(evaluationRelease.id))
    .limit(LISTED_MAX);
  const [counted] = await executor.select({ total: count() }).from(evaluationRelease).where(filter);
  const who = await resolveWho(
    namesOf,
    rows.map(({ release }) => release.askedBy),
  );
  return {
    items: rows.map(({ release: { systemId, ...release }, systemName }) => ({
      ...release,
      system: { id: systemId, name: systemName ?? systemId },
      decidedAt: release.decidedAt.toISOString(),
      askedBy: who(release.askedBy),
    })),
    total: counted?.total ?? 0,
  };
}

export async function releaseById(executor: Executor, id: string, namesOf: NamesOf): Promise<EvaluationRelease> {
  const { items } = await listReleases(executor, { ids: [id] }, namesOf);
  const [found] = items;
  if (!found) throw new AppError('not_found', `There is no release ${id.slice(0, 80)}.`);
  return found;
}
