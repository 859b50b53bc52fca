import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { smallLog } from '../../../tests/support/small-log.ts';
import { parseNote, verifyNote } from '../log/note.ts';
import { formatVerifierKey } from '../log/verifier-key.ts';
import { openWitnessKey } from './witness-key.ts';
import { originHash } from './witness-protocol.ts';
import { RateLimit, sourceOf } from './witness-rate.ts';
import { serveWitness, type WitnessServer } from './witness-server.ts';
import { WitnessState } from './witness-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-witness-'));
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const signer = openWitnessKey(join(folder, 'witness.key'), 'witness.example/w1');
const log = smallLog('log.example/1', 60);
const vkey = formatVerifierKey(signer.key);
let server: WitnessServer;

async function serve(dataDir: string, rate = { burst: 100_000, perSecond: 1 }): Promise<WitnessServer> {
  const state = new WitnessState({ dataDir, signer, logs: [log.key], clock: () => 1_790_000_000_000 });
  return serveWitness({ state, vkey, name: signer.key.name, host: '127.0.0.1', port: 0, log: silent, rate });
}
const others: WitnessServer[] = [];
async function fresh(rate?: { burst: number; perSecond: number }): Promise<string> {
  const one = await serve(mkdtempSync(join(folder, 's-')), rate);
  others.push(one);
  return one.url;
}
const submit = (url: string, body: Uint8Array) => fetch(`${url}/add-checkpoint`, { method: 'POST', body });

beforeAll(async () => {
  server = await serve(folder);
});
afterEach(async () => {
  for (const one of others.splice(0)) await one.close();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a checkpoint is cosigned over HTTP, and then shown to whoever asks for it', async () => {
  const answer = await submit(server.url, log.request(0, 10));
  const lines = await answer.text();
  expect(answer.status).toBe(200);
  verifyNote(parseNote(Buffer.from(log.note(10) + lines)), [log.key, signer.key]);
  const shown = await fetch(`${server.url}/${originHash(log.origin)}/checkpoint`);
  expect(shown.status).toBe(200);
  expect(await shown.text()).toBe(log.note(10) + lines);
});

test('the size to go on from comes with its media type', async () => {
  const url = await fresh();
  await submit(url, log.request(0, 10));
  const answer = await submit(url, log.request(0, 20));
  expect(answer.status).toBe(409);
  expect(answer.headers.get('content-type')).toBe('text/x.tlog.size');
  expect(await answer.text()).toBe('10\n');
});

test.each([
  ['GET', '/', 200],
  ['POST', '/', 405],
  ['GET', '/add-checkpoint', 405],
  ['GET', '/w1/add-checkpoint', 405],
  ['GET', `/${'0'.repeat(64)}/checkpoint`, 404],
  ['GET', `/${'G'.repeat(64)}/checkpoint`, 404],
  ['GET', '/../../witness.key', 404],
  ['GET', '/witness.key', 404],
  ['POST', '/add-checkpoints', 404],
])('%s %s is answered with %i', async (method, path, status) => {
  const answer = await fetch(server.url + path, { method });
  expect(answer.status).toBe(status);
  if (path === '/' && method === 'GET') expect(await answer.text()).toContain(`\n${vkey}\n`);
});

test('addresses below the path of its name work too', async () => {
  const url = await fresh();
  expect((await fetch(`${url}/w1/add-checkpoint`, { method: 'POST', body: log.request(0, 3) })).status).toBe(200);
  expect((await fetch(`${url}/w1/${originHash(log.origin)}/checkpoint`)).status).toBe(200);
});

test('of two heads submitted at once exactly one is cosigned, and the other is told its size', async () => {
  for (let round = 0; round < 20; round++) {
    const url = await fresh();
    const answers = await Promise.all([10, 20, 30].map((size) => submit(url, log.request(0, size))));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 409, 409]);
    const won = [10, 20, 30][answers.findIndex(({ status }) => status === 200)];
    for (const answer of answers) if (answer.status === 409) expect(await answer.text()).toBe(`${won}\n`);
    await others.pop()?.close();
  }
});

test('a body that is too long is not read to its end, announced or not', async () => {
  const big = new Uint8Array(200_000).fill(0x61);
  expect((await submit(server.url, big)).status).toBe(413);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sending = httpRequest(`${server.url}/add-checkpoint`, { method: 'POST' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    // The connection is closed under us while we go on sending; the answer came before.
    sending.on('error', reject);
    sending.write(big);
    sending.end();
  });
  expect(status).toBe(413);
});

test('a flood from one address is slowed down, whatever it sends', async () => {
  const url = await fresh({ burst: 50, perSecond: 1 });
  const statuses: number[] = [];
  for (let i = 0; i < 200; i++) statuses.push((await submit(url, log.request(i === 0 ? 0 : 10, 10))).status);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(50);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(100);
  const refused = await submit(url, log.request(10, 10));
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
});

test('a client that leaves in the middle of a request troubles nobody', async () => {
  const { port } = new URL(server.url);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write('POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 1000\r\n\r\nold 0\n', () =>
        socket.destroy(),
      );
      socket.on('close', () => resolve());
    });
  });
  expect((await fetch(server.url)).status).toBe(200);
});

test('the rate limit gives back with time, and forgets the oldest source when there are too many', () => {
  const limit = new RateLimit({ burst: 2, perSecond: 0.5 }, 3);
  expect([limit.take('a', 0), limit.take('a', 0), limit.take('a', 0)]).toEqual([0, 0, 2]);
  expect(limit.take('a', 2_000)).toBe(0);
  expect(limit.take('a', 2_000)).toBe(2);
  for (const source of ['b', 'c', 'd']) expect(limit.take(source, 2_000)).toBe(0);
  expect(limit.take('a', 2_000)).toBe(0);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('the source of %s is %s', (address, source) => {
  expect(sourceOf(address)).toBe(source);
});
