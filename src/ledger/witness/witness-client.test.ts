import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOutbound } from '#src/platform/outbound.ts';
import { smallLog } from '../../../tests/support/small-log.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { cosign, formatSignatureLine, parseNote, verifyNote } from '../log/note.ts';
import { ED25519_COSIGNATURE, formatVerifierKey } from '../log/verifier-key.ts';
import { signerFromSeed } from '../store/keys.ts';
import { type Submission, submitToWitness, type Witness, type WitnessOutcome } from './witness-client.ts';
import type { FetchLike } from './witness-fetch.ts';
import { openWitnessKey } from './witness-key.ts';
import { serveWitness, type WitnessServer } from './witness-server.ts';
import { WitnessState } from './witness-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-witness-'));
const log = smallLog('log.example/1', 80);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const signer = openWitnessKey(join(folder, 'witness.key'), 'witness.example/w1');
const seconds = 1_790_000_000;
let server: WitnessServer;
let witness: Witness;
beforeAll(async () => {
  const state = new WitnessState({ dataDir: folder, signer, logs: [log.key], clock: () => seconds * 1000 });
  server = await serveWitness({ state, vkey: '', name: 'w', host: '127.0.0.1', port: 0, log: silent });
  witness = { url: server.url, key: signer.key };
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function submit(size: number, change: Partial<Submission> = {}, of = log): Promise<WitnessOutcome> {
  return submitToWitness({
    witness,
    note: of.note(size),
    logKeys: [log.key],
    oldSize: 0,
    prove: async (oldSize, newSize) => of.tree.consistencyProof(oldSize, newSize),
    currentSize: async () => size,
    fetch,
    clock: () => seconds * 1000,
    random: () => 0,
    pause: async () => undefined,
    ...change,
  });
}

describe('a witness', () => {
  test('cosigns; its line holds under the head', async () => {
    const outcome = await submit(10);
    if (outcome.kind !== 'cosigned') throw new Error(outcome.kind);
    const note = parseNote(utf8Bytes(log.note(10) + outcome.line));
    expect(verifyNote(note, [log.key, signer.key])).toHaveLength(2);
  });

  test('that knows another size than believed is given a proof from there', async () => {
    expect(await submit(20)).toMatchObject({ kind: 'cosigned' });
    expect(await submit(30, { oldSize: 3 })).toMatchObject({ kind: 'cosigned' });
    expect(await submit(30, { oldSize: 77 })).toMatchObject({ kind: 'cosigned' });
  });

  test('is reached through the outbound door', async () => {
    const door = openOutbound({ allowedHosts: [server.url], allowPrivate: true });
    expect(await submit(35, { fetch: door.fetch })).toMatchObject({ kind: 'cosigned' });
    const closed = openOutbound({ allowedHosts: ['example.com'] });
    expect(await submit(36, { fetch: closed.fetch })).toMatchObject({ kind: 'unreachable' });
    await Promise.all([door.close(), closed.close()]);
  });

  test('that has cosigned a later head of the same log is content', async () => {
    await submit(50);
    expect(await submit(40, { currentSize: async () => 50 })).toEqual({ kind: 'overtaken', size: 50 });
  });

  test('that remembers more than the database has shows our own signature for it', async () => {
    const outcome = await submit(45);
    expect(outcome).toMatchObject({
      kind: 'ahead',
      size: 50,
      head: { size: 50, root: new Uint8Array(log.tree.root(50)) },
    });
    expect(outcome).toHaveProperty(
      'sentence',
      expect.stringMatching(/50 entries, and the database has only 45.*older backup was restored/),
    );
  });

  test('shows the history that a forked log does not continue', async () => {
    const forked = smallLog(log.origin, 80, { from: 20, salt: 'other' });
    expect(await submit(60, {}, forked)).toMatchObject({ kind: 'forked', head: { size: 50 } });
    expect(await submit(50, { oldSize: 50 }, forked)).toMatchObject({ kind: 'forked', head: { size: 50 } });
  });

  test('that does not follow the log, or not its key, says so', async () => {
    const stranger = smallLog('log.example/2', 5);
    expect(await submit(5, {}, stranger)).toMatchObject({
      kind: 'refused',
      sentence: expect.stringMatching(/does not follow/),
    });
  });

  test('of two heads submitted at once cosigns both in the end, one after the other', async () => {
    const outcomes = await Promise.all([submit(60, { currentSize: async () => 70 }), submit(70)]);
    expect(['cosigned', 'overtaken']).toContain(outcomes[0].kind);
    expect(outcomes[1].kind).toBe('cosigned');
  });
});

describe('a witness that misbehaves', () => {
  const answering =
    (status: number, body: string | Uint8Array, type = 'text/plain'): FetchLike =>
    async () =>
      new Response(body as string, { status, headers: { 'content-type': type } });
  const other = signerFromSeed('witness.example/w1', new Uint8Array(32).fill(3), ED25519_COSIGNATURE);
  const line = (of = signer, text = parseNote(utf8Bytes(log.note(10))).text, at = seconds) =>
    formatSignatureLine(cosign(text, of, at));
  const wrong = line().replace(/.{4}\n$/, 'AAA=\n');

  test.each<[string, FetchLike, WitnessOutcome['kind']]>([
    ['another key', answering(200, line(other)), 'refused'],
    ['a signature of another head', answering(200, line(signer, 'log.example/1\n10\nAAAA\n')), 'refused'],
    ['a wrong signature', answering(200, wrong), 'refused'],
    ['a cosignature of time 0', answering(200, line(signer, undefined, 0)), 'refused'],
    ['a cosignature of next year', answering(200, line(signer, undefined, seconds + 31_536_000)), 'refused'],
    ['a web page', answering(200, '<html>'), 'refused'],
    ['nothing', answering(200, ''), 'refused'],
    ['lines of others beside its own', answering(200, line(other) + line()), 'cosigned'],
    ['a megabyte', answering(200, new Uint8Array(1_000_000)), 'refused'],
    ['400', answering(400, 'no'), 'refused'],
    ['302', answering(302, ''), 'refused'],
    ['500', answering(500, 'oops'), 'unreachable'],
    ['429', answering(429, ''), 'unreachable'],
    ['a conflict without a size', answering(409, 'no'), 'refused'],
    ['a conflict with words for a size', answering(409, 'ten\n', 'text/x.tlog.size'), 'refused'],
    ['one size after the other', answering(409, '5\n', 'text/x.tlog.size'), 'unreachable'],
    ['a size beyond anything', answering(409, '9007199254740991\n', 'text/x.tlog.size'), 'ahead'],
  ])('by answering %s', async (_, fetching, kind) => {
    expect((await submit(10, { fetch: fetching })).kind).toBe(kind);
  });

  test('claiming more than we have, without showing it, is told apart from one that can show it', async () => {
    const claiming = answering(409, '500\n', 'text/x.tlog.size');
    const outcome = await submit(10, { fetch: claiming });
    expect(outcome).toMatchObject({ kind: 'ahead', size: 500, head: null });
    expect(outcome).toHaveProperty('sentence', expect.stringMatching(/shows no signed head to prove it/));
  });

  test('showing a larger head that others signed has shown nothing', async () => {
    const forger = smallLog(log.origin, 80);
    const shown = forger.note(80).replace(/.{4}\n$/, 'AAA=\n');
    const lying: FetchLike = async (_, { method }) =>
      method === 'GET'
        ? new Response(shown)
        : new Response('80\n', { status: 409, headers: { 'content-type': 'text/x.tlog.size' } });
    expect(await submit(10, { fetch: lying })).toMatchObject({ kind: 'ahead', head: null });
  });

  test('is asked three times, with growing pauses that are not the same for everybody', async () => {
    const pauses: number[] = [];
    let calls = 0;
    const failing: FetchLike = async () => {
      calls++;
      throw new TypeError('fetch failed');
    };
    const pause = async (ms: number) => void pauses.push(ms);
    expect(await submit(10, { fetch: failing, pause, random: () => 1 })).toMatchObject({ kind: 'unreachable' });
    expect(calls).toBe(3);
    expect(pauses).toEqual([375, 750]);
  });

  test('is left at the deadline', async () => {
    const hanging: FetchLike = (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    expect(await submit(10, { fetch: hanging, deadlineMs: 30 })).toMatchObject({
      kind: 'unreachable',
      sentence: expect.stringMatching(/did not answer in time/),
    });
  });

  test('with any answer at all never makes the client fail', async () => {
    const body = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(utf8Bytes(line()), utf8Bytes('12\n')));
    const type = fc.constantFrom('text/plain', 'text/x.tlog.size', '');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 200, max: 599 }), body, type, async (status, bytes, contentType) => {
        const isBodyless = [204, 205, 304].includes(status);
        const fetching: FetchLike = async () =>
          new Response(isBodyless ? null : (bytes as Uint8Array<ArrayBuffer>), {
            status,
            headers: { 'content-type': contentType },
          });
        expect(await submit(10, { fetch: fetching })).toHaveProperty('kind');
      }),
      { numRuns: 200 },
    );
  });

  test('with its own key under another name is not the witness we asked', async () => {
    const renamed = signerFromSeed('witness.example/w2', new Uint8Array(32).fill(3), ED25519_COSIGNATURE);
    expect(formatVerifierKey(renamed.key)).not.toBe(formatVerifierKey(other.key));
    expect(
      (await submit(10, { fetch: answering(200, line(renamed)), witness: { url: 'http://w', key: other.key } })).kind,
    ).toBe('refused');
  });
});
