import { createDecipheriv } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { beforeAll, expect, test } from 'vitest';
import { attestationRoutes, evidenceRoutes } from '#src/features/evidence/index.ts';
import type { Attestation, EvidenceDetail } from '#src/features/evidence/model.ts';
import { retentionRoutes, runRetention } from '#src/features/retention/index.ts';
import type { Hold, Retention } from '#src/features/retention/model.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import { fromMemory } from '#src/ledger/bundle/bundle-files.ts';
import type { BundleReport } from '#src/ledger/bundle/bundle-report.ts';
import { verifyBundle } from '#src/ledger/bundle/verify-bundle.ts';
import { openZip } from '#src/ledger/bundle/zip-read.ts';
import { fromBase64 } from '#src/ledger/log/bytes.ts';
import { commitTo } from '#src/ledger/log/commitment.ts';
import type { Disclose } from '#src/ledger/store/export.ts';
import { checkLedger } from '#src/ledger/store/store-check.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { multipart } from '../../../tests/support/multipart.ts';
import { type Person as Colleague, type Product, testProduct } from '../../../tests/support/product.ts';
import { erasePerson, isPerson, personRoutes } from './index.ts';
import type { Person, PersonDetail } from './model.ts';

const database = testDatabase();
const started = testProduct(
  database,
  ({ services, users }) => {
    const { records, blobs, dataKeys, ledger, clock, catalog, dataDir } = services;
    const { namesOf, mayUse } = users;
    const findControl = (id: string) => catalog.controls.find((control) => control.id === id) ?? null;
    return [
      evidenceRoutes({ database: database.current, clock, namesOf, ledger, blobs, dataKeys }),
      attestationRoutes({ records, blobs, namesOf, findControl, mayUse }),
      personRoutes({ records, dataKeys, blobs, dataDir, namesOf }),
      retentionRoutes({ records, namesOf, isPerson }),
    ];
  },
  { recordUsers: true },
);
let product: Product;
let owner: Colleague;
let engineer: Colleague;
let compliance: Colleague;
beforeAll(async () => {
  product = started.current;
  ({ owner, engineer, compliance } = product.people);
  await call('PATCH', `users/${engineer.id}`, owner, { name: NAME });
});

const call = (method: string, path: string, person: Colleague, body?: unknown, headers?: Record<string, string>) =>
  product.call(method, path, { cookie: person.cookie, body, ...(headers && { headers }) });
const NAME = 'Edda Example';
const FIELDS = {
  controlId: 'AIG-01',
  evidenceId: 'AIG-01.E3',
  title: 'Reconciliation of inventory to endpoints',
  source: 'Kubernetes cluster prod-eu',
  query: 'kubectl get ingress -A',
  occurredAt: '2026-11-20T10:00:00Z',
  periodFrom: '2026-08-01',
  periodTo: '2026-11-20',
  expiresOn: '2027-02-20',
};
const WORDS = `I, ${NAME}, counted 14 endpoints.`;

async function submit(person: Colleague, text = WORDS): Promise<Attestation> {
  const answer = await call('POST', 'attestations', person, { ...FIELDS, text });
  expect(answer.statusCode).toBe(201);
  return answer.json();
}

async function upload(person: Colleague, content: Buffer): Promise<Attestation> {
  const { body, headers } = multipart(FIELDS, { fileName: 'people.csv', type: 'text/csv', content });
  const answer = await call('POST', 'attestations', person, body, headers);
  expect(answer.statusCode).toBe(201);
  return answer.json();
}

async function exported(id: string, disclose: Disclose = 'nothing'): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  const out = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  await product.services.ledger.exportBundle({
    out,
    bundleId: id,
    exportedBy: { kind: 'service', id: 'command-line' },
    disclose,
  });
  return Buffer.concat(chunks);
}

const whole = async (bundle: Uint8Array): Promise<BundleReport> => {
  const report = await verifyBundle(bundle);
  expect(report.firstProblem).toBeNull();
  return report;
};
const textOf = (bundle: Uint8Array) => Buffer.from(bundle).toString('latin1');

/** Every column of every table, as text, and every file of the data folder. */
async function everythingStored(): Promise<string> {
  const { pool } = database.current;
  const { rows } = await pool.query<{ name: string }>(
    "select table_schema || '.' || table_name as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')",
  );
  let text = '';
  for (const { name } of rows)
    for (const row of (await pool.query(`select * from ${name}`)).rows)
      for (const value of Object.values(row))
        text += `${Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value)}\n`;
  for (const item of readdirSync(product.dataDir, { recursive: true, withFileTypes: true }))
    if (item.isFile()) text += readFileSync(join(item.parentPath, item.name), 'latin1');
  return text + product.lines.join('\n');
}

test('the entry that makes a user commits to name and address and holds neither', async () => {
  await product.services.ledger.integrate();
  const { items } = await product.services.ledger.entries({ type: 'user.created', limit: 100 });
  const { items: changes } = await product.services.ledger.entries({ type: 'user.changed', limit: 100 });
  expect(changes.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()))).toMatchObject([
    { body: { changed: ['name'] }, commitments: { name: expect.stringMatching(/^[0-9a-f]{64}$/) } },
  ]);
  const entry = items.find(({ bytes }) => Buffer.from(bytes).includes(engineer.id));
  const leaf = JSON.parse(Buffer.from(entry?.bytes ?? []).toString());
  expect(Object.keys(leaf.commitments).sort()).toEqual(['email', 'name']);
  expect(JSON.stringify(leaf)).not.toContain('engineer@example.com');
});

test('what somebody hands in is stored encrypted, and read like anything else', async () => {
  const { evidenceItemId, sha256 } = await submit(engineer);
  const detail: EvidenceDetail = (await call('GET', `evidence/${evidenceItemId}`, compliance)).json();
  expect(detail).toMatchObject({ sealed: true, sha256, contentSha256: sha256Hex(WORDS), sizeBytes: WORDS.length });
  expect(sha256).not.toBe(sha256Hex(WORDS));
  const file = join(product.dataDir, 'blobs/sha256', sha256.slice(0, 2), sha256);
  expect(readFileSync(file, 'utf8')).not.toContain('counted');
  const content = await call('GET', `evidence/${evidenceItemId}/content`, compliance);
  expect(content.body).toBe(WORDS);
  expect(content.headers['content-type']).toBe('text/plain');
});

test('a bundle that discloses files lets its reader open them, and one that does not says nothing of them', async () => {
  const content = Buffer.from(`name,score\n${'Ada Example,1\n'.repeat(20_000)}`);
  const { sha256 } = await upload(engineer, content);
  const closed = await exported('bnd_closed');
  expect((await whole(closed)).checked.find(({ what }) => what === 'Disclosed values')).toBeUndefined();
  expect(/disclosures\/\d/.test(textOf(closed))).toBe(false);
  const open = await exported('bnd_open', 'files');
  const report = await whole(open);
  expect(report.checked.find(({ what }) => what === 'Disclosed values')?.count).toBe(2);
  const files = await openZip(fromMemory(open));
  const read = async (path: string) => Buffer.from(await files.readAt(files.names.indexOf(path)));
  const opened: string[] = [];
  for (const path of files.names) {
    if (!path.startsWith('disclosures/')) continue;
    const { content: given } = JSON.parse((await read(path)).toString());
    const leaf = JSON.parse((await read(path.replace('disclosures', 'entries'))).toString());
    expect(commitTo(given.value, fromBase64(given.salt) as Uint8Array)).toBe(leaf.commitments.content);
    const { key, nonce, tag, sha256: plain } = given.value;
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'base64'), Buffer.from(nonce, 'base64'));
    decipher.setAuthTag(Buffer.from(tag, 'base64'));
    const bytes = decipher.update(await read(`blobs/sha256/${leaf.blobs[0].sha256}`));
    decipher.final();
    expect(sha256Hex(bytes)).toBe(plain);
    if (leaf.blobs[0].sha256 === sha256) expect(bytes.equals(content)).toBe(true);
    opened.push(bytes.toString());
  }
  expect(opened).toContain(WORDS);
});

test('erasing is refused to everybody but an owner, without the id said twice, and of oneself', async () => {
  const body = { reason: 'request', basis: 'request 2026-14', confirm: engineer.id };
  for (const role of ['admin', 'compliance', 'engineer', 'auditor', 'viewer'] as const)
    expect((await call('POST', `persons/${engineer.id}/erase`, product.people[role], body)).statusCode).toBe(403);
  const slip = await call('POST', `persons/${engineer.id}/erase`, owner, { ...body, confirm: 'usr_other' });
  expect([slip.statusCode, slip.json().message]).toEqual([400, expect.stringContaining('type the id')]);
  const self = await call('POST', `persons/${owner.id}/erase`, owner, { ...body, confirm: owner.id });
  expect([self.statusCode, self.json().message]).toEqual([409, expect.stringContaining('second person')]);
  const unknown = await call('POST', 'persons/usr_none/erase', owner, { ...body, confirm: 'usr_none' });
  expect(unknown.statusCode).toBe(404);
  const named = await call('POST', `persons/${engineer.id}/erase`, owner, { ...body, basis: 'asked by a@b.example' });
  expect(named.statusCode).toBe(400);
  const key = (await call('POST', 'keys', owner, { name: 'ci', role: 'owner', expiresOn: '2026-12-31' })).json()
    .secret as string;
  expect((await product.call('POST', `persons/${engineer.id}/erase`, { key, body })).statusCode).toBe(403);
});

test('a legal hold keeps a person until it is released, and both are entries of the ledger', async () => {
  const placed = await call('POST', 'retention/holds', compliance, {
    subject: { kind: 'person', id: engineer.id },
    reason: 'Litigation 7',
  });
  expect(placed.statusCode).toBe(201);
  const hold: Hold = placed.json();
  const again = await call('POST', 'retention/holds', compliance, { subject: hold.subject, reason: 'again' });
  expect(again.statusCode).toBe(409);
  const body = { reason: 'request', basis: 'request 2026-14', confirm: engineer.id };
  const refused = await call('POST', `persons/${engineer.id}/erase`, owner, body);
  expect([refused.statusCode, refused.json().message]).toEqual([409, expect.stringContaining(hold.id)]);
  const shown: PersonDetail = (await call('GET', `persons/${engineer.id}`, owner)).json();
  expect(shown).toMatchObject({ onHold: true, state: 'held', name: NAME, files: 2 });
  expect(shown.blockedBy).toContain('legal hold');
  expect(shown.willBeLost.join(' ')).toContain('2 files or statements');
  const released = await call('POST', `retention/holds/${hold.id}/release`, compliance, { reason: 'Settled' });
  expect(released.json()).toMatchObject({ releaseReason: 'Settled' });
  expect((await call('POST', `retention/holds/${hold.id}/release`, compliance, { reason: 'x' })).statusCode).toBe(409);
  await product.services.ledger.integrate();
  for (const type of ['hold.placed', 'hold.released']) {
    const { items } = await product.services.ledger.entries({ type, limit: 10 });
    expect(items).toHaveLength(1);
    expect(Buffer.from(items[0]?.bytes ?? []).toString()).not.toMatch(/Litigation|Settled/);
  }
});

test('a person is erased: nothing says who they were, every proof and every older bundle still verifies', async () => {
  const before = await exported('bnd_before', 'everything');
  await whole(before);
  expect(textOf(before).includes('engineer@example.com')).toBe(true);
  const disclosed = JSON.parse(
    /\{"email":\{"salt":"[^"]+","value":"engineer@example.com"\}[^}]+\}\}/.exec(textOf(before))?.[0] ?? '',
  );
  const mine = (await call('GET', 'attestations', owner)).json().items as Attestation[];
  const accepted = mine[0] as Attestation;
  await call('POST', `attestations/${accepted.id}/review`, compliance, { decision: 'accepted' });

  const body = { reason: 'request', basis: 'request 2026-14', confirm: engineer.id };
  const answer = await call('POST', `persons/${engineer.id}/erase`, owner, body);
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({
    state: 'erased',
    name: null,
    email: null,
    values: 0,
    files: 0,
    erasure: { reason: 'request', files: 2 },
  });

  // No way in, no name, and nobody else lost anything.
  expect((await call('GET', 'session', engineer)).json().user).toBeNull();
  const users = (await call('GET', 'users', owner)).json().items as { id: string; name: string; email: string }[];
  expect(users.find(({ id }) => id === engineer.id)).toMatchObject({
    name: 'Erased person',
    email: `${engineer.id}@erased.invalid`,
  });
  expect(users.some(({ name }) => name === 'The compliance')).toBe(true);

  // What rested on them no longer counts, and says why nothing is there.
  const gone: EvidenceDetail = (await call('GET', `evidence/${accepted.evidenceItemId}`, owner)).json();
  expect(gone).toMatchObject({ contentSha256: null, title: 'Erased', state: 'withdrawn' });
  const content = await call('GET', `evidence/${accepted.evidenceItemId}/content`, owner);
  expect([content.statusCode, content.json().message]).toEqual([404, expect.stringContaining('erased')]);
  const file = join(product.dataDir, 'blobs/sha256', gone.sha256.slice(0, 2), gone.sha256);
  expect(existsSync(file)).toBe(false);

  // The leaf is as it was; the value cannot be confirmed by guessing, as the salt is nowhere.
  const stored = await everythingStored();
  const salt = fromBase64(disclosed.email.salt) as Uint8Array;
  const traces = [
    disclosed.email.salt,
    Buffer.from(salt).toString('latin1'),
    'engineer@example.com',
    NAME,
    'counted 14',
  ];
  // With a little of what stands before, so that a failure says where it was found.
  const found = traces.flatMap((trace) =>
    stored.includes(trace)
      ? [stored.slice(Math.max(0, stored.indexOf(trace) - 200), stored.indexOf(trace) + trace.length)]
      : [],
  );
  expect(found).toEqual([]);
  const { rows } = await database.current.pool.query('select * from ledger_disclosure where key_id = $1', [
    engineer.id,
  ]);
  expect(rows).toEqual([]);

  // Everything goes on verifying, before and after.
  await whole(before);
  const after = await exported('bnd_after', 'everything');
  const report = await whole(after);
  expect(report.facts.blobsErased).toBeGreaterThan(0);
  expect(textOf(after).includes('engineer@example.com')).toBe(false);
  expect(await checkLedger(product.services.ledger)).toMatchObject({ ok: true });
  for (const index of [0, accepted.ledgerIndex ?? 0])
    expect(await product.services.ledger.proveInclusion(index)).toMatchObject({ index });
  // The older bundle, in the hands of somebody else, still shows that the value is the one committed to.
  const { items } = await product.services.ledger.entries({
    type: 'user.created',
    series: `user:${engineer.id}`,
    limit: 1,
  });
  const { commitments } = JSON.parse(Buffer.from(items[0]?.bytes ?? []).toString());
  expect(commitTo('engineer@example.com', salt)).toBe(commitments.email);
});

test('an erased person stays erased: again is refused, and nothing is stored of them anew', async () => {
  const body = { reason: 'request', basis: 'request 2026-14', confirm: engineer.id };
  const again = await call('POST', `persons/${engineer.id}/erase`, owner, body);
  expect([again.statusCode, again.json().message]).toEqual([409, expect.stringContaining('erased already')]);
  const { records } = product.services;
  const anew = database.current.transaction((tx) =>
    records.append(tx, {
      type: 'access.reviewed',
      actor: { kind: 'service', id: 'assay' },
      subject: { kind: 'user', id: engineer.id },
      body: {},
      personal: { person: engineer.id, values: { name: NAME } },
      dedupeKey: 'anew',
    }),
  );
  await expect(anew).rejects.toThrow('erased for good');
  const listed = (await call('GET', 'persons', owner)).json().items as Person[];
  expect(listed.find(({ id }) => id === engineer.id)).toMatchObject({ state: 'erased', name: null });
});

test('the last owner cannot be erased', async () => {
  const other = await product.join(owner.cookie, 'owner', 'second-owner@example.com');
  const body = (id: string) => ({ reason: 'request', basis: 'request 15', confirm: id });
  expect((await call('POST', `persons/${other.id}/erase`, owner, body(other.id))).statusCode).toBe(200);
  const { records, dataKeys, blobs, dataDir } = product.services;
  await expect(
    erasePerson(
      { records, dataKeys, blobs, dataDir },
      owner.id,
      { reason: 'request', basis: 'x', confirm: owner.id },
      {
        kind: 'service',
        id: 'command-line',
      },
    ),
  ).rejects.toThrow('last owner');
  expect((await call('GET', 'session', owner)).json().user).not.toBeNull();
});

test('content goes when its class is over its time, except under a hold or a valid attestation', async () => {
  const held = await submit(compliance, 'Held.');
  const valid = await submit(compliance, 'Valid.');
  const due = await submit(compliance, 'Due.');
  await call('POST', `attestations/${due.id}/withdraw`, compliance, { reason: 'old' });
  await call('POST', `attestations/${held.id}/withdraw`, compliance, { reason: 'old' });
  await call('POST', 'retention/holds', compliance, {
    subject: { kind: 'evidence', id: held.evidenceItemId },
    reason: 'Audit',
  });
  expect((await call('PUT', 'retention/rules/statement', product.people.auditor, { keepDays: 30 })).statusCode).toBe(
    403,
  );
  expect((await call('PUT', 'retention/rules/leaf', compliance, { keepDays: 30 })).statusCode).toBe(400);
  await call('PUT', 'retention/rules/statement', compliance, { keepDays: 30 });
  const { records, blobs, ledger } = product.services;
  expect(await runRetention(records, blobs)).toBe(0);
  product.clock.nowMs += 31 * DAY_MS;
  const owned = { ...compliance, cookie: await product.signIn('compliance@example.com') };
  const rules = (): Promise<Retention> => call('GET', 'retention', owned).then((answer) => answer.json());
  expect((await rules()).rules.find((rule) => rule.class === 'statement')).toMatchObject({
    keepDays: 30,
    due: 2,
    held: 1,
  });
  expect(await runRetention(records, blobs)).toBe(1);
  expect(await runRetention(records, blobs)).toBe(0);
  const detail = async (id: string): Promise<EvidenceDetail> => (await call('GET', `evidence/${id}`, owned)).json();
  expect((await detail(due.evidenceItemId)).erasedAt).not.toBeNull();
  expect((await detail(held.evidenceItemId)).erasedAt).toBeNull();
  expect((await detail(valid.evidenceItemId)).erasedAt).toBeNull();
  await ledger.integrate();
  const { items } = await ledger.entries({ type: 'blob.erased', limit: 1 });
  expect(JSON.parse(Buffer.from(items[0]?.bytes ?? []).toString())).toMatchObject({
    subject: { kind: 'blob', id: due.sha256 },
    body: { reason: 'retention', basis: 'kept for 30 days', class: 'statement' },
  });
  await whole(await exported('bnd_retained'));
  expect((await ledger.entries({ type: 'retention.changed', limit: 5 })).total).toBe(1);
});
