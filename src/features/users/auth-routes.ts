import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { type AuthAnswer, askAuth, makeAuth, refusalIn } from './auth.ts';
import type { UsersDependencies } from './dependencies.ts';
import type { Identify } from './identify.ts';
import { PASSWORD_LENGTH_MAX } from './model.ts';
import type { SignInThrottle } from './sign-in-throttle.ts';
import { deleteExpired, updateUser, userById } from './store.ts';

const DEFAULT_SIGN_INS_PER_MINUTE = 20;
const CODES_PER_MINUTE = 10;

const password = z.string().min(1, 'must not be empty').max(PASSWORD_LENGTH_MAX);
const passwordBody = z.strictObject({ password });
const codeBody = z.strictObject({ code: z.string().trim().min(6).max(20) });
const done = z.object({ done: z.literal(true) });
const userIn = z.object({ user: z.object({ id: z.string() }) });
const backupCodes = z.array(z.string());

/** Signs in with the sign-in library and hands its cookies on. Resolves to true when a second factor is asked for. */
export type SignIn = (
  request: FastifyRequest,
  reply: FastifyReply,
  credentials: { email: string; password: string },
) => Promise<{ twoFactorRedirect: boolean }>;

export function createSignIn(dependencies: UsersDependencies, throttle: SignInThrottle): SignIn {
  const { database, clock, log } = dependencies;
  const auth = makeAuth(database.drizzle, dependencies);
  return async (request, reply, credentials) => {
    throttle.attempt(credentials.email);
    const answer = await askAuth(auth, '/sign-in/email', request, credentials);
    const refusal = refusalIn(answer);
    if (refusal) {
      // Any other refusal comes after a right password.
      if (refusal.code !== 'unauthenticated') throttle.succeeded(credentials.email);
      log.warn({ event: 'sign-in refused', code: refusal.code, requestId: request.id }, 'sign-in refused');
      throw refusal;
    }
    throttle.succeeded(credentials.email);
    passCookies(answer, reply);
    const isHalfWay = z.object({ twoFactorRedirect: z.literal(true) }).safeParse(answer.body).success;
    if (!isHalfWay) {
      const { user } = userIn.parse(answer.body);
      await updateUser(database.drizzle, user.id, { lastSignInAt: new Date(clock()) }, new Date(clock()));
      await deleteExpired(database.drizzle, new Date(clock()));
      log.info({ event: 'sign-in', userId: user.id, requestId: request.id }, 'signed in');
    }
    return { twoFactorRedirect: isHalfWay };
  };
}

/** Signing in and out, and the second factor. Mounted under /api/auth: only these addresses of the library are open. */
export function authRoutes(dependencies: UsersDependencies, signIn: SignIn, identify: Identify): Routes {
  const { database, clock, record, log } = dependencies;

  /** One call of the library in one transaction, with an event when the second factor was turned on or off by it. */
  async function withSecondFactor(
    request: FastifyRequest,
    reply: FastifyReply,
    path: string,
    body: object,
    userId: string | undefined,
  ): Promise<AuthAnswer> {
    const answer = await database.transaction(async (tx) => {
      const before = userId ? await isEnabled(tx, userId) : undefined;
      const asked = await askAuth(makeAuth(tx, dependencies), path, request, body);
      // A refusal is stored too: it counts towards the lock.
      if (refusalIn(asked)) return asked;
      const after = userId ? await isEnabled(tx, userId) : undefined;
      if (userId && after !== undefined && after !== before)
        await record(tx, {
          type: 'user.two_factor_changed',
          actor: { kind: 'user', id: userId },
          subject: { kind: 'user', id: userId },
          body: { enabled: after },
          dedupeKey: makeId('evt', clock(), randomBytes(10)),
        });
      return asked;
    });
    const refusal = refusalIn(answer);
    if (refusal) throw refusal;
    passCookies(answer, reply);
    return answer;
  }

  async function verify(request: FastifyRequest, reply: FastifyReply, path: string, body: object) {
    const identity = await identify(request).catch(nobody);
    const answer = await withSecondFactor(request, reply, path, body, identity?.userId);
    if (!identity) {
      const { user } = userIn.parse(answer.body);
      await updateUser(database.drizzle, user.id, { lastSignInAt: new Date(clock()) }, new Date(clock()));
      log.info({ event: 'sign-in', userId: user.id, requestId: request.id }, 'signed in with a second factor');
    }
    return { done: true as const };
  }

  return defineRoutes((app) => {
    const publicConfig = { permission: 'public', perMinute: CODES_PER_MINUTE } as const;
    const ownConfig = { permission: 'signed-in', perMinute: CODES_PER_MINUTE } as const;

    app.post(
      '/sign-in/email',
      {
        config: {
          permission: 'public',
          perMinute: dependencies.signInsPerMinute ?? DEFAULT_SIGN_INS_PER_MINUTE,
        },
        schema: {
          body: z.strictObject({ email: z.string().trim().min(1, 'must not be empty').max(254), password }),
          response: { 200: z.object({ twoFactorRedirect: z.boolean() }) },
        },
      },
      (request, reply) => signIn(request, reply, request.body),
    );

    app.post(
      '/sign-out',
      { config: { permission: 'public' }, schema: { response: { 200: done } } },
      async (request, reply) => {
        const auth = makeAuth(database.drizzle, dependencies);
        passCookies(await askAuth(auth, '/sign-out', request, {}), reply);
        return { done: true as const };
      },
    );

    app.post(
      '/two-factor/enable',
      {
        config: ownConfig,
        schema: { body: passwordBody, response: { 200: z.object({ totpURI: z.string(), backupCodes }) } },
      },
      async (request, reply) => {
        const body = { ...request.body, method: 'totp' };
        const answer = await withSecondFactor(request, reply, '/two-factor/enable', body, personOf(request));
        return z.object({ totpURI: z.string(), backupCodes }).parse(answer.body);
      },
    );

    app.post(
      '/two-factor/disable',
      { config: ownConfig, schema: { body: passwordBody, response: { 200: done } } },
      async (request, reply) => {
        await withSecondFactor(request, reply, '/two-factor/disable', request.body, personOf(request));
        return { done: true as const };
      },
    );

    app.post(
      '/two-factor/generate-backup-codes',
      {
        config: ownConfig,
        schema: { body: passwordBody, response: { 200: z.object({ backupCodes }) } },
      },
      async (request, reply) => {
        const path = '/two-factor/generate-backup-codes';
        const answer = await withSecondFactor(request, reply, path, request.body, personOf(request));
        return z.object({ backupCodes }).parse(answer.body);
      },
    );

    // Public, because signing in is not finished before the code is given; the library asks for its own cookie.
    app.post(
      '/two-factor/verify-totp',
      { config: publicConfig, schema: { body: codeBody, response: { 200: done } } },
      (request, reply) => verify(request, reply, '/two-factor/verify-totp', request.body),
    );
    app.post(
      '/two-factor/verify-backup-code',
      { config: publicConfig, schema: { body: codeBody, response: { 200: done } } },
      (request, reply) => verify(request, reply, '/two-factor/verify-backup-code', request.body),
    );
  });

  async function isEnabled(tx: Transaction, userId: string): Promise<boolean> {
    return (await userById(tx, userId))?.twoFactorEnabled ?? false;
  }
}

function nobody(error: unknown): null {
  if (error instanceof AppError && error.code === 'unauthenticated') return null;
  throw error;
}

function personOf(request: FastifyRequest): string {
  const caller = callerOf(request);
  if (caller.kind !== 'user')
    throw new AppError('forbidden', 'An API key cannot change how a person signs in. Sign in to do this.');
  return caller.userId;
}

function passCookies(answer: AuthAnswer, reply: FastifyReply): void {
  if (answer.cookies.length > 0) reply.header('set-cookie', answer.cookies);
}
