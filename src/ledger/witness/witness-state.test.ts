import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { smallLog } from '../../../tests/support/small-log.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import { parseNote, verifyNote } from '../log/note.ts';
import { formatVerifierKey } from '../log/verifier-key.ts';
import { openWitnessKey } from './witness-key.ts';
import { holdFolder } from './witness-lock.ts';
import { originHash, parseCosignatures } from './witness-protocol.ts';
import { WitnessState } from './witness-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-witness-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const log = smallLog('log.example/1', 60);
const forked = smallLog(log.origin, 60, { from: 5, salt: 'other' });
let dataDir = '';
let seconds = 1_790_000_000;
let stored = 0;
beforeEach(() => {
  dataDir = mkdtempSync(join(folder, 'w-'));
  seconds = 1_790_000_000;
  stored = 0;
});

const keyPath = () => join(dataDir, 'witness.key');
const statePath = () => join(dataDir, 'logs', `${originHash(log.origin)}.checkpoint`);
function open(logs = [log.key]): WitnessState {
  const signer = openWitnessKey(keyPath(), 'witness.example/w1');
  return new WitnessState({ dataDir, signer, logs, clock: () => seconds * 1000, onStored: () => stored++ });
}
function timeOf(lines: string): number {
  const [signature] = parseCosignatures(utf8Bytes(lines));
  return Number(new DataView(signature?.signature.slice().buffer ?? new ArrayBuffer(8)).getBigUint64(0));
}
function cosigned(answer: ReturnType<WitnessState['submit']>): string {
  if (answer.status !== 200) throw new Error(answer.sentence);
  return answer.lines;
}

test('a cosigned head holds under the key of the log and of the witness, and is what is remembered', () => {
  const state = open();
  const lines = cosigned(state.submit(log.request(0, 10)));
  const { key } = openWitnessKey(keyPath(), undefined);
  const note = parseNote(utf8Bytes(log.note(10) + lines));
  expect(verifyNote(note, [log.key, key])).toEqual([{ key: log.key }, { key, cosignedAt: seconds }]);
  expect(state.noteOf(originHash(log.origin))).toBe(log.note(10) + lines);
  expect(readFileSync(statePath(), 'utf8')).toBe(log.note(10) + lines);
});

test('the memory outlives the process, and an older head sent again is refused', () => {
  open().submit(log.request(0, 30));
  const again = open();
  expect(again.submit(log.request(0, 10))).toMatchObject({ status: 409, size: 30 });
  expect(again.submit(log.request(10, 20))).toMatchObject({ status: 409, size: 30 });
  expect(again.submit(log.request(30, 60))).toMatchObject({ status: 200, size: 60 });
});

test('a fork is never cosigned, and its signed note is kept as proof against the log, but not without end', () => {
  const state = open();
  state.submit(log.request(0, 30));
  expect(state.submit(forked.request(30, 60))).toMatchObject({ status: 422 });
  expect(state.submit(forked.request(30, 30))).toMatchObject({ status: 422 });
  const kept = join(dataDir, 'logs', `${originHash(log.origin)}.forks`);
  const [name = ''] = readdirSync(kept);
  expect(readFileSync(join(kept, name), 'utf8')).toBe(forked.note(30));
  for (let i = 0; i < 40; i++) state.submit(smallLog(log.origin, 30, { from: 5, salt: `s${i}` }).request(30, 30));
  expect(readdirSync(kept)).toHaveLength(16);
  expect(readFileSync(statePath(), 'utf8')).toContain(log.note(30).trimEnd());
});

test('whatever is submitted in whatever order, cosigned heads are one growing history and times never go back', () => {
  const step = fc.record({
    fork: fc.boolean(),
    oldSize: fc.nat({ max: 60 }),
    size: fc.nat({ max: 60 }),
    clock: fc.integer({ min: -500, max: 500 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      dataDir = mkdtempSync(join(folder, 'p-'));
      const state = open();
      let last = { size: 0, time: 0, fork: false };
      for (const { fork, oldSize, size, clock } of steps) {
        seconds += clock;
        const answer = state.submit((fork ? forked : log).request(Math.min(oldSize, size), size));
        if (answer.status !== 200) continue;
        const time = timeOf(answer.lines);
        expect(time).toBeGreaterThanOrEqual(last.time);
        expect(size).toBeGreaterThanOrEqual(last.size);
        if (last.size > 5 && size > 5) expect(fork).toBe(last.fork);
        last = { size, time, fork };
      }
    }),
    { numRuns: 40 },
  );
});

test('a clock that is set back does not take a cosignature back', () => {
  const state = open();
  const first = timeOf(cosigned(state.submit(log.request(0, 10))));
  seconds -= 86_400;
  expect(timeOf(cosigned(state.submit(log.request(10, 20))))).toBe(first);
  expect(timeOf(cosigned(open().submit(log.request(20, 21))))).toBe(first);
  expect(state.secondsAhead(log.origin)).toBe(86_400);
  seconds += 86_400 + 20;
  expect(timeOf(cosigned(state.submit(log.request(21, 21))))).toBe(first + 20);
});

test('10,000 repeats of one request cost one signature and one file', () => {
  const state = open();
  const request = log.request(0, 10);
  cosigned(state.submit(request));
  const again = log.request(10, 10);
  const lines = new Set<string>();
  for (let i = 0; i < 10_000; i++) lines.add(cosigned(state.submit(again)));
  expect(lines.size).toBe(1);
  expect(stored).toBe(1);
  expect(readdirSync(join(dataDir, 'logs'))).toEqual([`${originHash(log.origin)}.checkpoint`]);
}, 60_000);

test('a damaged memory is said at the start and with every request, and never taken for an empty one', () => {
  const state = open();
  state.submit(log.request(0, 10));
  const whole = readFileSync(statePath());
  for (const damaged of [
    '',
    'hello',
    whole.subarray(0, -10),
    Buffer.from(log.note(20)),
    whole.toString().replace('\n10\n', '\n11\n'),
  ]) {
    writeFileSync(statePath(), damaged);
    expect(() => open()).toThrow(/damaged/);
    expect(() => state.submit(log.request(10, 20))).toThrow(/damaged/);
  }
  writeFileSync(statePath(), whole);
  expect(open().submit(log.request(10, 20))).toMatchObject({ status: 200 });
});

test('the key is made once, closed to others, and keeps its name', () => {
  const { key } = openWitnessKey(keyPath(), 'witness.example/w1');
  expect(statSync(keyPath()).mode & 0o777).toBe(0o600);
  expect(formatVerifierKey(openWitnessKey(keyPath(), undefined).key)).toBe(formatVerifierKey(key));
  expect(() => openWitnessKey(keyPath(), 'witness.example/w2')).toThrow(/keeps its name/);
  expect(() => openWitnessKey(join(dataDir, 'other.key'), undefined)).toThrow(/--name/);
  expect(() => openWitnessKey(join(dataDir, 'other.key'), 'two words')).toThrow(/cannot be the name/);
  chmodSync(keyPath(), 0o644);
  expect(() => openWitnessKey(keyPath(), undefined)).toThrow(/chmod 600/);
  chmodSync(keyPath(), 0o600);
  writeFileSync(keyPath(), readFileSync(keyPath(), 'utf8').replace('w1', 'w3'));
  expect(() => openWitnessKey(keyPath(), undefined)).toThrow(/does not hold a witness key/);
});

test('a second witness on the same folder is refused until the first has ended', async () => {
  const held = await holdFolder(dataDir, Date.now());
  await expect(holdFolder(dataDir, Date.now())).rejects.toThrow(/Another witness/);
  held.release();
  (await holdFolder(dataDir, Date.now())).release();
});

test('killed between storing and answering, it goes on from what it stored', async () => {
  const fixture = join(import.meta.dirname, '../../../tests/faults/killed-witness.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', fixture, dataDir, formatVerifierKey(log.key), 'killed'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  const address = `${url.toString().trim()}/add-checkpoint`;
  await expect(fetch(address, { method: 'POST', body: log.request(0, 10) })).rejects.toThrow();
  expect(await ended).toEqual([null, 'SIGKILL']);
  // Nobody got the cosignature, and yet the witness is bound by it: the client learns the size and goes on from there.
  const state = open();
  expect(parseCheckpoint(parseNote(readFileSync(statePath())).text).size).toBe(10);
  expect(state.submit(forked.request(0, 10))).toMatchObject({ status: 409, size: 10 });
  expect(state.submit(log.request(0, 10))).toMatchObject({ status: 409, size: 10 });
  expect(state.submit(log.request(10, 10))).toMatchObject({ status: 200 });
  expect(state.submit(log.request(10, 20))).toMatchObject({ status: 200 });
});
