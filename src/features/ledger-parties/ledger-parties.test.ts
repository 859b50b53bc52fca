import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND_LINE } from '#src/features/records/index.ts';
import { verifyBundle } from '#src/ledger/bundle/verify-bundle.ts';
import { utf8Bytes } from '#src/ledger/log/bytes.ts';
import { formatCheckpoint } from '#src/ledger/log/checkpoint.ts';
import { readLeaf } from '#src/ledger/log/leaf.ts';
import { signNote } from '#src/ledger/log/note.ts';
import { formatVerifierKey, parseVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { appendEntry } from '#src/ledger/store/append.ts';
import { publishLedger } from '#src/ledger/store/publish.ts';
import { sealLedger } from '#src/ledger/store/seal.ts';
import { type Ledger, openLedger } from '#src/ledger/store/store.ts';
import type { SignedHead } from '#src/ledger/store/store-read.ts';
import { assuranceOfHead, sizesReached, vouchersOf } from '#src/ledger/store/vouchers.ts';
import { openWitnessKey } from '#src/ledger/witness/witness-key.ts';
import { serveWitness, type WitnessServer } from '#src/ledger/witness/witness-server.ts';
import { WitnessState } from '#src/ledger/witness/witness-state.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { makeAuthority, missingOpenssl, serveAuthority } from '../../../tests/support/time-stamp-authority.ts';
import { failingParties } from './failing-parties.ts';
import type { NewLedgerParty } from './model.ts';
import { outsideOf } from './outside.ts';
import { openParties, type Parties } from './parties.ts';
import { addParty, listParties, listProblems, partyByName, removeParty } from './party-store.ts';
import type { PartyRow } from './tables.ts';

const database = testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'assay-parties-'));
const dataDir = join(folder, 'data');
const mirror = join(folder, 'mirror');
const mirrorIn = (path: string) => ({
  kind: 'mirror' as const,
  place: 'folder' as const,
  path,
  tiles: false,
  remote: null,
  allowPrivateAddress: false,
});
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const blobs = { has: async () => false, stream: async function* () {} };
// Stamps are compared with the clock of the machine, so this one runs.
let aheadMs = 0;
const clock = () => Date.now() + aheadMs;
const signer = (() => {
  mkdirSync(join(folder, 'witness'), { recursive: true });
  return openWitnessKey(join(folder, 'witness', 'witness.key'), 'witness.example/w1');
})();

let parties: Parties;
let ledger: Ledger;
let witness: WitnessServer;
let authority: { url: string; root: string; close: () => Promise<void> } | null = null;

beforeAll(async () => {
  symlinkSync(dataDir, join(folder, 'innocent'));
  symlinkSync(folder, join(folder, 'around'));
  parties = openParties({
    database: database.current,
    dataDir,
    clock,
    log: silent,
    publishTiles: (to) => publishLedger(ledger, to),
  });
  ledger = await openLedger({
    database: database.current,
    blobs,
    dataDir,
    clock,
    log: silent,
    headSources: [parties.headSource],
    outside: outsideOf(database.current, parties),
  });
  await startWitness();
  if (missingOpenssl() === null) {
    const made = await makeAuthority(join(folder, 'tsa'));
    authority = { ...(await serveAuthority(async (query) => ({ body: await made.reply(query) }))), root: made.root };
  }
});
afterAll(async () => {
  await parties.close();
  await witness.close();
  await authority?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function startWitness(port = 0): Promise<void> {
  const logs = [parseVerifierKey(ledger.vkey)];
  const state = new WitnessState({ dataDir: join(folder, 'witness'), signer, logs, clock });
  witness = await serveWitness({ state, vkey: '', name: 'w1', host: '127.0.0.1', port, log: silent });
}

const add = (asked: NewLedgerParty) => addParty({ database: database.current, clock, dataDir }, asked, COMMAND_LINE);
const witnessParty = (url = witness.url): NewLedgerParty => ({
  everySeconds: 10,
  settings: { kind: 'witness', url, vkey: formatVerifierKey(signer.key), allowPrivateAddress: true },
});
const find = async (name: string) => (await listParties(database.current.drizzle)).find((row) => row.name === name);

let appended = 0;
async function append(): Promise<number> {
  const entry = {
    type: 'evidence.collected' as const,
    actor: { kind: 'service', id: 'test' } as const,
    subject: { kind: 'evidence', id: 'x' },
    body: {},
    dedupeKey: `party-${appended++}`,
  };
  await appendEntry(database.current.drizzle, entry, clock);
  await ledger.integrate();
  return (await ledger.checkpoint()).size;
}

async function bundle() {
  const parts: Buffer[] = [];
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      parts.push(chunk);
      done();
    },
  });
  const exported = await ledger.exportBundle({
    out,
    bundleId: `bnd_${appended++}`,
    exportedBy: { kind: 'service', id: 'test' },
  });
  return { exported, bytes: new Uint8Array(Buffer.concat(parts)) };
}

test('without anybody outside the head is signed, and the reasons say what is missing', async () => {
  const head = await ledger.signedHead();
  const assurance = await assuranceOfHead(ledger, head, await vouchersOf(ledger, head));
  expect(assurance.level).toBe('signed');
  expect(assurance.steps.map(({ reached }) => reached)).toEqual([true, false, false, false]);
});

test.each<[string, NewLedgerParty, RegExp]>([
  [
    'the key of a log as that of a witness',
    {
      settings: {
        kind: 'witness',
        url: 'https://w.example',
        vkey: 'log.example+6d94d0a5+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB',
        allowPrivateAddress: false,
      },
    },
    /key of/,
  ],
  [
    'a file without a certificate',
    {
      name: 'tsa',
      settings: {
        kind: 'timestamp',
        url: 'https://t.example',
        trusted: 'none',
        policy: null,
        allowPrivateAddress: false,
      },
    },
    /no certificate in PEM form/,
  ],
  [
    'a mirror in the data folder',
    {
      name: 'm',
      settings: {
        kind: 'mirror',
        place: 'folder',
        path: join(dataDir, 'keys'),
        tiles: false,
        remote: null,
        allowPrivateAddress: false,
      },
    },
    /inside the data folder/,
  ],
  [
    'a mirror that a link leads into the data folder',
    { name: 'm', settings: { ...mirrorIn(join(folder, 'innocent', 'deeper.git')), place: 'git' } },
    /inside the data folder/,
  ],
  [
    'a mirror around the data folder',
    { name: 'm', settings: mirrorIn(join(folder, 'around')) },
    /holds the data folder/,
  ],
  [
    'a git mirror pushed into the data folder',
    {
      name: 'm',
      settings: { ...mirrorIn(join(folder, 'm.git')), place: 'git', remote: join(folder, 'innocent', 'r.git') },
    },
    /inside the data folder/,
  ],
  [
    'a mirror that is not there',
    {
      name: 'm',
      settings: {
        kind: 'mirror',
        place: 'folder',
        path: join(folder, 'no'),
        tiles: false,
        remote: null,
        allowPrivateAddress: false,
      },
    },
    /There is no folder/,
  ],
  [
    'a folder with other things in it',
    {
      name: 'm',
      settings: {
        kind: 'mirror',
        place: 'folder',
        path: join(folder, 'witness'),
        tiles: false,
        remote: null,
        allowPrivateAddress: false,
      },
    },
    /holds other things/,
  ],
])('%s is refused', async (_, asked, why) => {
  await expect(add(asked)).rejects.toThrow(why);
});

test('a witness is set up as an entry of the ledger, sees each new head, and no head twice', async () => {
  const row = await add(witnessParty());
  await expect(add(witnessParty())).rejects.toThrow(/already/);
  await ledger.integrate();
  const { items } = await ledger.entries({ limit: 1, type: 'party.added' });
  const leaf = readLeaf(items[0]?.bytes ?? new Uint8Array(), { profile: true });
  expect(leaf.value).toMatchObject({ subject: { id: row.id }, body: { kind: 'witness', name: 'witness.example/w1' } });
  await parties.round();
  const size = (await ledger.checkpoint()).size;
  expect(await find('witness.example/w1')).toMatchObject({ lastSize: size, problem: null });
  expect((await vouchersOf(ledger, await ledger.signedHead())).note).toContain('— witness.example/w1 ');
  // Within its rhythm it is not asked again.
  const next = await append();
  await parties.round();
  expect(await find('witness.example/w1')).toMatchObject({ lastSize: size });
  aheadMs += 11_000;
  await parties.round();
  expect(await find('witness.example/w1')).toMatchObject({ lastSize: next });
});

test('a witness that is down is a problem with a reason and a next try, and ends when it is back', async () => {
  const port = Number(new URL(witness.url).port);
  await witness.close();
  await append();
  aheadMs += 11_000;
  await parties.round();
  const failing = await find('witness.example/w1');
  expect(failing).toMatchObject({ failures: 1, problem: expect.stringMatching(/cannot be asked now/) });
  expect(failing?.nextTryAt.getTime()).toBeGreaterThan(clock() + 15_000);
  const conditions = async (laterMs: number) =>
    (await failingParties(database.current, new Date(clock() + laterMs))).conditions;
  expect(await conditions(14 * 60_000)).toEqual([]);
  expect(await conditions(16 * 60_000)).toMatchObject([
    {
      subject: { kind: 'ledger-party', id: failing?.id },
      severity: 'medium',
      title: 'Witness witness.example/w1 takes no heads',
      reasons: [expect.stringMatching(/allowed 15 minutes/), expect.stringMatching(/cannot be asked now/)],
      since: failing?.problemSince,
    },
  ]);
  // Bundles go out all the same.
  const { exported } = await bundle();
  expect(exported.assurance.level).toBe('signed');
  await startWitness(port);
  aheadMs += 60_000;
  await parties.round();
  expect(await find('witness.example/w1')).toMatchObject({ failures: 0, problem: null });
  const [problem] = await listProblems(database.current.drizzle);
  expect(problem?.endedAt).not.toBe(null);
  expect(await conditions(0)).toEqual([]);
});

test('an address in a private network is not called unless that is allowed', async () => {
  const asked = witnessParty();
  await removeParty({ database: database.current, clock }, (await find('witness.example/w1'))?.id ?? '', COMMAND_LINE);
  if (asked.settings.kind === 'witness') asked.settings.allowPrivateAddress = false;
  const row = await add(asked);
  await ledger.integrate();
  const outcome = await parties.tryNow(row);
  expect(outcome).toMatchObject({ kind: 'problem', sentence: expect.stringMatching(/private network/) });
  await removeParty({ database: database.current, clock }, row.id, COMMAND_LINE);
});

test('one that answers with another key is a failing party at once, and one nobody asks is one in time', async () => {
  const asked = witnessParty();
  const other = openWitnessKey(join(folder, 'witness', 'other.key'), 'witness.example/other');
  if (asked.settings.kind === 'witness') asked.settings.vkey = formatVerifierKey(other.key);
  const row = await add(asked);
  await ledger.integrate();
  expect((await failingParties(database.current, new Date(clock()))).conditions).toEqual([]);
  expect((await failingParties(database.current, new Date(clock() + 20 * 60_000))).conditions).toMatchObject([
    { subject: { id: row.id }, title: 'Witness witness.example/other takes no heads' },
  ]);
  expect(await parties.tryNow(row)).toMatchObject({ problem: 'refused' });
  expect((await failingParties(database.current, new Date(clock()))).conditions).toMatchObject([
    {
      subject: { id: row.id },
      severity: 'high',
      title: 'Witness witness.example/other does not vouch',
      reasons: [expect.stringMatching(/signed with another key/)],
    },
  ]);
  await removeParty({ database: database.current, clock }, row.id, COMMAND_LINE);
  const after = await failingParties(database.current, new Date(clock()));
  expect(after.conditions).toEqual([]);
  expect(after.watchedIds).not.toContain(row.id);
});

test('a mirror that holds another history is a failing party of the gravest kind', async () => {
  const path = join(folder, 'forked');
  mkdirSync(path);
  const row = await add({ name: 'forked', settings: mirrorIn(path) });
  await ledger.integrate();
  mkdirSync(join(path, 'checkpoints'));
  const { note } = await ledger.signedHead();
  writeFileSync(
    join(path, 'checkpoints', String((await ledger.checkpoint()).size)),
    note.replace(/\n[^\n]+\n\n/, `\n${'A'.repeat(43)}=\n\n`),
  );
  expect(await parties.tryNow(row)).toMatchObject({ problem: 'contradicts' });
  expect((await failingParties(database.current, new Date(clock()))).conditions).toMatchObject([
    { subject: { id: row.id }, severity: 'critical', title: 'Mirror forked contradicts the ledger' },
  ]);
  await removeParty({ database: database.current, clock }, row.id, COMMAND_LINE);
});

describe.skipIf(missingOpenssl() !== null)('with a witness, an authority and a mirror', () => {
  test('a bundle carries what they say, and every level holds for a reader who trusts them', async () => {
    mkdirSync(mirror);
    await add(witnessParty());
    await add({
      name: 'tsa',
      settings: {
        kind: 'timestamp',
        url: authority?.url ?? '',
        trusted: authority?.root ?? '',
        policy: null,
        allowPrivateAddress: true,
      },
    });
    await add({
      name: 'share',
      settings: {
        kind: 'mirror',
        place: 'folder',
        path: mirror,
        tiles: true,
        remote: null,
        allowPrivateAddress: false,
      },
    });
    await ledger.integrate();
    const { exported, bytes } = await bundle();
    expect(exported.assurance.level).toBe('mirrored');
    const note = readFileSync(join(mirror, 'checkpoints', String(exported.size)), 'utf8');
    expect(note).toContain('— witness.example/w1 ');
    expect(existsSync(join(mirror, 'tile', 'entries'))).toBe(true);

    const own = await verifyBundle(bytes);
    expect(own).toMatchObject({
      ok: true,
      facts: { level: 'time-stamped', cosigners: [{ name: 'witness.example/w1' }] },
    });
    const policy = `log ${ledger.vkey}\nwitness auditor ${formatVerifierKey(signer.key)}\nquorum auditor\n`;
    const full = await verifyBundle(bytes, {
      policy,
      trustedAuthorities: authority?.root ?? '',
      mirrorsHolding: async ({ text }) => (note.startsWith(`${text}\n`) ? ['the share'] : []),
    });
    expect(full).toMatchObject({ ok: true, facts: { level: 'mirrored' } });
    expect(full.facts.assurance.map(({ reached }) => reached)).toEqual([true, true, true, true]);
    const strange = await makeAuthority(join(folder, 'other'), { keysOf: join(folder, 'tsa') });
    const other = await verifyBundle(bytes, { policy, trustedAuthorities: strange.root });
    expect(other).toMatchObject({ ok: true, facts: { level: 'witnessed' } });
    expect(await sizesReached(ledger)).toEqual(
      ['signed', 'time-stamped', 'witnessed', 'mirrored'].map((level) => ({ level, size: exported.size })),
    );
  });

  test('a party that is removed is asked no longer, and what it signed stays', async () => {
    const { note } = await vouchersOf(ledger, await ledger.signedHead());
    const row = await partyByName(database.current.drizzle, 'witness', 'witness.example/w1');
    await removeParty({ database: database.current, clock }, row.id, COMMAND_LINE);
    await expect(partyByName(database.current.drizzle, 'witness', 'witness.example/w1')).rejects.toThrow(/no witness/);
    expect(utf8Bytes(note).length).toBeGreaterThan(0);
    const { exported } = await bundle();
    expect(exported.assurance.steps.find(({ level }) => level === 'witnessed')?.reached).toBe(false);
  });
});

test('a mirror of a sealed ledger goes on with the one that continues it, beside what it holds', async () => {
  const before = await find('share');
  const parts = { database: database.current, dataDir, clock, host: 'acme.example' };
  const settle = (identity: { id: string; origin: string }, head: SignedHead) => parties.settle({ identity, head });
  const ask = { reason: 'ended', actor: { kind: 'service', id: 'test' } } as const;
  const sealed = await sealLedger({ ...parts, headSources: [parties.headSource], settle }, ask);
  // The last head of the old one reached the mirror.
  expect(readFileSync(join(mirror, 'checkpoint'), 'utf8')).toContain(`\n${sealed.previous?.size}\n`);
  ledger = await openLedger({ ...parts, blobs, log: silent, headSources: [parties.headSource] });
  expect(await append()).toBeGreaterThan(3);
  const size = (await ledger.checkpoint()).size;
  expect(await parties.tryNow(before as PartyRow)).toEqual({ kind: 'seen', size });
  expect(readFileSync(join(mirror, 'checkpoint'), 'utf8')).toContain(sealed.previous?.origin);
  const beside = join(mirror, 'logs', ledger.origin.split('/').at(-1) ?? '');
  expect(readFileSync(join(beside, 'checkpoint'), 'utf8')).toContain(`${ledger.origin}\n${size}\n`);
  // What it knows of the new one is heard when something is to be signed.
  const note = signNote(formatCheckpoint(ledger.origin, size + 5, new Uint8Array(32).fill(1)), [ledger.keys.log]);
  writeFileSync(join(beside, 'checkpoints', String(size + 5)), note);
  const anew = openParties({ database: database.current, dataDir, clock, log: silent });
  const heads = await anew.headSource();
  expect(heads.map(({ checkpoint }) => checkpoint.size)).toContain(size + 5);
  rmSync(join(beside, 'checkpoints', String(size + 5)));
  await anew.close();
});

test('heads that only a mirror knows keep a log from being sealed as if nothing were lost', async () => {
  const fresh = join(folder, 'mirror-2');
  mkdirSync(fresh);
  const settings = {
    kind: 'mirror',
    place: 'folder',
    path: fresh,
    tiles: false,
    remote: null,
    allowPrivateAddress: false,
  } as const;
  const row = await add({ name: 'second', settings });
  await ledger.integrate();
  await parties.tryNow(row);
  const { size } = await ledger.checkpoint();
  const note = signNote(formatCheckpoint(ledger.origin, size + 5, new Uint8Array(32).fill(1)), [ledger.keys.log]);
  writeFileSync(join(fresh, 'checkpoints', String(size + 5)), note);
  const anew = openParties({ database: database.current, dataDir, clock, log: silent });
  const parts = { database: database.current, dataDir, clock, host: 'acme.example', headSources: [anew.headSource] };
  const actor = { kind: 'service', id: 'test' } as const;
  await expect(sealLedger(parts, { reason: 'ended', actor })).rejects.toThrow(
    `${join(fresh, 'checkpoints', String(size + 5))} holds a signed head of ${size + 5} entries`,
  );
  const sealed = await sealLedger(parts, { reason: 'backup-restored', actor });
  expect(sealed.previous).toMatchObject({ finalHeadSigned: false, lostFrom: size });
  await anew.close();
});
