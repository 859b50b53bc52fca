import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '#src/platform/database/connect.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { acceptCheckpoint, parsePolicyText } from '../log/policy.ts';
import { formatVerifierKey, parseVerifierKey } from '../log/verifier-key.ts';
import { largestHead, watchHeads } from '../mirror/mirror-heads.ts';
import { appendEntry } from '../store/append.ts';
import { type Ledger, openLedger } from '../store/store.ts';
import { cosignaturesOf } from '../store/store-cosignatures.ts';
import { cosignedNote, openWitnesses } from './witness-clients.ts';
import { openWitnessKey } from './witness-key.ts';
import { serveWitness, type WitnessServer } from './witness-server.ts';
import { WitnessState } from './witness-state.ts';

const database = testDatabase();
const backup = testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'assay-witnesses-'));
const clock = () => Date.parse('2026-11-23T08:53:33.123Z');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const blobs = { has: async () => false, stream: async function* () {} };
const dataDir = join(folder, 'data');
const signers = ['w1', 'w2'].map((name) => {
  mkdirSync(join(folder, name));
  return openWitnessKey(join(folder, name, 'witness.key'), `witness.example/${name}`);
});
const servers: WitnessServer[] = [];
let ledger: Ledger;

async function startWitnesses(): Promise<void> {
  for (const signer of signers) {
    const name = signer.key.name.split('/')[1] ?? '';
    const logs = [parseVerifierKey(ledger.vkey)];
    const state = new WitnessState({ dataDir: join(folder, name), signer, logs, clock });
    servers.push(await serveWitness({ state, vkey: '', name, host: '127.0.0.1', port: 0, log: silent }));
  }
}
const open = (on: Database, at = dataDir, headSources: Parameters<typeof openLedger>[0]['headSources'] = []) =>
  openLedger({ database: on, blobs, dataDir: at, clock, log: silent, headSources });
const witnesses = (on: Database, urls = servers.map(({ url }) => url), said: string[] = []) =>
  openWitnesses({
    database: on,
    witnesses: signers.map(({ key }, i) => ({ url: urls[i] ?? '', key })),
    logKeys: () => [ledger.keys.log.key],
    fetch,
    clock,
    log: { ...silent, warn: (_, message) => said.push(message), error: (_, message) => said.push(message) },
    deadlineMs: 2_000,
    everyMs: 5,
  });
let appended = 0;
async function append(to: Ledger, count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await appendEntry(
      to.database.drizzle,
      {
        type: 'evidence.collected',
        actor: { kind: 'service', id: 'test' },
        subject: { kind: 'evidence', id: 'x' },
        body: {},
        dedupeKey: `witnessed-${appended++}`,
      },
      clock,
    );
  await to.integrate();
}

/** Puts what `from` holds now into `to`: a backup. */
async function copyLedger(from: Database, to: Database): Promise<void> {
  for (const table of ['ledger_log', 'ledger_entry', 'ledger_tile', 'ledger_signed']) {
    const { rows } = await from.pool.query<Record<string, unknown>>(`select * from ${table}`);
    for (const row of rows) {
      const columns = Object.keys(row);
      const places = columns.map((_, i) => `$${i + 1}`).join(', ');
      await to.pool.query(`insert into ${table} (${columns.join(', ')}) values (${places})`, Object.values(row));
    }
  }
}

beforeAll(async () => {
  ledger = await open(database.current);
  await startWitnesses();
});
afterAll(async () => {
  for (const server of servers) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('every witness cosigns the newest head, and the note with all lines meets the policy of a reader', async () => {
  await append(ledger, 3);
  const { size, outcomes } = await witnesses(database.current).cosign();
  expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(['cosigned', 'cosigned']);
  const head = await ledger.checkpoint();
  expect(size).toBe(head.size);
  const [one, two] = signers.map(({ key }) => formatVerifierKey(key));
  const policy = parsePolicyText(
    `log ${ledger.vkey}\nwitness a ${one}\nwitness b ${two}\ngroup both all a b\nquorum both\n`,
  );
  const note = await cosignedNote(database.current, ledger.origin, head);
  expect(acceptCheckpoint(policy, utf8Bytes(note)).cosigners).toHaveLength(2);
  // A second round asks nobody: what is stored is enough.
  const again = await witnesses(database.current, ['http://127.0.0.1:1', 'http://127.0.0.1:1']).cosign();
  expect([...again.outcomes.values()].map(({ kind }) => kind)).toEqual(['cosigned', 'cosigned']);
});

test('a witness that is away holds up neither signing nor the other witness, and catches up later', async () => {
  const said: string[] = [];
  const half = witnesses(database.current, [servers[0]?.url ?? '', 'http://127.0.0.1:1'], said);
  await append(ledger, 2);
  const { outcomes } = await half.cosign();
  expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(['cosigned', 'unreachable']);
  await half.cosign();
  expect(said).toEqual([expect.stringMatching(/w2 cannot be asked now/)]);
  await append(ledger, 2);
  const all = await witnesses(database.current).cosign();
  expect([...all.outcomes.values()].map(({ kind }) => kind)).toEqual(['cosigned', 'cosigned']);
});

test('two servers that submit at the same moment end with the same cosignatures', async () => {
  await append(ledger, 1);
  const rounds = await Promise.all([1, 2, 3].map(() => witnesses(database.current).cosign()));
  for (const { outcomes } of rounds) for (const { kind } of outcomes.values()) expect(kind).toBe('cosigned');
  expect(await cosignaturesOf(database.current, ledger.origin, rounds[0]?.size ?? 0)).toHaveLength(2);
});

test('the loop cosigns new heads until it is stopped', async () => {
  const stop = new AbortController();
  const running = witnesses(database.current).run(stop.signal);
  await append(ledger, 1);
  const { size } = await ledger.checkpoint();
  await expect.poll(async () => (await cosignaturesOf(database.current, ledger.origin, size)).length).toBe(2);
  stop.abort();
  await running;
});

test('what witnesses know is told to the signer once, and no more when it fits', async () => {
  const { places } = witnesses(database.current);
  const heads = await Promise.all(places.map((place) => place.knownHeads()));
  expect(largestHead(heads.flat())?.size).toBe((await ledger.checkpoint()).size);
  const source = watchHeads({ database: database.current, places });
  expect(await source()).toEqual([]);
  expect(
    await witnesses(database.current, ['http://127.0.0.1:1', 'http://127.0.0.1:1']).places[0]?.knownHeads(),
  ).toEqual([]);
});

test('a database restored from a backup is found out by what the witnesses remember, and is not signed', async () => {
  await copyLedger(database.current, backup.current);
  await append(ledger, 4);
  await witnesses(database.current).cosign();
  // The data folder is from the backup too, so its own head file knows nothing.
  const restoredDir = join(folder, 'restored');
  cpSync(join(dataDir, 'keys'), join(restoredDir, 'keys'), { recursive: true });
  const restored = witnesses(backup.current);
  const watched = watchHeads({ database: backup.current, places: restored.places });
  const reopened = await open(backup.current, restoredDir, [watched]);
  await expect(append(reopened, 1)).rejects.toThrow(
    /the witness witness.example\/w1 holds a signed head of .* older backup was restored/,
  );
  expect(await reopened.pendingCount()).toBe(1);

  // Signed all the same, by a server that asked nobody before: the next submission brings it to light.
  const careless = watchHeads({ database: backup.current, places: [] });
  const unwatched = await open(backup.current, restoredDir, [careless]);
  expect(await unwatched.integrate()).toBe(1);
  const { outcomes } = await restored.cosign();
  expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(['ahead', 'ahead']);
  await append(unwatched, 8);
  const later = await restored.cosign();
  expect([...later.outcomes.values()].map(({ kind }) => kind)).toEqual(['forked', 'forked']);
  await expect(append(reopened, 1)).rejects.toThrow(/other entries there/);
});

test('a witness that only claims to know more stops the signer too, with the way out in words', async () => {
  const claiming = openWitnesses({
    database: database.current,
    witnesses: [{ url: 'http://witness.example', key: signers[0]?.key ?? ledger.keys.log.key }],
    logKeys: () => [ledger.keys.log.key],
    fetch: async (_, { method }) =>
      method === 'GET'
        ? new Response('', { status: 404 })
        : new Response('5000\n', { status: 409, headers: { 'content-type': 'text/x.tlog.size' } }),
    clock,
    log: silent,
  });
  const source = watchHeads({ database: database.current, places: claiming.places });
  expect(await source()).toEqual([]);
  await append(ledger, 1);
  await claiming.cosign();
  await expect(source()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/take it out of the settings/),
  });
});
