import { randomBytes } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { APIError } from 'better-auth/api';
import { twoFactor } from 'better-auth/plugins/two-factor';
import type { FastifyBaseLogger } from 'fastify';
import { AppError, type ErrorCode } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { type Clock, HOUR_MS } from '#src/kernel/time.ts';
import type { Drizzle, Transaction } from '#src/platform/database/connect.ts';
import { whyInactive } from './active.ts';
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from './model.ts';
import { userById } from './store.ts';
import { credentialTable, sessionTable, twoFactorTable, userTable, verificationTable } from './tables.ts';

/** A session ends this long after sign-in, whatever happens in between. */
export const SESSION_MS = 12 * HOUR_MS;
/** And earlier when nobody used it for this long. */
export const SESSION_IDLE_MS = 2 * HOUR_MS;
const COOKIE_PREFIX = 'assay';
const USER_AGENT_LENGTH_MAX = 300;
// Never dialed and never shown: the library needs an address to build its own paths from.
const INNER_ORIGIN = 'http://localhost';
const BASE_PATH = '/api/auth';
const ID_PREFIXES: Record<string, string> = { session: 'ses', verification: 'ver', twoFactor: 'tfa', account: 'crd' };

export type AuthSettings = {
  clock: Clock;
  log: FastifyBaseLogger;
  /** Signs session cookies and encrypts second factors. At least 32 random characters. */
  sessionSecret: string;
  /** True where people reach the app over TLS only. */
  secureCookies: boolean;
};

export type Auth = { handler(request: Request): Promise<Response> };

/**
 * The sign-in library on `executor`: in a transaction, all it does is stored or undone with the rest.
 * Sign-up stays closed; users come from the set-up link and from invitations.
 */
export function makeAuth(executor: Drizzle | Transaction, settings: AuthSettings): Auth {
  const { clock } = settings;
  return betterAuth({
    appName: 'Assay',
    baseURL: INNER_ORIGIN,
    basePath: BASE_PATH,
    secret: settings.sessionSecret,
    database: drizzleAdapter(executor, {
      provider: 'pg',
      schema: {
        user: userTable,
        session: sessionTable,
        account: credentialTable,
        verification: verificationTable,
        twoFactor: twoFactorTable,
      },
    }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
    },
    // Ours to write; named here so that the library's check of the tables passes.
    user: { additionalFields: { role: { type: 'string', required: true, input: false, returned: false } } },
    session: { expiresIn: SESSION_MS / 1000, disableSessionRefresh: true },
    plugins: [twoFactor({ issuer: 'Assay' })],
    databaseHooks: {
      session: {
        create: {
          before: async (session) => {
            const user = await userById(executor, session.userId);
            const reason = user ? whyInactive(user, clock()) : undefined;
            if (!user || reason)
              throw new APIError('FORBIDDEN', { code: 'ACCOUNT_CLOSED', message: reason?.message ?? 'No such user.' });
            return {
              data: {
                createdAt: new Date(clock()),
                updatedAt: new Date(clock()),
                expiresAt: new Date(clock() + SESSION_MS),
                userAgent: session.userAgent?.slice(0, USER_AGENT_LENGTH_MAX),
              },
            };
          },
        },
      },
    },
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      useSecureCookies: settings.secureCookies,
      // The app's own pages fetch everything, so nothing is lost when links from elsewhere carry no cookie.
      defaultCookieAttributes: { sameSite: 'strict' },
      ipAddress: { disableIpTracking: true },
      // The server checks origins and limits rates for every route, these included.
      disableCSRFCheck: true,
      disableOriginCheck: true,
      database: { generateId: ({ model }) => makeId(ID_PREFIXES[model] ?? 'aut', clock(), randomBytes(10)) },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: {
      level: 'error',
      // Only the words: what follows them can hold rows.
      log: (_level, message) => settings.log.error({ from: 'better-auth' }, message),
    },
  });
}

/** The name of the cookie that holds the session. */
export function sessionCookieName(settings: Pick<AuthSettings, 'secureCookies'>): string {
  return `${settings.secureCookies ? '__Secure-' : ''}${COOKIE_PREFIX}.session_token`;
}

export type AuthAnswer = { status: number; body: unknown; cookies: string[] };

/** Hands one call to the sign-in library. `path` is relative to /api/auth. */
export async function askAuth(
  auth: Auth,
  path: string,
  request: { headers: { cookie?: string; 'user-agent'?: string } },
  body: object,
): Promise<AuthAnswer> {
  const headers = new Headers({ 'content-type': 'application/json' });
  if (request.headers.cookie !== undefined) headers.set('cookie', request.headers.cookie);
  const agent = request.headers['user-agent'];
  if (agent !== undefined) headers.set('user-agent', agent.slice(0, USER_AGENT_LENGTH_MAX));
  const response = await auth.handler(
    new Request(`${INNER_ORIGIN}${BASE_PATH}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
  );
  const text = await response.text();
  return {
    status: response.status,
    body: text === '' ? null : JSON.parse(text),
    cookies: response.headers.getSetCookie(),
  };
}

// The library's closed codes, in our words.
const REFUSALS: Record<string, { code: ErrorCode; message: string }> = {
  INVALID_EMAIL_OR_PASSWORD: { code: 'unauthenticated', message: 'The email or the password is not right.' },
  INVALID_EMAIL: { code: 'invalid_input', message: 'email: must be an email address.' },
  INVALID_PASSWORD: { code: 'invalid_input', message: 'password: is not right.' },
  INVALID_CODE: {
    code: 'invalid_input',
    message: 'code: is not right, or its 30 seconds are over. Enter the next one.',
  },
  INVALID_BACKUP_CODE: { code: 'invalid_input', message: 'code: is no backup code, or was used before.' },
  INVALID_TWO_FACTOR_COOKIE: {
    code: 'unauthenticated',
    message: 'This sign-in was not finished in time. Start again with your password.',
  },
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: {
    code: 'rate_limited',
    message: 'Too many codes that were not right. Start again with your password.',
  },
  ACCOUNT_TEMPORARILY_LOCKED: {
    code: 'rate_limited',
    message: 'Too many codes that were not right. Wait 15 minutes, then start again.',
  },
  TOTP_ALREADY_ENABLED: { code: 'conflict', message: 'Two-factor sign-in is on already.' },
  TOTP_NOT_ENABLED: { code: 'conflict', message: 'Two-factor sign-in is not set up for this account.' },
  TWO_FACTOR_NOT_ENABLED: { code: 'conflict', message: 'Two-factor sign-in is not on for this account.' },
  BACKUP_CODES_NOT_ENABLED: { code: 'conflict', message: 'This account has no backup codes.' },
  UNAUTHORIZED: { code: 'unauthenticated', message: 'Sign in to continue.' },
};

/** The refusal in `answer` as an error of ours; undefined when it is none. */
export function refusalIn(answer: AuthAnswer): AppError | undefined {
  if (answer.status < 400) return undefined;
  const code = memberOf(answer.body, 'code');
  const known = REFUSALS[code];
  if (known) return new AppError(known.code, known.message);
  // Made by the hook above, in words for the reader.
  if (code === 'ACCOUNT_CLOSED') return new AppError('forbidden', memberOf(answer.body, 'message'));
  const details = { status: answer.status, authCode: code };
  if (answer.status >= 500) return new AppError('internal', 'Signing in failed on the server. Try again.', { details });
  return new AppError('invalid_input', 'The sign-in request was not accepted. Check what was entered.', { details });
}

function memberOf(value: unknown, member: string): string {
  if (typeof value !== 'object' || value === null || !(member in value)) return '';
  const held = (value as Record<string, unknown>)[member];
  return typeof held === 'string' ? held : '';
}
