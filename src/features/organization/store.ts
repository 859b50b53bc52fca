import { and, desc, eq } from 'drizzle-orm';
import type { Executor } from '#src/platform/database/connect.ts';
import type { OrganizationProfile } from './model.ts';
import { organizationTable, scopeChangeTable } from './tables.ts';

const ONLY_ID = 'organization';

export type StoredOrganization = typeof organizationTable.$inferSelect;
export type ScopeChangeRow = typeof scopeChangeTable.$inferSelect;

/** Undefined until somebody saved the profile. */
export async function storedOrganization(executor: Executor): Promise<StoredOrganization | undefined> {
  return (await executor.select().from(organizationTable).where(eq(organizationTable.id, ONLY_ID)))[0];
}

/**
 * Writes the profile over revision `over`, 0 for the first one. Returns false, and writes nothing, when the stored one
 * is another: somebody else was faster.
 */
export async function replaceOrganization(
  executor: Executor,
  next: { profile: OrganizationProfile; over: number; updatedAt: Date; updatedBy: string },
): Promise<boolean> {
  const row = { profile: next.profile, revision: next.over + 1, updatedAt: next.updatedAt, updatedBy: next.updatedBy };
  const written =
    next.over === 0
      ? await executor
          .insert(organizationTable)
          .values({ id: ONLY_ID, ...row })
          .onConflictDoNothing()
          .returning({ id: organizationTable.id })
      : await executor
          .update(organizationTable)
          .set(row)
          .where(and(eq(organizationTable.id, ONLY_ID), eq(organizationTable.revision, next.over)))
          .returning({ id: organizationTable.id });
  return written.length > 0;
}

export async function insertScopeChanges(executor: Executor, changes: ScopeChangeRow[]): Promise<void> {
  if (changes.length > 0) await executor.insert(scopeChangeTable).values(changes);
}

/** Newest first. */
export async function listScopeChanges(executor: Executor, limit: number): Promise<ScopeChangeRow[]> {
  return executor
    .select()
    .from(scopeChangeTable)
    .orderBy(desc(scopeChangeTable.changedAt), desc(scopeChangeTable.id))
    .limit(limit);
}
