import { hkdfSync } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { KnownFact } from '#src/facts/index.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Identity, Routes } from '#src/platform/http/route.ts';
import { createApiKeys } from './api-keys.ts';
import { authRoutes, createSignIn } from './auth-routes.ts';
import type { UsersDependencies } from './dependencies.ts';
import { createIdentify, mayUse } from './identify.ts';
import { createJoining } from './joining.ts';
import type { OneTimeLink } from './links.ts';
import { PERMISSIONS } from './model.ts';
import { createPeople } from './people.ts';
import { usersRoutes } from './routes.ts';
import { createSignInThrottle } from './sign-in-throttle.ts';
import { namesOf, userRecords } from './store.ts';

export { isActiveUser } from './active-user.ts';
export type { AuditEvent, RecordEvent } from './audit-event.ts';
export { eventActor } from './audit-event.ts';
export type { UsersDependencies } from './dependencies.ts';
export { ERASED_NAME, eraseUser, personsAmongUsers } from './erase-user.ts';
export { callerOfKey, keyIdentity, mayUse } from './identify.ts';
export type { OneTimeLink } from './links.ts';
/** Names by user id, where nobody is signed in; ids that are not known are left out. */
export { namesOf as userNames } from './store.ts';

export type Users = {
  /** For /api/v1. */
  routes: Routes;
  /** For /api/auth. */
  authRoutes: Routes;
  authenticate(request: FastifyRequest): Promise<Identity | null>;
  mayUse(identity: Identity, permission: string): boolean;
  permissions: readonly string[];
  /**
   * A fresh one-time link for the first user, in place of the last one; null once there is a user. Print it at every
   * start. `at` is the address people open, `publicUrl` when left out.
   */
  ensureSetupLink(at?: string): Promise<OneTimeLink | null>;
  /** Names by user id, for screens. Ids that are not known are left out. */
  namesOf(userIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
};

/** People, how they sign in, what they may do, and the keys of their programs. */
export function users(dependencies: UsersDependencies): Users {
  const identify = createIdentify(dependencies.database, dependencies);
  const throttle = createSignInThrottle(dependencies.clock);
  const signIn = createSignIn(dependencies, throttle);
  const joining = createJoining(dependencies);
  const people = createPeople(dependencies, joining);
  const apiKeys = createApiKeys(dependencies);
  return {
    routes: usersRoutes({ dependencies, identify, signIn, throttle, joining, people, apiKeys }),
    authRoutes: authRoutes(dependencies, signIn, identify),
    authenticate: identify,
    mayUse,
    permissions: PERMISSIONS,
    ensureSetupLink: joining.ensureSetupLink,
    namesOf: (userIds) => namesOf(dependencies.database.drizzle, userIds),
  };
}

/** The users as facts for the control tests. The last sign-in is precise to the day, so that a fact changes at most daily. */
export async function userFacts(executor: Executor): Promise<KnownFact<'user'>[]> {
  return (await userRecords(executor)).map((user) => ({
    kind: 'user',
    key: user.id,
    body: {
      role: user.role,
      disabled: user.disabledAt !== null,
      twoFactor: user.twoFactorEnabled,
      lastSignInAt: user.lastSignInAt ? toInstant(Math.floor(user.lastSignInAt.getTime() / DAY_MS) * DAY_MS) : null,
    },
  }));
}

/** The secret that signs sessions, derived from the master key so that there is one key to guard. */
export function sessionSecretFrom(masterKey: Uint8Array): string {
  return Buffer.from(hkdfSync('sha256', masterKey, '', 'assay session cookies', 32)).toString('base64url');
}
