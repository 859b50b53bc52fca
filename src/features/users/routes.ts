import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import type { createApiKeys } from './api-keys.ts';
import type { SignIn } from './auth-routes.ts';
import type { UsersDependencies } from './dependencies.ts';
import { type Identify, mayUse, sessionTokenIn } from './identify.ts';
import type { createJoining } from './joining.ts';
import {
  acceptInvitationSchema,
  apiKeySchema,
  changePasswordSchema,
  changeUserSchema,
  createApiKeySchema,
  inviteUserSchema,
  linkTokenSchema,
  PERMISSIONS,
  type Role,
  type Session,
  sessionSchema,
  setupSchema,
  userSchema,
} from './model.ts';
import type { createPeople } from './people.ts';
import type { SignInThrottle } from './sign-in-throttle.ts';
import { userById } from './store.ts';

const TOKENS_PER_MINUTE = 20;

type Parts = {
  dependencies: UsersDependencies;
  identify: Identify;
  signIn: SignIn;
  throttle: SignInThrottle;
  joining: ReturnType<typeof createJoining>;
  people: ReturnType<typeof createPeople>;
  apiKeys: ReturnType<typeof createApiKeys>;
};

const tokenQuery = z.strictObject({ token: linkTokenSchema });
const idParams = z.strictObject({ id: z.string().max(60) });
const nothing = z.undefined();
const linkAnswer = z.object({ inviteUrl: z.string(), expiresAt: z.iso.datetime() });
const signedIn = z.object({
  /** True where the new session still waits for the second factor. */
  twoFactorRedirect: z.boolean(),
});

export function usersRoutes(parts: Parts): Routes {
  return defineRoutes(async (app) => {
    await sessionRoutes(parts)(app);
    await joiningRoutes(parts)(app);
    await peopleRoutes(parts)(app);
    await keyRoutes(parts)(app);
  });
}

function sessionRoutes({ dependencies, identify, joining }: Parts): Routes {
  return defineRoutes((app) => {
    app.get(
      '/session',
      { config: { permission: 'public' }, schema: { response: { 200: sessionSchema } } },
      async (request): Promise<Session> => {
        const { user, permissions, notice } = await currentUser(request);
        return { user, permissions, notice, setupNeeded: user === null && (await joining.isSetupNeeded()) };
      },
    );

    app.post(
      '/session/password',
      {
        config: { permission: 'signed-in', perMinute: TOKENS_PER_MINUTE },
        schema: { body: changePasswordSchema, response: { 204: nothing } },
      },
      async (request, reply) => {
        const caller = callerOf(request);
        if (caller.kind !== 'user')
          throw new AppError('forbidden', 'An API key cannot change a password. Sign in to do this.');
        await joining.changePassword(caller, request.body, await sessionTokenIn(request, dependencies));
        return reply.code(204).send();
      },
    );
  });

  async function currentUser(request: FastifyRequest): Promise<Pick<Session, 'user' | 'permissions' | 'notice'>> {
    try {
      const identity = await identify(request);
      const user = identity ? await userById(dependencies.database.drizzle, identity.userId) : undefined;
      if (!identity || !user) return { user: null, permissions: [], notice: null };
      return {
        user: { id: user.id, name: user.name, email: user.email, role: identity.role as Role },
        permissions: PERMISSIONS.filter((permission) => mayUse(identity, permission)),
        notice: null,
      };
    } catch (error) {
      if (error instanceof AppError && error.code === 'unauthenticated')
        return { user: null, permissions: [], notice: error.message };
      throw error;
    }
  }
}

function joiningRoutes({ joining, signIn, throttle }: Parts): Routes {
  return defineRoutes((app) => {
    const config = { permission: 'public', perMinute: TOKENS_PER_MINUTE } as const;

    app.get(
      '/setup',
      { config, schema: { querystring: tokenQuery, response: { 200: z.object({ valid: z.boolean() }) } } },
      async (request) => ({ valid: await joining.isSetupToken(request.query.token) }),
    );
    app.post(
      '/setup',
      { config, schema: { body: setupSchema, response: { 201: signedIn } } },
      async (request, reply) => {
        await joining.setUp(request.body);
        return reply.code(201).send(await signIn(request, reply, request.body));
      },
    );

    app.get(
      '/invitation',
      {
        config,
        schema: {
          querystring: tokenQuery,
          response: {
            200: z.object({ valid: z.boolean(), name: z.string().nullable(), email: z.string().nullable() }),
          },
        },
      },
      async (request) => {
        const invited = await joining.invitation(request.query.token);
        return { valid: invited !== null, name: invited?.name ?? null, email: invited?.email ?? null };
      },
    );
    app.post(
      '/invitation',
      { config, schema: { body: acceptInvitationSchema, response: { 200: signedIn } } },
      async (request, reply) => {
        const { email } = await joining.acceptInvitation(request.body);
        // The link says who this is, whatever was tried before.
        throttle.succeeded(email);
        return signIn(request, reply, { email, password: request.body.password });
      },
    );
  });
}

function peopleRoutes({ people }: Parts): Routes {
  return defineRoutes((app) => {
    app.get(
      '/users',
      {
        config: { permission: 'users.read' },
        schema: { response: { 200: z.object({ items: z.array(userSchema), total: z.int() }) } },
      },
      async () => {
        const items = await people.list();
        return { items, total: items.length };
      },
    );
    app.post(
      '/users',
      {
        config: { permission: 'users.write' },
        schema: {
          body: inviteUserSchema,
          response: { 201: linkAnswer.extend({ user: userSchema }) },
        },
      },
      async (request, reply) => {
        const { user, link } = await people.invite(callerOf(request), request.body);
        return reply.code(201).send({ user, inviteUrl: link.url, expiresAt: link.expiresAt });
      },
    );
    app.patch(
      '/users/:id',
      {
        config: { permission: 'users.write' },
        schema: { params: idParams, body: changeUserSchema, response: { 200: userSchema } },
      },
      (request) => people.change(callerOf(request), request.params.id, request.body),
    );
    app.post(
      '/users/:id/invite',
      {
        config: { permission: 'users.write' },
        schema: { params: idParams, response: { 200: linkAnswer } },
      },
      async (request) => {
        const link = await people.newLink(callerOf(request), request.params.id);
        return { inviteUrl: link.url, expiresAt: link.expiresAt };
      },
    );
    app.delete(
      '/users/:id/two-factor',
      {
        config: { permission: 'users.write' },
        schema: { params: idParams, response: { 200: userSchema } },
      },
      (request) => people.removeTwoFactor(callerOf(request), request.params.id),
    );
  });
}

function keyRoutes({ apiKeys }: Parts): Routes {
  return defineRoutes((app) => {
    app.get(
      '/keys',
      {
        config: { permission: 'keys.write' },
        schema: { response: { 200: z.object({ items: z.array(apiKeySchema), total: z.int() }) } },
      },
      async (request) => {
        const items = await apiKeys.list(callerOf(request));
        return { items, total: items.length };
      },
    );
    app.post(
      '/keys',
      {
        config: { permission: 'keys.write' },
        schema: { body: createApiKeySchema, response: { 201: z.object({ key: apiKeySchema, secret: z.string() }) } },
      },
      async (request, reply) => reply.code(201).send(await apiKeys.create(callerOf(request), request.body)),
    );
    app.delete(
      '/keys/:id',
      { config: { permission: 'keys.write' }, schema: { params: idParams, response: { 204: nothing } } },
      async (request, reply) => {
        await apiKeys.revoke(callerOf(request), request.params.id);
        return reply.code(204).send();
      },
    );
  });
}
