import { randomBytes } from 'node:crypto';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import type { Identity } from '#src/platform/http/route.ts';
import { isOver, stateOf } from './active.ts';
import { eventActor } from './audit-event.ts';
import type { UsersDependencies } from './dependencies.ts';
import type { createJoining } from './joining.ts';
import type { OneTimeLink } from './links.ts';
import { type ChangeUser, type InviteUser, mayAssignRole, type Role, type User } from './model.ts';
import {
  deleteOpenLinks,
  deleteSessions,
  deleteTwoFactor,
  insertUser,
  listUsers,
  lockActiveOwners,
  lockUser,
  type UserChange,
  type UserRow,
  updateUser,
} from './store.ts';

/** Inviting people, and changing what they may do. */
export function createPeople(
  { database, clock, record }: UsersDependencies,
  joining: Pick<ReturnType<typeof createJoining>, 'linkFor'>,
) {
  async function read(executor: Executor, id: string): Promise<User> {
    const [row] = await listUsers(executor, [id]);
    if (!row) throw unknownUser();
    return present(row, clock());
  }

  async function target(tx: Transaction, identity: Identity, id: string): Promise<UserRow> {
    const user = await lockUser(tx, id);
    if (!user) throw unknownUser();
    refuseUnlessAllowed(identity, user.role);
    return user;
  }

  return {
    list: async (): Promise<User[]> => (await listUsers(database.drizzle)).map((row) => present(row, clock())),

    /** Adds a user who sets their own password by the link. Throws `conflict` when the address is taken. */
    invite: (identity: Identity, input: InviteUser): Promise<{ user: User; link: OneTimeLink }> =>
      database.transaction(async (tx) => {
        refuseUnlessAllowed(identity, input.role);
        const expiresOn = checkEnd(input.role, input.expiresOn ?? null, clock());
        const id = makeId('usr', clock(), randomBytes(10));
        const now = new Date(clock());
        const { name, email, role } = input;
        if (!(await insertUser(tx, { id, name, email, role, expiresOn, createdAt: now, updatedAt: now })))
          throw new AppError('conflict', 'email: a user with this address exists. Change that user instead.');
        await record(tx, {
          type: 'user.created',
          actor: eventActor(identity),
          subject: { kind: 'user', id },
          body: { role, expiresOn },
          personal: { name, email },
          dedupeKey: `user.created:${id}`,
        });
        return { link: await joining.linkFor(tx, identity, id), user: await read(tx, id) };
      }),

    /** A new link for somebody who lost the first one or the password. */
    newLink: (identity: Identity, id: string): Promise<OneTimeLink> =>
      database.transaction(async (tx) => {
        const user = await target(tx, identity, id);
        if (user.disabledAt) throw new AppError('conflict', 'This user is disabled. Enable the user first.');
        return joining.linkFor(tx, identity, id);
      }),

    /** Throws `conflict` when it would leave no owner who can sign in. */
    change: (identity: Identity, id: string, input: ChangeUser): Promise<User> =>
      database.transaction(async (tx) => {
        // Owners are locked before the user, by everybody in the same order.
        const owners = await lockActiveOwners(tx);
        const user = await target(tx, identity, id);
        if (input.role) refuseUnlessAllowed(identity, input.role);
        if (input.disabled && id === identity.userId)
          throw new AppError('conflict', 'You cannot disable your own account. Ask another owner or admin.');
        const change = changeOf(user, input, clock());
        const losesOwner = owners.includes(id) && (change.disabledAt || (change.role && change.role !== 'owner'));
        if (losesOwner && owners.length === 1)
          throw new AppError('conflict', 'This is the last owner. Make somebody else an owner first.');
        if (Object.keys(change).length > 0) {
          await updateUser(tx, id, change, new Date(clock()));
          if (change.disabledAt) {
            await deleteSessions(tx, id);
            await deleteOpenLinks(tx, id);
          }
          await record(tx, {
            type: 'user.changed',
            actor: eventActor(identity),
            subject: { kind: 'user', id },
            body: {
              changed: Object.keys(change).sort(),
              before: rightsOf(user),
              after: rightsOf({ ...user, ...change }),
            },
            ...(change.name !== undefined && { personal: { name: change.name } }),
            dedupeKey: makeId('evt', clock(), randomBytes(10)),
          });
        }
        return read(tx, id);
      }),

    /** For somebody who lost the device: the next sign-in needs the password alone. */
    removeTwoFactor: (identity: Identity, id: string): Promise<User> =>
      database.transaction(async (tx) => {
        const user = await target(tx, identity, id);
        if (user.twoFactorEnabled) {
          await deleteTwoFactor(tx, id);
          await updateUser(tx, id, { twoFactorEnabled: false }, new Date(clock()));
          await deleteSessions(tx, id);
          await record(tx, {
            type: 'user.two_factor_changed',
            actor: eventActor(identity),
            subject: { kind: 'user', id },
            body: { enabled: false },
            dedupeKey: makeId('evt', clock(), randomBytes(10)),
          });
        }
        return read(tx, id);
      }),
  };
}

function unknownUser(): AppError {
  return new AppError('not_found', 'There is no such user. Reload the list.');
}

function refuseUnlessAllowed(identity: Identity, role: Role): void {
  // A key that leaked must not be able to make itself an owner for good.
  const isKeyOverOwner = identity.kind === 'api-key' && role === 'owner';
  if (!mayAssignRole(identity.role as Role, role) || isKeyOverOwner)
    throw new AppError('forbidden', 'Only an owner who is signed in can add, change or disable an owner.');
}

/** The last day a role allows, or `invalid_input` naming the field. */
function checkEnd(role: Role, expiresOn: string | null, atMs: number): string | null {
  if (role === 'owner' && expiresOn !== null)
    throw new AppError('invalid_input', "expiresOn: an owner's access has no last day.");
  if (role === 'auditor' && expiresOn === null)
    throw new AppError('invalid_input', "expiresOn: an auditor's access needs a last day.");
  if (isOver(expiresOn, atMs)) throw new AppError('invalid_input', 'expiresOn: is in the past.');
  return expiresOn;
}

/** What really changes; empty when the user is as asked already. */
function changeOf(user: UserRow, input: ChangeUser, atMs: number): UserChange {
  const change: UserChange = {};
  if (input.name !== undefined && input.name !== user.name) change.name = input.name;
  const role = input.role ?? user.role;
  if (role !== user.role) change.role = role;
  if (input.role !== undefined || input.expiresOn !== undefined) {
    const expiresOn = checkEnd(role, input.expiresOn === undefined ? user.expiresOn : input.expiresOn, atMs);
    if (expiresOn !== user.expiresOn) change.expiresOn = expiresOn;
  }
  if (input.disabled !== undefined && input.disabled !== (user.disabledAt !== null))
    change.disabledAt = input.disabled ? new Date(atMs) : null;
  return change;
}

function rightsOf(user: Pick<UserRow, 'role' | 'disabledAt' | 'expiresOn'>) {
  return { role: user.role, disabled: user.disabledAt !== null, expiresOn: user.expiresOn };
}

function present(row: UserRow & { joined: boolean }, atMs: number): User {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    state: stateOf(row, atMs),
    twoFactor: row.twoFactorEnabled,
    expiresOn: row.expiresOn,
    createdAt: toInstant(row.createdAt.getTime()),
    lastSignInAt: row.lastSignInAt ? toInstant(row.lastSignInAt.getTime()) : null,
  };
}
