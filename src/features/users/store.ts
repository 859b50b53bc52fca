import { and, asc, desc, eq, exists, gt, inArray, isNull, lt, ne, sql } from 'drizzle-orm';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import type { Role } from './model.ts';
import {
  apiKeyTable,
  credentialTable,
  linkTable,
  sessionTable,
  twoFactorTable,
  userTable,
  verificationTable,
} from './tables.ts';

export type UserRow = typeof userTable.$inferSelect;
export type SessionRow = typeof sessionTable.$inferSelect;
export type ApiKeyRow = typeof apiKeyTable.$inferSelect;
export type LinkRow = typeof linkTable.$inferSelect;
export type UserChange = Partial<
  Pick<UserRow, 'name' | 'role' | 'expiresOn' | 'disabledAt' | 'lastSignInAt' | 'twoFactorEnabled'>
>;

const CREDENTIAL = 'credential';
// Any constant will do, as long as it is used for nothing else.
const SETUP_LOCK = 7_283_004;

/** Makes the transactions that decide about the first user wait for each other. */
export async function lockSetup(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${SETUP_LOCK})`);
}

export async function anyUser(executor: Executor): Promise<boolean> {
  const rows = await executor.select({ id: userTable.id }).from(userTable).limit(1);
  return rows.length > 0;
}

/** False when the address belongs to a user already. */
export async function insertUser(executor: Executor, user: typeof userTable.$inferInsert): Promise<boolean> {
  const rows = await executor
    .insert(userTable)
    .values(user)
    .onConflictDoNothing({ target: userTable.email })
    .returning({ id: userTable.id });
  return rows.length > 0;
}

export async function userById(executor: Executor, id: string): Promise<UserRow | undefined> {
  return (await executor.select().from(userTable).where(eq(userTable.id, id)))[0];
}

/** The user, held against other changes until the transaction ends. */
export async function lockUser(tx: Transaction, id: string): Promise<UserRow | undefined> {
  return (await tx.select().from(userTable).where(eq(userTable.id, id)).for('update'))[0];
}

/** Every user by name, with whether a password was ever set. */
export async function listUsers(
  executor: Executor,
  ids?: readonly string[],
): Promise<(UserRow & { joined: boolean })[]> {
  const joined = exists(
    executor.select({ one: sql`1` }).from(credentialTable).where(eq(credentialTable.userId, userTable.id)),
  );
  const rows = await executor
    .select({ user: userTable, joined: sql<boolean>`${joined}` })
    .from(userTable)
    .where(ids ? inArray(userTable.id, [...ids]) : undefined)
    .orderBy(asc(sql`lower(${userTable.name})`), asc(userTable.id));
  return rows.map(({ user, joined: hasPassword }) => ({ ...user, joined: hasPassword }));
}

/** The ids of owners who can sign in, each held until the transaction ends, so that two cannot leave at once. */
export async function lockActiveOwners(tx: Transaction): Promise<string[]> {
  const rows = await tx
    .select({ id: userTable.id })
    .from(userTable)
    .where(
      and(
        eq(userTable.role, 'owner'),
        isNull(userTable.disabledAt),
        exists(tx.select({ one: sql`1` }).from(credentialTable).where(eq(credentialTable.userId, userTable.id))),
      ),
    )
    .orderBy(asc(userTable.id))
    .for('update');
  return rows.map(({ id }) => id);
}

export async function updateUser(executor: Executor, id: string, change: UserChange, now: Date): Promise<void> {
  await executor
    .update(userTable)
    .set({ ...change, updatedAt: now })
    .where(eq(userTable.id, id));
}

export async function namesOf(executor: Executor, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await executor
    .select({ id: userTable.id, name: userTable.name })
    .from(userTable)
    .where(inArray(userTable.id, [...ids]));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export async function passwordHash(executor: Executor, userId: string): Promise<string | undefined> {
  const rows = await executor
    .select({ password: credentialTable.password })
    .from(credentialTable)
    .where(and(eq(credentialTable.userId, userId), eq(credentialTable.providerId, CREDENTIAL)));
  return rows[0]?.password ?? undefined;
}

export async function setPassword(
  executor: Executor,
  { id, userId, hash, now }: { id: string; userId: string; hash: string; now: Date },
): Promise<void> {
  await executor
    .insert(credentialTable)
    .values({ id, userId, accountId: userId, providerId: CREDENTIAL, password: hash, createdAt: now, updatedAt: now })
    .onConflictDoUpdate({
      target: [credentialTable.providerId, credentialTable.accountId],
      set: { password: hash, updatedAt: now },
    });
}

export async function sessionOf(
  executor: Executor,
  token: string,
): Promise<{ session: SessionRow; user: UserRow } | undefined> {
  const rows = await executor
    .select({ session: sessionTable, user: userTable })
    .from(sessionTable)
    .innerJoin(userTable, eq(userTable.id, sessionTable.userId))
    .where(eq(sessionTable.token, token));
  return rows[0];
}

export async function touchSession(executor: Executor, id: string, now: Date): Promise<void> {
  await executor.update(sessionTable).set({ updatedAt: now }).where(eq(sessionTable.id, id));
}

export async function deleteSessions(executor: Executor, userId: string, exceptToken?: string): Promise<void> {
  await executor
    .delete(sessionTable)
    .where(
      and(eq(sessionTable.userId, userId), exceptToken === undefined ? undefined : ne(sessionTable.token, exceptToken)),
    );
}

export async function deleteTwoFactor(executor: Executor, userId: string): Promise<void> {
  await executor.delete(twoFactorTable).where(eq(twoFactorTable.userId, userId));
}

/** Drops what no longer opens anything. */
export async function deleteExpired(executor: Executor, now: Date): Promise<void> {
  await executor.delete(sessionTable).where(lt(sessionTable.expiresAt, now));
  await executor.delete(verificationTable).where(lt(verificationTable.expiresAt, now));
}

export async function insertLink(executor: Executor, link: typeof linkTable.$inferInsert): Promise<void> {
  await executor.insert(linkTable).values(link);
}

/** Drops the links of a user that were not used, or of the set-up when `userId` is null. */
export async function deleteOpenLinks(executor: Executor, userId: string | null): Promise<void> {
  const owner = userId === null ? isNull(linkTable.userId) : eq(linkTable.userId, userId);
  await executor.delete(linkTable).where(and(owner, isNull(linkTable.usedAt)));
}

const openLink = (purpose: LinkRow['purpose'], tokenSha256: string, now: Date) =>
  and(
    eq(linkTable.purpose, purpose),
    eq(linkTable.tokenSha256, tokenSha256),
    isNull(linkTable.usedAt),
    gt(linkTable.expiresAt, now),
  );

export async function findLink(
  executor: Executor,
  purpose: LinkRow['purpose'],
  tokenSha256: string,
  now: Date,
): Promise<LinkRow | undefined> {
  return (
    await executor
      .select()
      .from(linkTable)
      .where(openLink(purpose, tokenSha256, now))
  )[0];
}

/** Marks the link as used; undefined when it was used before, has expired or never was. Only one caller wins. */
export async function useLink(
  executor: Executor,
  purpose: LinkRow['purpose'],
  tokenSha256: string,
  now: Date,
): Promise<LinkRow | undefined> {
  const rows = await executor
    .update(linkTable)
    .set({ usedAt: now })
    .where(openLink(purpose, tokenSha256, now))
    .returning();
  return rows[0];
}

export async function insertApiKey(executor: Executor, key: typeof apiKeyTable.$inferInsert): Promise<void> {
  await executor.insert(apiKeyTable).values(key);
}

/** Keys that were not revoked, newest first; of everybody when `userId` is null. */
export async function listApiKeys(
  executor: Executor,
  userId: string | null,
): Promise<{ key: ApiKeyRow; user: UserRow }[]> {
  return executor
    .select({ key: apiKeyTable, user: userTable })
    .from(apiKeyTable)
    .innerJoin(userTable, eq(userTable.id, apiKeyTable.userId))
    .where(and(isNull(apiKeyTable.revokedAt), userId === null ? undefined : eq(apiKeyTable.userId, userId)))
    .orderBy(desc(apiKeyTable.createdAt), desc(apiKeyTable.id));
}

export async function apiKeyBySecret(
  executor: Executor,
  secretSha256: string,
): Promise<{ key: ApiKeyRow; user: UserRow } | undefined> {
  const rows = await executor
    .select({ key: apiKeyTable, user: userTable })
    .from(apiKeyTable)
    .innerJoin(userTable, eq(userTable.id, apiKeyTable.userId))
    .where(eq(apiKeyTable.secretSha256, secretSha256));
  return rows[0];
}

export async function touchApiKey(executor: Executor, id: string, usedAt: Date): Promise<void> {
  await executor.update(apiKeyTable).set({ lastUsedAt: usedAt }).where(eq(apiKeyTable.id, id));
}

/** The key that was revoked; undefined when there is none, or it belongs to somebody else than `userId`. */
export async function revokeApiKey(
  executor: Executor,
  id: string,
  userId: string | null,
  now: Date,
): Promise<ApiKeyRow | undefined> {
  const rows = await executor
    .update(apiKeyTable)
    .set({ revokedAt: now })
    .where(
      and(
        eq(apiKeyTable.id, id),
        isNull(apiKeyTable.revokedAt),
        userId === null ? undefined : eq(apiKeyTable.userId, userId),
      ),
    )
    .returning();
  return rows[0];
}

/** What the control tests may know of each user. */
export async function userRecords(
  executor: Executor,
): Promise<
  { id: string; role: Role; disabledAt: Date | null; twoFactorEnabled: boolean; lastSignInAt: Date | null }[]
> {
  return executor
    .select({
      id: userTable.id,
      role: userTable.role,
      disabledAt: userTable.disabledAt,
      twoFactorEnabled: userTable.twoFactorEnabled,
      lastSignInAt: userTable.lastSignInAt,
    })
    .from(userTable)
    .orderBy(asc(userTable.id));
}
