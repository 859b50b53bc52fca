import type { Decision } from '#src/gateway/decision.ts';
import { AppError } from '#src/kernel/errors.ts';
import { type Clock, DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { dryRun } from './dry-run.ts';
import type { DryRun, PolicyDocument } from './model.ts';
import { findPolicy, listVersions } from './policy-store.ts';

/** Calls that were decided under a policy, newest first; at most `limit`. Filled by the feature that keeps the decisions. */
export type RecordedDecisions = (
  executor: Executor,
  query: { policyId: string; fromMs: number; toMs: number; limit: number },
) => Promise<Decision[]>;

export type DryRunPolicy = (
  idOrName: string,
  request: { version?: number | undefined; document?: PolicyDocument; fromMs?: number; toMs?: number },
) => Promise<DryRun>;

const USUAL_DAYS = 7;
const CALLS_MAX = 10_000;

/** Runs a version of a policy, or a document not stored yet, over the calls that were recorded under that policy. */
export function createDryRun(parts: { executor: Executor; clock: Clock; decisions: RecordedDecisions }): DryRunPolicy {
  const { executor, clock, decisions } = parts;
  return async (idOrName, request) => {
    const policy = await findPolicy(executor, idOrName);
    const versions = await listVersions(executor, policy.id);
    const toMs = request.toMs ?? clock();
    const fromMs = request.fromMs ?? toMs - USUAL_DAYS * DAY_MS;
    if (fromMs >= toMs) throw new AppError('invalid_input', 'fromAt: must be before toAt.');
    const draft = request.document ?? versions.find(({ version }) => version === request.version)?.document;
    if (!draft) throw new AppError('not_found', `The policy "${policy.name}" has no version ${request.version}.`);
    const calls = await decisions(executor, { policyId: policy.id, fromMs, toMs, limit: CALLS_MAX + 1 });
    const documents = new Map(versions.map(({ version, document }) => [version, document]));
    const ran = dryRun(draft, calls.slice(0, CALLS_MAX), (version) => documents.get(version ?? 0) ?? null);
    return { fromAt: toInstant(fromMs), toAt: toInstant(toMs), complete: calls.length <= CALLS_MAX, ...ran };
  };
}
