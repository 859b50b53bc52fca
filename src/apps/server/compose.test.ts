import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Bundle } from '#src/features/bundles/model.ts';
import type { Attestation, EvidenceDetail } from '#src/features/evidence/model.ts';
import type { Item, SystemPage } from '#src/features/inventory/model.ts';
import type { LedgerHead } from '#src/features/ledger/model.ts';
import type { Overview } from '#src/features/overview/model.ts';
import type { Scan } from '#src/features/scans/model.ts';
import { ROLES, type Role } from '#src/features/users/model.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { verifyBundle } from '#src/ledger/bundle/verify-bundle.ts';
import { fromBase64, utf8Bytes } from '#src/ledger/log/bytes.ts';
import { acceptCheckpoint, policyOfLog } from '#src/ledger/log/policy.ts';
import { verifyInclusion } from '#src/ledger/log/proof.ts';
import { hashLeaf } from '#src/ledger/log/tree.ts';
import { parseVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { readConfig } from '#src/platform/config.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { cookiesOf, PASSWORD, tokenOf } from '../../../tests/support/door.ts';
import { expectPassages, publicRoutes, walkRoutes } from '../../../tests/support/walk-routes.ts';
import { compose } from './compose.ts';
import type { Composition } from './life-cycle.ts';

const database = testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'assay-server-'));
const tree = join(folder, 'helpdesk');
let server: Composition;
let cookie: string;

const FILES = {
  'pyproject.toml': '[project]\nname = "helpdesk"\ndependencies = ["openai", "transformers"]\n',
  'app/chat.py': [
    'from openai import OpenAI',
    'from transformers import AutoModel',
    'client = OpenAI()',
    'SYSTEM_PROMPT = "You are a helpful assistant of a help desk. Answer in one sentence."',
    'reranker = AutoModel.from_pretrained("acme/reranker")',
    'def answer(question):',
    '    messages = [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": question}]',
    '    return client.chat.completions.create(model="gpt-4o", messages=messages)',
    '',
  ].join('\n'),
};

beforeAll(async () => {
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  const config = readConfig(
    { ASSAY_DATA_DIR: join(folder, 'data'), ASSAY_SCAN_ROOTS: folder, ASSAY_GATEWAY_PORT: '0' },
    folder,
  );
  const opened: Partial<OpenDatabase> = { database: database.current, dataDir: config.dataDir, embedded: true };
  server = await compose({
    config,
    log: createLog({ level: 'silent' }),
    database: opened as OpenDatabase,
    clock: Date.now,
  });
  await server.app.ready();
  await server.start();
  const told = (await server.greet?.('http://127.0.0.1:4400')) ?? [];
  const link = /http:\S+/.exec(told.join(' '))?.[0] ?? '';
  const body = { token: tokenOf(link), name: 'Olga Owner', email: 'owner@example.com', password: PASSWORD };
  const made = await server.app.inject({ method: 'POST', url: '/api/v1/setup', payload: body });
  cookie = cookiesOf(made.headers['set-cookie']);
});
afterAll(async () => {
  await server.app.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call<T>(method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object): Promise<T> {
  const headers = { cookie, origin: 'http://localhost:80' };
  const answer = await server.app.inject({ method, url: `/api/v1/${path}`, headers, ...(payload && { payload }) });
  if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
  return answer.json() as T;
}
/** Asks until it is so: jobs and the sequencer run beside the test. */
const until = <T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> =>
  vi.waitFor(
    async () => {
      const value = await read();
      if (!holds(value)) throw new Error(`not yet: ${JSON.stringify(value).slice(0, 500)}`);
      return value;
    },
    { timeout: 60_000, interval: 100 },
  );

test('before anything was read, the overview says what to run', async () => {
  const overview = await call<Overview>('GET', 'overview');
  expect(overview).toMatchObject({
    verdict: { tone: 'unknown' },
    empty: { command: 'bin/assay scan . --record' },
    collectors: [],
  });
  expect(overview.counts.passing).toBe(0);
});

test('from a source tree to a verdict, evidence with its proof, and a bundle that verifies', async () => {
  const asked = await call<Scan>('POST', 'scans', { path: tree });
  const scan = await until(
    () => call<Scan>('GET', `scans/${asked.id}`),
    ({ state }) => state !== 'queued' && state !== 'running',
  );
  expect(scan).toMatchObject({ state: 'recorded', error: null, summary: { unchanged: false, complete: true } });

  const { items } = await call<{ items: Item[] }>('GET', 'inventory/items');
  expect(items.map((item) => [item.kind, item.provider])).toEqual(
    expect.arrayContaining([
      ['third_party_ai_service', 'openai'],
      ['model', expect.anything()],
    ]),
  );
  const { items: systems } = await call<SystemPage>('GET', 'inventory/systems');
  expect(systems).toMatchObject([{ state: 'proposed', source: { title: 'helpdesk' } }]);

  const overview = await call<Overview>('GET', 'overview');
  expect(overview.empty).toBeNull();
  expect(overview.counts.failing).toBeGreaterThan(0);
  expect(overview.verdict).toMatchObject({ tone: 'bad', sentence: expect.stringMatching(/control.* fail/) });
  expect(overview.newFailures.map((change) => change.testId)).toContain('model-revision-pinned');
  expect(overview.doNext.length).toBeGreaterThan(0);
  expect(overview.collectors).toMatchObject([{ title: 'helpdesk', complete: true, stale: false }]);

  const evidence = await until(
    () => call<EvidenceDetail>('GET', `evidence/${scan.evidenceId}`),
    ({ ledger }) => ledger.state === 'integrated',
  );
  const { leaf, proof, checkpoint, vkey, index } = evidence.ledger;
  const { checkpoint: head } = acceptCheckpoint(policyOfLog(parseVerifierKey(vkey)), utf8Bytes(checkpoint ?? ''));
  const hashes = proof.map((hash) => fromBase64(hash) ?? new Uint8Array());
  expect(verifyInclusion(index ?? -1, head.size, hashLeaf(utf8Bytes(leaf ?? '')), hashes, head.root)).toBe(true);
  expect(JSON.parse(leaf ?? '').blobs[0].sha256).toBe(evidence.sha256);

  const ordered = await call<Bundle>('POST', 'bundles', {});
  const bundle = await until(
    () => call<Bundle>('GET', `bundles/${ordered.id}`),
    ({ state }) => state !== 'queued' && state !== 'running',
  );
  expect(bundle).toMatchObject({ state: 'ready', error: null });
  const file = await server.app.inject({
    method: 'GET',
    url: `/api/v1/bundles/${bundle.id}/download`,
    headers: { cookie },
  });
  const bytes = new Uint8Array(file.rawPayload);
  expect(sha256Hex(bytes)).toBe(bundle.sha256);
  expect(await verifyBundle(bytes)).toMatchObject({ ok: true });
  const changed = bytes.slice();
  const middle = Math.floor(bytes.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  expect(await verifyBundle(changed)).toMatchObject({ ok: false });
});

test('the same tree again is unchanged; with the revision pinned, the failing test passes', async () => {
  const again = async () => {
    const asked = await call<Scan>('POST', 'scans', { path: tree });
    return until(
      () => call<Scan>('GET', `scans/${asked.id}`),
      ({ state }) => state !== 'queued' && state !== 'running',
    );
  };
  expect(await again()).toMatchObject({ state: 'recorded', summary: { unchanged: true } });
  const pinned = FILES['app/chat.py'].replace(
    '"acme/reranker"',
    `"acme/reranker", revision="${'0123456789'.repeat(4)}"`,
  );
  writeFileSync(join(tree, 'app/chat.py'), pinned);
  const scan = await again();
  expect(scan.summary?.changedTests).toContainEqual({ id: 'model-revision-pinned', from: 'fail', to: 'pass' });
  writeFileSync(join(tree, 'app/chat.py'), FILES['app/chat.py']);
  await again();
  const overview = await call<Overview>('GET', 'overview');
  expect(overview.regressions).toMatchObject([{ testId: 'model-revision-pinned', from: 'pass', to: 'fail' }]);
  expect(overview.newFailures.map((change) => change.testId)).not.toContain('model-revision-pinned');
});

test('what people decide is judged at once, and recorded', async () => {
  const { items } = await call<{ items: Item[] }>('GET', 'inventory/items?kind=third_party_ai_service');
  await call('PATCH', `inventory/items/${items[0]?.id}`, { state: 'confirmed' });
  const tests = await call<{ items: { id: string; result: string }[] }>('GET', 'tests');
  expect(tests.items.find((each) => each.id === 'provider-registered')?.result).toBe('pass');

  const made = await call<Attestation>('POST', 'attestations', {
    controlId: 'AIG-01',
    evidenceId: 'AIG-01.E3',
    title: 'Reconciliation',
    source: 'Kubernetes cluster',
    query: 'kubectl get ingress -A',
    occurredAt: new Date(Date.now() - 60_000).toISOString(),
    periodFrom: '2026-01-01',
    periodTo: new Date().toISOString().slice(0, 10),
    expiresOn: new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10),
    text: 'All endpoints map to an entry.',
  });
  const control = await call<{ attestations: { id: string; state: string }[] }>('GET', 'controls/AIG-01');
  expect(control.attestations).toMatchObject([{ id: made.id, state: 'waiting' }]);
  const before = await call<LedgerHead>('GET', 'ledger');
  expect(before).toMatchObject({ level: 'signed' });
  const head = await until(
    () => call<LedgerHead>('GET', 'ledger'),
    ({ pending }) => pending === 0,
  );
  const { items: entries } = await call<{ items: { index: number; type: string }[] }>(
    'GET',
    'ledger/entries?limit=200',
  );
  // A judging job that was still under way may have added entries since.
  expect(entries[0]?.index).toBeGreaterThanOrEqual(head.size - 1);
  for (const type of [
    'inventory.decided',
    'attestation.submitted',
    'evidence.collected',
    'test.result',
    'user.created',
  ])
    expect(entries.map((entry) => entry.type)).toContain(type);
});

test('every route of the composed server lets in whom its permission allows, and nobody else', async () => {
  const keys: Partial<Record<Role, string>> = {};
  const expiresOn = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  for (const role of ROLES)
    keys[role] = (await call<{ secret: string }>('POST', 'keys', { name: role, role, expiresOn })).secret;
  const passages = await walkRoutes(server.app, keys as Record<Role, string>);
  expect(new Set(passages.map(({ route }) => route)).size).toBeGreaterThan(60);
  expect(passages.filter(({ status }) => status >= 500)).toEqual([]);
  expectPassages(passages);
  const nouns = /\/(inventory|evidence|attestations|scans|bundles|ledger|overview|controls|tests|frameworks)\b/;
  // The ledger's static files: nobody but this machine's users reaches a server with these settings.
  expect(publicRoutes(server.app).filter((route) => nouns.test(route))).toEqual(['GET /ledger/*']);
});
