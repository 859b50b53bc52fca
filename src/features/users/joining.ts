import { randomBytes } from 'node:crypto';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import type { Identity } from '#src/platform/http/route.ts';
import { whyInactive } from './active.ts';
import { eventActor } from './audit-event.ts';
import type { UsersDependencies } from './dependencies.ts';
import { hashToken, makeLink, type OneTimeLink } from './links.ts';
import {
  anyUser,
  deleteOpenLinks,
  deleteSessions,
  findLink,
  insertUser,
  lockSetup,
  lockUser,
  passwordHash,
  setPassword,
  useLink,
  userById,
} from './store.ts';

const SETUP_REFUSED =
  'This set-up link was used, has expired, or was replaced when Assay started again. Restart Assay to get a new one.';
const LINK_REFUSED =
  'This link was used, has expired, or was replaced by a newer one. Ask an owner or admin for a new one.';

/** How people come in: the first by the set-up link, the others by invitation; and how they set their password. */
export function createJoining({ database, clock, record, publicUrl }: UsersDependencies) {
  const now = () => new Date(clock());

  async function storePassword(
    tx: Transaction,
    userId: string,
    password: { hash: string; by: 'link' | 'user'; keepToken?: string },
  ): Promise<void> {
    await setPassword(tx, {
      id: makeId('crd', clock(), randomBytes(10)),
      userId,
      hash: password.hash,
      now: now(),
    });
    // Whoever knew the old password is out.
    await deleteSessions(tx, userId, password.keepToken);
    await record(tx, {
      type: 'user.password_set',
      actor: { kind: 'user', id: userId },
      subject: { kind: 'user', id: userId },
      body: { by: password.by },
      dedupeKey: makeId('evt', clock(), randomBytes(10)),
    });
  }

  return {
    /** A fresh link to make the first user, in place of any older one; null once somebody did. `at` is where people open the app. */
    ensureSetupLink: (at: string = publicUrl()): Promise<OneTimeLink | null> =>
      database.transaction(async (tx) => {
        await lockSetup(tx);
        if (await anyUser(tx)) return null;
        return makeLink(tx, { purpose: 'setup', userId: null }, { publicUrl: at, nowMs: clock() });
      }),

    isSetupNeeded: async (): Promise<boolean> => !(await anyUser(database.drizzle)),

    isSetupToken: async (token: string): Promise<boolean> =>
      (await findLink(database.drizzle, 'setup', hashToken(token), now())) !== undefined,

    /** Makes the first user, an owner, and uses up the link. Throws `forbidden` when the link does not count. */
    async setUp(input: { token: string; name: string; email: string; password: string }): Promise<{ id: string }> {
      refuseObvious(input.password, input);
      const hash = await hashPassword(input.password);
      const id = makeId('usr', clock(), randomBytes(10));
      await database.transaction(async (tx) => {
        await lockSetup(tx);
        const link = await useLink(tx, 'setup', hashToken(input.token), now());
        if (!link || (await anyUser(tx))) throw new AppError('forbidden', SETUP_REFUSED);
        const { name, email } = input;
        await insertUser(tx, { id, name, email, role: 'owner', createdAt: now(), updatedAt: now() });
        await record(tx, {
          type: 'user.created',
          actor: { kind: 'service', id: 'setup' },
          subject: { kind: 'user', id },
          body: { role: 'owner', expiresOn: null },
          personal: { name, email },
          dedupeKey: `user.created:${id}`,
        });
        await storePassword(tx, id, { hash, by: 'link' });
      });
      return { id };
    },

    /** Whom an invitation is for; null when its link does not count. */
    async invitation(token: string): Promise<{ name: string; email: string } | null> {
      const link = await findLink(database.drizzle, 'password', hashToken(token), now());
      const user = link?.userId ? await userById(database.drizzle, link.userId) : undefined;
      return user && !whyInactive(user, clock()) ? { name: user.name, email: user.email } : null;
    },

    /** Sets the password the link is for, and ends every session of that user. */
    async acceptInvitation(input: { token: string; password: string }): Promise<{ email: string }> {
      const known = await findLink(database.drizzle, 'password', hashToken(input.token), now());
      const user = known?.userId ? await userById(database.drizzle, known.userId) : undefined;
      if (!user) throw new AppError('forbidden', LINK_REFUSED);
      refuseObvious(input.password, user);
      const hash = await hashPassword(input.password);
      await database.transaction(async (tx) => {
        // Held first, so that an account disabled at this moment does not get in.
        const held = await lockUser(tx, user.id);
        const reason = held ? whyInactive(held, clock()) : undefined;
        if (reason) throw new AppError('forbidden', reason.message);
        if (!(await useLink(tx, 'password', hashToken(input.token), now())))
          throw new AppError('forbidden', LINK_REFUSED);
        await storePassword(tx, user.id, { hash, by: 'link' });
      });
      return { email: user.email };
    },

    /** Changes one's own password. Other sessions end; the one of `keepToken` stays. */
    async changePassword(
      identity: Identity,
      input: { currentPassword: string; newPassword: string },
      keepToken: string | undefined,
    ): Promise<void> {
      const [user, held] = await Promise.all([
        userById(database.drizzle, identity.userId),
        passwordHash(database.drizzle, identity.userId),
      ]);
      if (!user || !held || !(await verifyPassword({ hash: held, password: input.currentPassword })))
        throw new AppError('invalid_input', 'currentPassword: is not right.');
      refuseObvious(input.newPassword, user);
      const hash = await hashPassword(input.newPassword);
      await database.transaction(async (tx) => {
        await lockUser(tx, user.id);
        await deleteOpenLinks(tx, user.id);
        await storePassword(tx, user.id, { hash, by: 'user', keepToken });
      });
    },

    /** Makes a link with which a user sets a password: the first one, or a new one when it was forgotten. */
    async linkFor(tx: Transaction, identity: Identity, userId: string): Promise<OneTimeLink> {
      const link = await makeLink(tx, { purpose: 'password', userId }, { publicUrl: publicUrl(), nowMs: clock() });
      await record(tx, {
        type: 'user.link_made',
        actor: eventActor(identity),
        subject: { kind: 'user', id: userId },
        body: { expiresAt: link.expiresAt },
        dedupeKey: makeId('evt', clock(), randomBytes(10)),
      });
      return link;
    },
  };
}

/** Length is the only rule of composition; what everybody would try first is refused all the same. */
function refuseObvious(password: string, user: { name: string; email: string }): void {
  const plain = password.toLowerCase();
  const obvious = [user.email, user.email.split('@')[0] ?? '', user.name].map((text) => text.toLowerCase());
  const isRepeated = new Set(plain).size <= 2;
  if (isRepeated || obvious.includes(plain))
    throw new AppError('invalid_input', 'password: is too easy to guess. Choose a few words nobody would expect.');
}
