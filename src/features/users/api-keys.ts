import { randomBytes } from 'node:crypto';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Identity } from '#src/platform/http/route.ts';
import { dayOf, isOver, whyInactive } from './active.ts';
import { eventActor } from './audit-event.ts';
import type { UsersDependencies } from './dependencies.ts';
import { lesserRole, mayUse } from './identify.ts';
import { API_KEY_DAYS_MAX, API_KEY_PREFIX, type ApiKey, type CreateApiKey, type Role } from './model.ts';
import { type ApiKeyRow, insertApiKey, listApiKeys, revokeApiKey, type UserRow, userById } from './store.ts';

const SECRET_BYTES = 32;
const HINT_LENGTH = API_KEY_PREFIX.length + 6;

/** Keys with which programs call the API in the name of a person. */
export function createApiKeys({ database, clock, record }: UsersDependencies) {
  return {
    /** One's own keys; everybody's for those who see the users. */
    async list(identity: Identity): Promise<ApiKey[]> {
      const owner = mayUse(identity, 'users.read') ? null : identity.userId;
      return (await listApiKeys(database.drizzle, owner)).map(({ key, user }) => present(key, user, clock()));
    },

    /** The secret is in this answer and nowhere else: only its hash is stored. */
    async create(identity: Identity, input: CreateApiKey): Promise<{ key: ApiKey; secret: string }> {
      if (identity.kind !== 'user')
        throw new AppError('forbidden', 'An API key cannot make another one. Sign in and make it in the settings.');
      refuseTooMuch(identity, input);
      refuseBadEnd(input.expiresOn, clock());
      const secret = API_KEY_PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
      const row: ApiKeyRow = {
        id: makeId('key', clock(), randomBytes(10)),
        userId: identity.userId,
        name: input.name,
        secretSha256: sha256Hex(secret),
        hint: secret.slice(0, HINT_LENGTH),
        role: input.role ?? null,
        permissions: input.permissions ? [...new Set(input.permissions)] : null,
        expiresOn: input.expiresOn,
        createdAt: new Date(clock()),
        lastUsedAt: null,
        revokedAt: null,
      };
      const user = await database.transaction(async (tx) => {
        await insertApiKey(tx, row);
        await record(tx, {
          type: 'key.created',
          actor: eventActor(identity),
          subject: { kind: 'api-key', id: row.id },
          body: { ownerId: row.userId, role: row.role, permissions: row.permissions, expiresOn: row.expiresOn },
          dedupeKey: `key.created:${row.id}`,
        });
        return userById(tx, identity.userId);
      });
      if (!user) throw new AppError('not_found', 'Your account is gone. Sign in again.');
      return { key: present(row, user, clock()), secret };
    },

    /** Ends a key at once: one's own, or anybody's for those who manage users. */
    revoke: (identity: Identity, id: string): Promise<void> =>
      database.transaction(async (tx) => {
        const owner = mayUse(identity, 'users.write') ? null : identity.userId;
        const row = await revokeApiKey(tx, id, owner, new Date(clock()));
        if (!row) throw new AppError('not_found', 'There is no such API key. Reload the list.');
        await record(tx, {
          type: 'key.revoked',
          actor: eventActor(identity),
          subject: { kind: 'api-key', id },
          body: { ownerId: row.userId },
          dedupeKey: `key.revoked:${id}`,
        });
      }),
  };
}

function refuseTooMuch(identity: Identity, input: CreateApiKey): void {
  const own = identity.role as Role;
  if (input.role && lesserRole(input.role, own) !== input.role)
    throw new AppError('forbidden', `role: a key cannot be ${input.role} while you are ${own}.`);
  const missing = input.permissions?.find((permission) => !mayUse(identity, permission));
  if (missing) throw new AppError('forbidden', `permissions: you do not have ${missing} yourself.`);
}

function refuseBadEnd(expiresOn: string, atMs: number): void {
  if (isOver(expiresOn, atMs)) throw new AppError('invalid_input', 'expiresOn: is in the past.');
  if (expiresOn > dayOf(atMs + API_KEY_DAYS_MAX * DAY_MS))
    throw new AppError('invalid_input', `expiresOn: is more than ${API_KEY_DAYS_MAX} days away.`);
}

function present(key: ApiKeyRow, owner: UserRow, atMs: number): ApiKey {
  return {
    id: key.id,
    name: key.name,
    hint: key.hint,
    ownerId: owner.id,
    ownerName: owner.name,
    role: key.role ? lesserRole(key.role, owner.role) : owner.role,
    permissions: key.permissions as ApiKey['permissions'],
    state: isOver(key.expiresOn, atMs) ? 'expired' : whyInactive(owner, atMs) ? 'owner_inactive' : 'active',
    createdAt: toInstant(key.createdAt.getTime()),
    expiresOn: key.expiresOn,
    lastUsedAt: key.lastUsedAt ? toInstant(key.lastUsedAt.getTime()) : null,
  };
}
