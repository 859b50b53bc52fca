import { pino } from 'pino';
import { Registry } from 'prom-client';
import { type AuditEvent, type RecordEvent, type Users, users } from '#src/features/users/index.ts';
import type { Role } from '#src/features/users/model.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import type { App, Routes } from '#src/platform/http/route.ts';
import { createHttpServer, mountRoutes } from '#src/platform/http/server.ts';

export const PASSWORD = 'correct horse battery staple';
const ORIGIN = 'http://localhost:80';

export type Call = {
  cookie?: string;
  key?: string;
  body?: unknown;
  headers?: Record<string, string>;
};

export type Door = Awaited<ReturnType<typeof openDoor>>;

/**
 * The real server with the users feature and whatever else is mounted, called without a socket. Time stands still
 * at `clock.nowMs` until a test moves it.
 */
export async function openDoor(
  database: Database,
  options: {
    startMs?: number;
    signInsPerMinute?: number;
    /** Where events of users go besides `events`, such as into the ledger. */
    record?: RecordEvent;
    mount?: (parts: {
      users: Users;
      clock: () => number;
      record: (tx: unknown, event: AuditEvent) => Promise<void>;
    }) => Routes[];
    /** Routes outside the API, by the prefix they stand under. */
    mountAt?: Readonly<Record<string, Routes>>;
  } = {},
) {
  const clock = { nowMs: options.startMs ?? Date.parse('2026-11-23T09:00:00Z') };
  const events: AuditEvent[] = [];
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const failing = { record: false };
  const record = async (tx: unknown, event: AuditEvent) => {
    if (failing.record) throw new Error('the ledger is full');
    await options.record?.(tx as Transaction, event);
    events.push(event);
  };
  const read = () => clock.nowMs;
  const feature = users({
    database,
    clock: read,
    log,
    record,
    sessionSecret: 'a secret for tests that is long enough to be accepted',
    secureCookies: false,
    publicUrl: () => ORIGIN,
    signInsPerMinute: options.signInsPerMinute ?? 10_000,
  });
  const app: App = await createHttpServer({
    log,
    metrics: new Registry(),
    version: '0.0.0',
    authenticate: feature.authenticate,
    mayUse: feature.mayUse,
    permissions: feature.permissions,
    limits: { perMinute: 10_000 },
  });
  await mountRoutes(app, '/api/auth', feature.authRoutes);
  await mountRoutes(
    app,
    '/api/v1',
    feature.routes,
    ...(options.mount?.({ users: feature, clock: read, record }) ?? []),
  );
  for (const [prefix, routes] of Object.entries(options.mountAt ?? {})) await mountRoutes(app, prefix, routes);
  await app.ready();

  async function call(method: string, path: string, { cookie, key, body, headers }: Call = {}) {
    const url = path.startsWith('/') ? path : `/api/v1/${path}`;
    const answer = await app.inject({
      method: method as 'GET',
      url,
      ...(body === undefined ? {} : { payload: body as object }),
      headers: {
        ...(cookie ? { cookie, origin: ORIGIN } : {}),
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...headers,
      },
    });
    // A test that meets a failure it did not ask for should say why.
    if (answer.statusCode >= 500 && !failing.record)
      throw new Error(`${method} ${path} failed: ${lines.filter((line) => line.includes('"level":50')).at(-1)}`);
    return answer;
  }

  async function signIn(email: string, password = PASSWORD): Promise<string> {
    const answer = await call('POST', '/api/auth/sign-in/email', { body: { email, password } });
    if (answer.statusCode !== 200) throw new Error(`sign-in answered ${answer.statusCode}: ${answer.body}`);
    return cookiesOf(answer.headers['set-cookie']);
  }

  /** Makes the owner through the set-up link; resolves to the cookie. */
  async function setUp(email = 'owner@example.com'): Promise<string> {
    const link = await feature.ensureSetupLink();
    if (!link) throw new Error('there is a user already');
    const body = { token: tokenOf(link.url), name: 'Olga Owner', email, password: PASSWORD };
    const answer = await call('POST', 'setup', { body });
    if (answer.statusCode !== 201) throw new Error(`setup answered ${answer.statusCode}: ${answer.body}`);
    return cookiesOf(answer.headers['set-cookie']);
  }

  /** Invites somebody and accepts the invitation for them. */
  async function join(ownerCookie: string, role: Role, email = `${role}@example.com`) {
    const body = { email, name: `The ${role}`, role, ...(role === 'auditor' ? { expiresOn: '2027-03-31' } : {}) };
    const invited = await call('POST', 'users', { cookie: ownerCookie, body });
    if (invited.statusCode !== 201) throw new Error(`inviting answered ${invited.statusCode}: ${invited.body}`);
    const accepted = await call('POST', 'invitation', {
      body: { token: tokenOf(invited.json().inviteUrl), password: PASSWORD },
    });
    return { id: invited.json().user.id as string, email, cookie: cookiesOf(accepted.headers['set-cookie']) };
  }

  return { app, call, signIn, setUp, join, users: feature, clock, events, lines, failing, close: () => app.close() };
}

export function tokenOf(url: string): string {
  return new URL(url).searchParams.get('token') ?? '';
}

/** The Cookie header a browser would send after these Set-Cookie headers. */
export function cookiesOf(header: string | string[] | undefined): string {
  return [header ?? []]
    .flat()
    .filter((cookie) => !/Max-Age=0/i.test(cookie))
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}
