import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { checkBinding, listen } from './listen.ts';
import { type App, callerOf, defineRoutes, type Identity } from './route.ts';
import { createHttpServer, type HttpServerOptions, mountRoutes } from './server.ts';

const ADA: Identity = { kind: 'user', id: 'usr_ada', userId: 'usr_ada', name: 'Ada', role: 'reader' };
const open: App[] = [];
const lines: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
const webFolder = mkdtempSync(join(tmpdir(), 'assay-web-'));

beforeAll(() => {
  mkdirSync(join(webFolder, 'assets'));
  writeFileSync(join(webFolder, 'index.html'), '<!doctype html><title>Assay</title>');
  writeFileSync(join(webFolder, 'assets', 'main-abc123.js'), 'export {};');
  writeFileSync(join(webFolder, '.hidden.txt'), 'not for the web');
});
afterAll(async () => {
  for (const app of open) await app.close();
  rmSync(webFolder, { recursive: true });
});

async function makeServer(options: Partial<HttpServerOptions> = {}, routes = exampleRoutes): Promise<App> {
  const app = await createHttpServer({
    log,
    metrics: new Registry(),
    version: '1.2.3',
    authenticate: async (request) => (request.headers['x-test-user'] === 'ada' ? ADA : null),
    mayUse: (_identity, permission) => permission === 'things.read',
    ...options,
  });
  open.push(app);
  await mountRoutes(app, '/api/v1', routes);
  return app;
}

const thing = z.strictObject({ name: z.string().min(2), size: z.object({ bytes: z.int() }), when: z.iso.datetime() });
const exampleRoutes = defineRoutes((app) => {
  app.get(
    '/things',
    { config: { permission: 'things.read' }, schema: { response: { 200: z.object({ by: z.string() }) } } },
    // The answer holds more than the schema names.
    (request) => ({ by: callerOf(request).name, password: 'never leaves' }),
  );
  app.post(
    '/things',
    {
      config: { permission: 'public' },
      schema: { body: thing, response: { 200: thing, 400: z.object({ only: z.string().optional() }) } },
    },
    (request) => request.body,
  );
  app.delete(
    '/things/:id',
    { config: { permission: 'things.write' }, schema: { response: { 204: z.undefined() } } },
    (_request, reply) => reply.code(204).send(),
  );
  app.get(
    '/mine',
    { config: { permission: 'signed-in' }, schema: { response: { 200: z.object({ id: z.string() }) } } },
    (request) => ({ id: callerOf(request).id }),
  );
  app.get(
    '/broken',
    { config: { permission: 'public' }, schema: { response: { 200: z.object({ count: z.int() }) } } },
    () => ({ count: 'many' as unknown as number }),
  );
  app.get(
    '/fails/:how',
    {
      config: { permission: 'public' },
      schema: {
        params: z.object({ how: z.enum(['conflict', 'surprise', 'database']) }),
        querystring: z.object({ token: z.string().optional() }),
        response: { 200: z.object({}) },
      },
    },
    (request) => {
      if (request.params.how === 'conflict')
        throw new AppError('conflict', 'The thing was changed meanwhile. Reload it.');
      const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      if (request.params.how === 'database') throw new Error('query failed', { cause: refused });
      throw new Error('the secret inner workings');
    },
  );
  app.get(
    '/rare',
    { config: { permission: 'public', perMinute: 2 }, schema: { response: { 200: z.object({}) } } },
    () => ({}),
  );
  app.post(
    '/upload',
    { config: { permission: 'public' }, schema: { response: { 200: z.object({ sizeBytes: z.int() }) } } },
    async (request) => {
      const file = await request.file();
      if (!file) throw new AppError('invalid_input', 'file: is missing.');
      return { sizeBytes: (await file.toBuffer()).length };
    },
  );
});

describe('declaring routes', () => {
  const withRoute = (config: object, schema: object = { response: { 200: z.object({}) } }) =>
    makeServer({ permissions: ['things.read', 'things.write'] }, (app) => {
      app.get('/new', { config, schema }, () => ({}));
    });

  test('a route without a permission keeps the server from starting', async () => {
    await expect(withRoute({})).rejects.toThrow(/GET \/api\/v1\/new declares no permission/);
  });
  test('a permission that does not exist keeps the server from starting', async () => {
    await expect(withRoute({ permission: 'things.raed' })).rejects.toThrow(/"things.raed" is not in the permission/);
  });
  test('a permission that is not <noun>.<verb> keeps the server from starting', async () => {
    await expect(withRoute({ permission: 'Things' })).rejects.toThrow(/<noun>\.<verb>/);
  });
  test('a route of the API without a schema for its answer keeps the server from starting', async () => {
    await expect(withRoute({ permission: 'public' }, {})).rejects.toThrow(/no schema for its answer/);
    await expect(withRoute({ permission: 'public', streams: true }, {})).resolves.toBeDefined();
  });
  test('the route table names every route with its permission', async () => {
    const app = await makeServer();
    await app.ready();
    expect(app.routeTable).toContainEqual({ method: 'DELETE', url: '/api/v1/things/:id', permission: 'things.write' });
    expect(app.routeTable.every(({ permission }) => permission.length > 0)).toBe(true);
  });
});

describe('permissions', () => {
  test('a stranger is asked to sign in, and is told so before the body is read', async () => {
    const app = await makeServer();
    const answer = await app.inject({ url: '/api/v1/things' });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="assay"');
    expect(answer.json()).toMatchObject({ code: 'unauthenticated', requestId: answer.headers['x-request-id'] });
    const withBadBody = await app.inject({
      method: 'DELETE',
      url: '/api/v1/things/1',
      payload: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(withBadBody.statusCode).toBe(401);
  });
  test('a caller without the permission is told which one is missing', async () => {
    const app = await makeServer();
    const answer = await app.inject({ method: 'DELETE', url: '/api/v1/things/1', headers: { 'x-test-user': 'ada' } });
    expect(answer.statusCode).toBe(403);
    expect(answer.json().message).toContain('things.write');
  });
  test('a caller with the permission gets the declared fields and no other', async () => {
    const app = await makeServer();
    const answer = await app.inject({ url: '/api/v1/things', headers: { 'x-test-user': 'ada' } });
    expect(answer.json()).toEqual({ by: 'Ada' });
    expect((await app.inject({ url: '/api/v1/mine', headers: { 'x-test-user': 'ada' } })).json()).toEqual({
      id: 'usr_ada',
    });
  });
});

describe('errors', () => {
  const post = async (app: App, payload: string, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/things',
      payload,
      headers: { 'content-type': 'application/json', ...headers },
    });

  test('a value that is not accepted is named by its path, and a declared schema does not cut the answer down', async () => {
    const app = await makeServer();
    const answer = await post(app, JSON.stringify({ name: 'x', size: { bytes: 1.5 }, when: 'noon', color: 'red' }));
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const body = answer.json();
    expect(body.code).toBe('invalid_input');
    expect(Object.keys(body.fields).sort()).toEqual(['color', 'name', 'size.bytes', 'when']);
    expect(body.message).toContain('size.bytes');
  });
  test.each([
    ['cut off', '{"name":', 400, 'invalid_input'],
    ['empty', '', 400, 'invalid_input'],
    ['of the wrong kind', '[]', 400, 'invalid_input'],
    ['that reaches for the prototype', '{"__proto__":{"admin":true}}', 400, 'invalid_input'],
    ['over the limit', `{"name":"${'x'.repeat(1_100_000)}"}`, 413, 'too_large'],
    ['nested without end', '['.repeat(200_000), 400, 'invalid_input'],
  ])('a body %s is refused with a plain reason', async (_what, payload, status, code) => {
    const answer = await post(await makeServer(), payload);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ status, code });
    expect(answer.json().message.length).toBeGreaterThan(10);
  });
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
  ])('a body of %s is not read', async (type) => {
    const answer = await post(await makeServer(), 'name=x', { 'content-type': type });
    expect(answer.statusCode).toBe(415);
    expect(answer.json().code).toBe('unsupported');
  });
  test('an expected failure keeps its words', async () => {
    const answer = await (await makeServer()).inject('/api/v1/fails/conflict');
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'conflict', message: 'The thing was changed meanwhile. Reload it.' });
  });
  test('a failure nobody expected tells the caller nothing about the inside', async () => {
    const answer = await (await makeServer()).inject('/api/v1/fails/surprise');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret inner workings');
    expect(answer.json().message).toContain(answer.json().requestId);
  });
  test('a database that is down is told as unavailable', async () => {
    const answer = await (await makeServer()).inject('/api/v1/fails/database');
    expect(answer.statusCode).toBe(503);
    expect(answer.json().message).toContain('database cannot be reached');
  });
  test('an answer that breaks its own schema never leaves the server', async () => {
    const answer = await (await makeServer()).inject('/api/v1/broken');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('many');
  });
  test.each([
    '/api/v1/nothing',
    '/api',
    '/api/',
    '/api/v2?x=1',
    '/nothing.js',
  ])('%s leads nowhere, in JSON', async (url) => {
    const answer = await (await makeServer({ staticDir: webFolder })).inject(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.json().code).toBe('not_found');
  });
  test('a method that an address does not take is refused with those it takes', async () => {
    const app = await makeServer();
    const known = app.routeTable.find(({ method, url }) => method === 'GET' && url.startsWith('/api/v1/'));
    const answer = await app.inject({ method: 'DELETE', url: known?.url.replaceAll(/:\w+/g, 'x') ?? '' });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toContain('GET');
    expect(answer.json()).toMatchObject({ code: 'method_not_allowed', message: expect.stringContaining('GET') });
  });
  test('headers over the limit and what is no HTTP get a problem, not a silent hang-up', async () => {
    const app = await makeServer();
    const url = new URL(await listen(app, { host: '127.0.0.1', port: 0, tls: false }));
    const told = async (bytes: string) => {
      const socket = connect(Number(url.port), '127.0.0.1');
      socket.end(bytes);
      let answer = '';
      for await (const chunk of socket) answer += chunk;
      return answer;
    };
    const large = await told(`GET /health HTTP/1.1\r\nhost: x\r\nlarge: ${'a'.repeat(40_000)}\r\n\r\n`);
    expect(large).toMatch(/^HTTP\/1\.1 431 .*application\/problem\+json.*headers are too large/s);
    expect(await told('this is no request\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*no valid HTTP/s);
    await app.close();
  });
  test('an address that cannot be decoded is refused', async () => {
    const answer = await (await makeServer()).inject('/api/v1/%');
    expect(answer.statusCode).toBe(400);
    expect(answer.json().code).toBe('invalid_input');
  });
});

describe('requests from other web sites', () => {
  const body = { name: 'ok', size: { bytes: 1 }, when: '2026-11-23T00:00:00Z' };
  const post = async (headers: Record<string, string>, options: Partial<HttpServerOptions> = {}) =>
    (await makeServer(options)).inject({ method: 'POST', url: '/api/v1/things', payload: body, headers });

  test.each([
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site', cookie: 'a=b' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site', cookie: 'a=b' }],
    ['a foreign origin', { origin: 'https://evil.example', cookie: 'a=b' }],
    ['a foreign origin before sign-in', { origin: 'https://evil.example' }],
    ['a sandboxed page', { origin: 'null', cookie: 'a=b' }],
    ['a cookie without any origin', { cookie: 'a=b' }],
  ])('%s may not change anything', async (_what, headers) => {
    const answer = await post({ host: '127.0.0.1:4400', ...headers });
    expect(answer.statusCode).toBe(403);
    expect(answer.json().code).toBe('forbidden');
  });
  test.each([
    ['the app itself', { 'sec-fetch-site': 'same-origin', cookie: 'a=b' }],
    ['the app itself in a browser without fetch metadata', { origin: 'http://127.0.0.1:4400', cookie: 'a=b' }],
    ['a program with a key', { authorization: 'Bearer ask_x' }],
    ['a program without anything', {}],
  ])('%s may', async (_what, headers) => {
    expect((await post({ host: '127.0.0.1:4400', ...headers })).statusCode).toBe(200);
  });
  test('a foreign host name is refused, so that a name pointed at this machine gains nothing', async () => {
    const app = await makeServer({ publicUrl: 'https://assay.example.com' });
    const ask = async (host: string) => (await app.inject({ url: '/health', headers: { host } })).statusCode;
    expect(await ask('rebound.evil.example')).toBe(403);
    expect(await ask('assay.example.com')).toBe(200);
    expect(await ask('localhost:4400')).toBe(200);
    expect(await ask('[::1]:4400')).toBe(200);
  });
});

describe('limits', () => {
  test('a route with its own limit answers 429 with the time to wait', async () => {
    const app = await makeServer();
    await app.inject('/api/v1/rare');
    await app.inject('/api/v1/rare');
    const answer = await app.inject('/api/v1/rare');
    expect(answer.statusCode).toBe(429);
    expect(answer.json()).toMatchObject({ code: 'rate_limited' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });
  test('a file over the upload limit is refused', async () => {
    const app = await makeServer({ limits: { uploadBytes: 100 } });
    const upload = (sizeBytes: number) =>
      app.inject({
        method: 'POST',
        url: '/api/v1/upload',
        headers: { 'content-type': 'multipart/form-data; boundary=cut' },
        payload: `--cut\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n${'x'.repeat(sizeBytes)}\r\n--cut--\r\n`,
      });
    expect((await upload(100)).json()).toEqual({ sizeBytes: 100 });
    const refused = await upload(101);
    expect(refused.statusCode).toBe(413);
    expect(refused.json().code).toBe('too_large');
  });
});

describe('headers', () => {
  test('the web app runs no script that is not a file of its own', async () => {
    const answer = await (await makeServer({ staticDir: webFolder })).inject('/');
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self'(;|$)/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(answer.headers['strict-transport-security']).toBeUndefined();
    expect(answer.headers['x-powered-by']).toBeUndefined();
  });
  test('answers of the API are not stored, and open as nothing', async () => {
    const answer = await (await makeServer()).inject('/api/v1/fails/conflict');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['content-security-policy']).toContain('sandbox');
  });
  test('over TLS browsers are told to stay there', async () => {
    const app = await makeServer({ publicUrl: 'https://assay.example.com' });
    expect((await app.inject('/health')).headers['strict-transport-security']).toContain('max-age=31536000');
  });
  test('a request id sent by the caller is not taken over', async () => {
    const app = await makeServer();
    const answer = await app.inject({ url: '/health', headers: { 'x-request-id': 'forged', 'request-id': 'forged' } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the web app', () => {
  test.each([
    '/',
    '/controls',
    '/controls/AIG-01',
    '/frameworks/soc2/CC6.1',
    '/setup?token=abc',
  ])('%s is a page', async (url) => {
    const answer = await (await makeServer({ staticDir: webFolder })).inject(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.headers['cache-control']).toBe('public, max-age=0');
  });
  test.each([
    ['/assets/gone.js', 404],
    ['/favicon.ico', 404],
    ['/.hidden.txt', 404],
    ['/..%2f..%2fetc%2fpasswd.txt', 403],
  ])('%s is no page', async (url, status) => {
    const answer = await (await makeServer({ staticDir: webFolder })).inject(url);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('json');
  });
  test('files named after their content are kept by the browser', async () => {
    const answer = await (await makeServer({ staticDir: webFolder })).inject('/assets/main-abc123.js');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toContain('immutable');
  });
  test('a web app that was not built is said to be missing', async () => {
    const answer = await (await makeServer({ staticDir: join(webFolder, 'assets') })).inject('/');
    expect(answer.statusCode).toBe(503);
    expect(answer.json().message).toContain('npm run build');
  });
});

describe('probes', () => {
  test('health answers without anything behind it, ready asks what the server needs', async () => {
    let isUp = true;
    const app = await makeServer({
      ready: {
        database: async () => {
          if (!isUp) throw new Error('down');
        },
      },
    });
    expect((await app.inject('/health')).json()).toEqual({ status: 'ok', version: '1.2.3' });
    expect((await app.inject('/ready')).json()).toEqual({ status: 'ready', checks: { database: 'ok' } });
    isUp = false;
    const answer = await app.inject('/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json().message).toContain('database');
    expect((await app.inject('/health')).statusCode).toBe(200);
  });
  test('metrics are for the machine itself, and behind a proxy for callers with the permission', async () => {
    const local = await makeServer();
    await local.inject('/api/v1/fails/conflict');
    const answer = await local.inject('/metrics');
    expect(answer.body).toContain('route="/api/v1/fails/:how",status="409"');
    const proxied = await makeServer({ trustedProxy: ['127.0.0.1'], mayUse: () => false });
    expect((await proxied.inject('/metrics')).statusCode).toBe(401);
    expect((await proxied.inject({ url: '/metrics', headers: { 'x-test-user': 'ada' } })).statusCode).toBe(403);
  });
});

describe('the log', () => {
  test('holds the route and the status, and neither the address nor a header nor a body', async () => {
    const app = await makeServer();
    lines.length = 0;
    await app.inject('/api/v1/fails/conflict?token=top-secret-token');
    await app.inject('/api/v1/nowhere?token=top-secret-token');
    await app.inject({
      url: '/api/v1/things',
      headers: { authorization: 'Bearer top-secret-token', cookie: 'a=top-secret-token' },
    });
    await app.inject({ method: 'POST', url: '/api/v1/things', payload: { name: 'top-secret-token' } });
    await app.inject('/api/v1/fails/surprise?token=top-secret-token');
    expect(lines.join('')).not.toContain('top-secret-token');
    const requests = lines.map((line) => JSON.parse(line)).filter((line) => line.msg === 'request');
    expect(requests).toHaveLength(5);
    expect(requests[0]).toMatchObject({ method: 'GET', route: '/api/v1/fails/:how', status: 409 });
    expect(requests[0].requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
  test('does not repeat the values of a database statement that failed', async () => {
    const app = await makeServer({}, (scope) => {
      scope.get('/query', { config: { permission: 'public' }, schema: { response: { 200: z.object({}) } } }, () => {
        const cause = Object.assign(new Error('duplicate key'), {
          code: '23505',
          detail: 'Key (email)=(ada@example.com)',
        });
        throw Object.assign(new Error('Failed query: insert … params: ada@example.com', { cause }), {
          query: 'insert …',
          params: ['ada@example.com'],
        });
      });
    });
    lines.length = 0;
    expect((await app.inject('/api/v1/query')).statusCode).toBe(500);
    expect(lines.join('')).toContain('duplicate key');
    expect(lines.join('')).not.toContain('ada@example.com');
  });
});

describe('the OpenAPI document', () => {
  test('is version 3.1, names what each route needs and leaves pages out', async () => {
    const app = await makeServer({ staticDir: webFolder });
    const document = (await app.inject('/api/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toContain('/api/v1/things/{id}');
    expect(Object.keys(document.paths).filter((path) => !path.startsWith('/api/'))).toEqual([]);
    const operation = document.paths['/api/v1/things'].post;
    expect(operation.security).toEqual([]);
    expect(operation.responses.default.content['application/problem+json'].schema.$ref).toBe(
      '#/components/schemas/Problem',
    );
    expect(operation.requestBody.content['application/json'].schema.properties.when).toEqual({
      type: 'string',
      format: 'date-time',
    });
    expect(document.paths['/api/v1/things'].get.description).toContain('`things.read`');
    expect(Object.keys(document.components.schemas)).toContain('Problem');
  });
});

describe('binding', () => {
  test.each(['0.0.0.0', '::', '192.168.1.5', 'assay.internal'])('%s needs TLS or a proxy', (host) => {
    expect(() => checkBinding({ host, tls: false })).toThrow(/ASSAY_TRUSTED_PROXY/);
    expect(() => checkBinding({ host, tls: true })).not.toThrow();
    expect(() => checkBinding({ host, tls: false, trustedProxy: ['10.0.0.1'] })).not.toThrow();
  });
  test.each(['127.0.0.1', '127.0.0.5', '::1', 'localhost'])('%s is this machine', (host) => {
    expect(() => checkBinding({ host, tls: false })).not.toThrow();
  });
  test('a port that is taken is named with what to do', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const address = blocker.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(listen(await makeServer(), { host: '127.0.0.1', port, tls: false })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken`,
    );
    await new Promise((resolve) => blocker.close(resolve));
  });
  test('closing ends connections that wait for another request', async () => {
    const app = await makeServer();
    const url = new URL(await listen(app, { host: '127.0.0.1', port: 0, tls: false }));
    const socket = connect(Number(url.port), url.hostname);
    const answered = new Promise((resolve) => socket.once('data', resolve));
    socket.write(`GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(String(await answered)).toContain('200 OK');
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await app.close();
    await ended;
  });
});
