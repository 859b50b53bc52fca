import { randomBytes } from 'node:crypto';
import { and, eq, gt, lte } from 'drizzle-orm';
import type { Records } from '#src/features/records/index.ts';
import type { CompiledPolicy, GatewayKey, Tenant } from '#src/gateway/snapshot.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { findPolicy, listVersions } from './policy-store.ts';
import { gatewayPolicy, gatewayPolicyTrial, gatewayPolicyVersion, type VersionRow } from './tables.ts';

const LASTS_MS = 2 * HOUR_MS;

/** The version that is to be tried. Throws for one that is not there or was taken back. */
export async function versionToTry(executor: Executor, idOrName: string, version: number): Promise<VersionRow> {
  const policy = await findPolicy(executor, idOrName);
  const row = (await listVersions(executor, policy.id)).find((one) => one.version === version);
  if (!row) throw new AppError('not_found', `The policy "${policy.name}" has no version ${version}.`);
  if (row.state === 'refused' || row.state === 'withdrawn')
    throw new AppError('conflict', `Version ${version} of "${policy.name}" is ${row.state}. Write the next one.`);
  return row;
}

/** Puts calls with one key under a version that is not in force, on every node, until it is closed. One at a time for a tenant. */
export async function openPolicyTrial(
  records: Records,
  { policyId, version, digest }: Pick<VersionRow, 'policyId' | 'version' | 'digest'>,
  { keyId, tenantId }: { keyId: string; tenantId: string },
): Promise<{ trialId: string; close(): Promise<void> }> {
  const { drizzle } = records.database;
  const nowMs = records.clock();
  const trialId = makeId('gpt', nowMs, randomBytes(10));
  await drizzle.delete(gatewayPolicyTrial).where(lte(gatewayPolicyTrial.endsAt, new Date(nowMs)));
  const opened = await drizzle
    .insert(gatewayPolicyTrial)
    .values({ id: trialId, keyId, tenantId, policyId, version, digest, endsAt: new Date(nowMs + LASTS_MS) })
    .onConflictDoNothing({ target: gatewayPolicyTrial.tenantId })
    .returning({ id: gatewayPolicyTrial.id });
  if (opened.length === 0)
    throw new AppError('conflict', 'Another version is being tried. Start this run again when that one is done.');
  return {
    trialId,
    close: async () => {
      await drizzle.delete(gatewayPolicyTrial).where(eq(gatewayPolicyTrial.id, trialId));
    },
  };
}

/**
 * Puts the trials under way into what the nodes run on: the tenant of each under its version, and of that tenant's keys the
 * one of the trial alone. A version that was written anew meanwhile is not there, so that calls under it are refused.
 */
export async function withTrials<Parts extends { tenants: Tenant[]; keys: GatewayKey[]; policies: CompiledPolicy[] }>(
  executor: Executor,
  parts: Parts,
  atMs: number,
): Promise<Parts> {
  const trials = await executor
    .select({ trial: gatewayPolicyTrial, version: gatewayPolicyVersion, name: gatewayPolicy.name })
    .from(gatewayPolicyTrial)
    .innerJoin(gatewayPolicy, eq(gatewayPolicy.id, gatewayPolicyTrial.policyId))
    .leftJoin(
      gatewayPolicyVersion,
      and(
        eq(gatewayPolicyVersion.policyId, gatewayPolicyTrial.policyId),
        eq(gatewayPolicyVersion.version, gatewayPolicyTrial.version),
        eq(gatewayPolicyVersion.digest, gatewayPolicyTrial.digest),
      ),
    )
    .where(gt(gatewayPolicyTrial.endsAt, new Date(atMs)));
  if (trials.length === 0) return parts;
  const trialOf = (tenantId: string) => trials.find(({ trial }) => trial.tenantId === tenantId)?.trial;
  const tried = trials.flatMap(({ trial: { id }, version, name }) =>
    version === null ? [] : [{ id, version: version.version, digest: version.digest, name, ...version.document }],
  );
  return {
    ...parts,
    tenants: parts.tenants.map((tenant) => ({ ...tenant, policyId: trialOf(tenant.id)?.id ?? tenant.policyId })),
    keys: parts.keys.filter(({ id, tenantId }) => (trialOf(tenantId)?.keyId ?? id) === id),
    policies: [...parts.policies, ...tried].sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}
