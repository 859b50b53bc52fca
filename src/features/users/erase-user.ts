import { eq, sql } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { deleteSessions, deleteTwoFactor, lockActiveOwners, lockUser } from './store.ts';
import { apiKeyTable, credentialTable, linkTable, userTable, verificationTable } from './tables.ts';

export const ERASED_NAME = 'Erased person';

/** Users by id, with the names and addresses that are kept of them; all of them when no ids are given. */
export async function personsAmongUsers(
  executor: Executor,
): Promise<{ id: string; name: string; email: string; createdAt: Date }[]> {
  return executor
    .select({ id: userTable.id, name: userTable.name, email: userTable.email, createdAt: userTable.createdAt })
    .from(userTable)
    .orderBy(userTable.createdAt, userTable.id);
}

/**
 * Takes everything that says who a user is out of their row, which stays under its id so that what they decided can still
 * be told apart; ends every way in. Throws `conflict` for the last owner. False where the id is no user's.
 */
export async function eraseUser(tx: Transaction, id: string, at: Date): Promise<boolean> {
  const owners = await lockActiveOwners(tx);
  const user = await lockUser(tx, id);
  if (!user) return false;
  if (owners.includes(id) && owners.length === 1)
    throw new AppError('conflict', 'This is the last owner. Make somebody else an owner first.');
  await deleteSessions(tx, id);
  await deleteTwoFactor(tx, id);
  await tx.delete(credentialTable).where(eq(credentialTable.userId, id));
  await tx.delete(linkTable).where(eq(linkTable.userId, id));
  await tx
    .delete(verificationTable)
    .where(
      sql`${verificationTable.value} like ${`%${id}%`} or ${verificationTable.identifier} like ${`%${user.email}%`}`,
    );
  await tx
    .update(apiKeyTable)
    .set({ name: 'erased', revokedAt: sql`coalesce(${apiKeyTable.revokedAt}, ${at.toISOString()}::timestamptz)` })
    .where(eq(apiKeyTable.userId, id));
  await tx
    .update(userTable)
    .set({
      name: ERASED_NAME,
      // Never an address of anybody: RFC 2606 section 2 keeps the domain free.
      email: `${id}@erased.invalid`,
      emailVerified: false,
      image: null,
      disabledAt: user.disabledAt ?? at,
      twoFactorEnabled: false,
      lastSignInAt: null,
      updatedAt: at,
    })
    .where(eq(userTable.id, id));
  return true;
}
