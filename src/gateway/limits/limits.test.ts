import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '#src/kernel/time.ts';
import { type Limits, NO_LIMITS } from '../snapshot.ts';
import { IpcLimits, serveLimits } from './ipc-limits.ts';
import type { LimitScope, LimitStore } from './limit-store.ts';
import { LocalLimits } from './local-limits.ts';
import { RedisLimits } from './redis-limits.ts';

const scope = (limits: Partial<Limits>, id = 'key:k'): LimitScope => ({ id, limits: { ...NO_LIMITS, ...limits } });
const NONE = { tokens: 0, spendMicroUsd: 0 };
const at = 20_000 * DAY_MS;

describe('limits of one process', () => {
  it('lets a bucket of requests through and refills it evenly', () => {
    const limits = new LocalLimits();
    const scopes = [scope({ requestsPerMinute: 60 })];
    for (let i = 0; i < 60; i++) expect(limits.reserve(scopes, NONE, at).granted).toBe(true);
    expect(limits.reserve(scopes, NONE, at)).toMatchObject({
      granted: false,
      dimension: 'requests',
      retryAfterMs: 1_000,
    });
    expect(limits.reserve(scopes, NONE, at + 999).granted).toBe(false);
    expect(limits.reserve(scopes, NONE, at + 1_000).granted).toBe(true);
  });

  it('takes tokens before a call and settles them after it, also beyond what was reserved', () => {
    const limits = new LocalLimits();
    const scopes = [scope({ tokensPerDay: 1_000 })];
    const first = limits.reserve(scopes, { tokens: 900, spendMicroUsd: 0 }, at);
    expect(limits.reserve(scopes, { tokens: 200, spendMicroUsd: 0 }, at)).toMatchObject({
      granted: false,
      dimension: 'tokens_day',
      retryAfterMs: DAY_MS,
    });
    if (!first.granted) throw new Error('refused');
    limits.settle(first.id, scopes, { tokens: 900, spendMicroUsd: 0 }, { tokens: 100, spendMicroUsd: 0 }, at);
    expect(limits.reserve(scopes, { tokens: 900, spendMicroUsd: 0 }, at).granted).toBe(true);
    limits.settle('x', scopes, { tokens: 900, spendMicroUsd: 0 }, { tokens: 5_000, spendMicroUsd: 0 }, at);
    expect(limits.reserve(scopes, { tokens: 1, spendMicroUsd: 0 }, at).granted).toBe(false);
    expect(limits.reserve(scopes, { tokens: 1, spendMicroUsd: 0 }, at + DAY_MS).granted).toBe(true);
  });

  it('takes from all scopes or from none', () => {
    const limits = new LocalLimits();
    const key = scope({ requestsPerMinute: 10 });
    const tenant = scope({ spendMicroUsdPerDay: 5 }, 'tenant:t');
    expect(limits.reserve([key, tenant], { tokens: 0, spendMicroUsd: 6 }, at)).toMatchObject({
      granted: false,
      scope: 'tenant:t',
      dimension: 'spend_day',
    });
    const state = limits.reserve([key], NONE, at).states[0];
    expect(state).toMatchObject({ limit: 10, remaining: 9 });
  });

  it('counts what runs at the same time', () => {
    const limits = new LocalLimits();
    const scopes = [scope({ concurrent: 2 })];
    limits.reserve(scopes, NONE, at);
    limits.reserve(scopes, NONE, at);
    expect(limits.reserve(scopes, NONE, at)).toMatchObject({ granted: false, dimension: 'concurrent' });
    limits.settle('x', scopes, NONE, NONE, at);
    expect(limits.reserve(scopes, NONE, at).granted).toBe(true);
  });

  it('never grants more tokens than there are, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ tokens: fc.nat(300), afterMs: fc.nat(20_000) }), { maxLength: 60 }), (calls) => {
        const limits = new LocalLimits();
        const scopes = [scope({ tokensPerMinute: 600 })];
        let nowMs = at;
        let granted = 0;
        for (const { tokens, afterMs } of calls) {
          nowMs += afterMs;
          if (limits.reserve(scopes, { tokens, spendMicroUsd: 0 }, nowMs).granted) granted += tokens;
          expect(granted).toBeLessThanOrEqual(600 + ((nowMs - at) * 600) / 60_000 + 1e-6);
        }
      }),
    );
  });
});

describe('limits of several workers', () => {
  it('are counted in the parent, and a worker that dies frees its places', async () => {
    const parent = new LocalLimits();
    const toParent = new EventEmitter();
    const toWorker = new EventEmitter();
    const gone = serveLimits(parent, {
      on: (event, listener) => toParent.on(event, listener),
      send: (message) => setImmediate(() => toWorker.emit('message', structuredClone(message))),
    });
    const worker = new IpcLimits({
      on: (event, listener) => toWorker.on(event, listener),
      send: (message) => setImmediate(() => toParent.emit('message', structuredClone(message))),
    });
    const scopes = [scope({ concurrent: 1, requestsPerMinute: 100 })];
    expect((await worker.reserve(scopes, NONE, at)).granted).toBe(true);
    expect((await worker.reserve(scopes, NONE, at)).granted).toBe(false);
    gone();
    expect((await worker.reserve(scopes, NONE, at)).granted).toBe(true);
    await worker.close();
  });
});

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

describe.skipIf(!hasRedis)('limits in Redis', () => {
  let server: ChildProcess;
  const stores: LimitStore[] = [];
  let open: () => LimitStore;

  beforeAll(async () => {
    const port = await freePort();
    server = spawn(
      'redis-server',
      [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--dir',
        mkdtempSync(join(tmpdir(), 'assay-redis-')),
      ],
      { stdio: 'ignore' },
    );
    open = () => {
      const store = new RedisLimits(
        new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 20 }).on('error', () => undefined),
      );
      stores.push(store);
      return store;
    };
    await open().reserve([scope({ requestsPerMinute: 1 }, 'key:warm')], NONE, 0);
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    server.kill();
  });

  it('let exactly as many calls through as there are, over several nodes at once', async () => {
    const nodes = [open(), open(), open()];
    const scopes = [
      scope({ requestsPerMinute: 50, concurrent: 1_000 }, 'key:many'),
      scope({ tokensPerMinute: 1_000_000 }, 'tenant:many'),
    ];
    const results = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        (nodes[i % 3] as LimitStore).reserve(scopes, { tokens: 10, spendMicroUsd: 0 }, at),
      ),
    );
    // Redis keeps its own time: a second or two may pass meanwhile, and refill a request each.
    const granted = results.filter((one) => one.granted).length;
    expect(granted).toBeGreaterThanOrEqual(50);
    expect(granted).toBeLessThanOrEqual(55);
    expect(results.find((one) => !one.granted)).toMatchObject({ scope: 'key:many', dimension: 'requests' });
  });

  it('settle what was reserved, and free the place of a call', async () => {
    const store = open();
    const scopes = [scope({ tokensPerDay: 100, spendMicroUsdPerDay: 100, concurrent: 1 }, 'key:settle')];
    const first = await store.reserve(scopes, { tokens: 80, spendMicroUsd: 80 }, at);
    expect(await store.reserve(scopes, { tokens: 10, spendMicroUsd: 1 }, at)).toMatchObject({
      granted: false,
      dimension: 'concurrent',
    });
    if (!first.granted) throw new Error('refused');
    expect(first.states.find((one) => one.dimension === 'tokens_day')).toMatchObject({ limit: 100, remaining: 20 });
    store.settle(first.id, scopes, { tokens: 80, spendMicroUsd: 80 }, { tokens: 95, spendMicroUsd: 10 }, at);
    expect(await store.reserve(scopes, { tokens: 10, spendMicroUsd: 1 }, at)).toMatchObject({
      granted: false,
      dimension: 'tokens_day',
    });
    expect((await store.reserve(scopes, { tokens: 5, spendMicroUsd: 1 }, at)).granted).toBe(true);
  });

  it('say so when they cannot be counted', async () => {
    const dead = new RedisLimits(
      new Redis(1, '127.0.0.1', { maxRetriesPerRequest: 0, retryStrategy: () => null, lazyConnect: true }).on(
        'error',
        () => undefined,
      ),
    );
    await expect(dead.reserve([scope({ requestsPerMinute: 1 })], NONE, at)).rejects.toThrow();
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
