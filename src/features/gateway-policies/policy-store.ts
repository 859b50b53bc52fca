import { and, asc, desc, eq, getTableColumns, inArray } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { gatewayPolicy, gatewayPolicyVersion, type PolicyRow, type VersionRow } from './tables.ts';

export async function listPolicyRows(executor: Executor): Promise<PolicyRow[]> {
  return executor.select().from(gatewayPolicy).orderBy(asc(gatewayPolicy.name));
}

/** By id or by name. */
export async function findPolicy(executor: Executor, idOrName: string): Promise<PolicyRow> {
  const column = idOrName.startsWith('gpo_') ? gatewayPolicy.id : gatewayPolicy.name;
  const [row] = await executor.select().from(gatewayPolicy).where(eq(column, idOrName));
  if (!row)
    throw new AppError(
      'not_found',
      `There is no policy "${idOrName.slice(0, 80)}". List the policies to see which there are.`,
    );
  return row;
}

export async function insertPolicy(tx: Transaction, row: PolicyRow): Promise<void> {
  const added = await tx
    .insert(gatewayPolicy)
    .values(row)
    .onConflictDoNothing({ target: gatewayPolicy.name })
    .returning({ id: gatewayPolicy.id });
  if (added.length === 0)
    throw new AppError('conflict', `There is a policy called "${row.name}" already. Write a new version of it.`);
}

/** Newest first. */
export async function listVersions(executor: Executor, policyId: string): Promise<VersionRow[]> {
  return executor
    .select()
    .from(gatewayPolicyVersion)
    .where(eq(gatewayPolicyVersion.policyId, policyId))
    .orderBy(desc(gatewayPolicyVersion.version));
}

export type VersionSummary = Omit<VersionRow, 'document'>;

/** Every version of every policy without what it says, newest first. */
export async function listVersionSummaries(executor: Executor): Promise<VersionSummary[]> {
  const { document: _, ...columns } = getTableColumns(gatewayPolicyVersion);
  return executor.select(columns).from(gatewayPolicyVersion).orderBy(desc(gatewayPolicyVersion.version));
}

/** The versions of one policy, locked until the transaction ends. Newest first. */
export async function takeVersions(tx: Transaction, policyId: string): Promise<VersionRow[]> {
  await tx.select().from(gatewayPolicy).where(eq(gatewayPolicy.id, policyId)).for('update');
  return listVersions(tx, policyId);
}

export async function insertVersion(tx: Transaction, row: VersionRow): Promise<void> {
  await tx.insert(gatewayPolicyVersion).values(row);
}

export async function updateVersion(
  tx: Transaction,
  { policyId, version }: Pick<VersionRow, 'policyId' | 'version'>,
  set: Partial<VersionRow>,
): Promise<void> {
  await tx
    .update(gatewayPolicyVersion)
    .set(set)
    .where(and(eq(gatewayPolicyVersion.policyId, policyId), eq(gatewayPolicyVersion.version, version)));
}

/** Of versions of one policy the one that counts at an instant: the latest whose moment has come. */
export function versionInForceAt<Version extends Pick<VersionRow, 'version' | 'state' | 'inForceFrom'>>(
  versions: readonly Version[],
  atMs: number,
): Version | undefined {
  let found: Version | undefined;
  for (const version of versions) {
    const from = version.inForceFrom?.getTime();
    if (version.state !== 'approved' || from === undefined || from > atMs) continue;
    const best = found?.inForceFrom?.getTime() ?? Number.NEGATIVE_INFINITY;
    if (from > best || (from === best && version.version > (found?.version ?? 0))) found = version;
  }
  return found;
}

/** The version in force of every policy, with what it says. */
export async function versionsInForce(executor: Executor, atMs: number): Promise<VersionRow[]> {
  const approved = await executor
    .select({
      policyId: gatewayPolicyVersion.policyId,
      version: gatewayPolicyVersion.version,
      state: gatewayPolicyVersion.state,
      inForceFrom: gatewayPolicyVersion.inForceFrom,
    })
    .from(gatewayPolicyVersion)
    .where(eq(gatewayPolicyVersion.state, 'approved'));
  const ids = [...new Set(approved.map(({ policyId }) => policyId))];
  const wanted = ids.flatMap((id) => {
    const version = versionInForceAt(
      approved.filter(({ policyId }) => policyId === id),
      atMs,
    );
    return version ? [version] : [];
  });
  if (wanted.length === 0) return [];
  const rows = await executor
    .select()
    .from(gatewayPolicyVersion)
    .where(
      and(
        inArray(
          gatewayPolicyVersion.policyId,
          wanted.map(({ policyId }) => policyId),
        ),
        inArray(gatewayPolicyVersion.version, [...new Set(wanted.map(({ version }) => version))]),
      ),
    );
  return rows.filter((row) => wanted.some((one) => one.policyId === row.policyId && one.version === row.version));
}

/** The next moment at which a version comes into force by itself; null when none waits. */
export async function nextActivation(executor: Executor, atMs: number): Promise<number | null> {
  const rows = await executor
    .select({ inForceFrom: gatewayPolicyVersion.inForceFrom })
    .from(gatewayPolicyVersion)
    .where(eq(gatewayPolicyVersion.state, 'approved'));
  const waiting = rows.map(({ inForceFrom }) => inForceFrom?.getTime() ?? 0).filter((fromMs) => fromMs > atMs);
  return waiting.length === 0 ? null : Math.min(...waiting);
}
