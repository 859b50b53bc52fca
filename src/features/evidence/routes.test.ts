import { beforeAll, expect, test } from 'vitest';
import { CONTROL_TESTS } from '#src/control-tests/index.ts';
import { factsAt } from '#src/features/facts/index.ts';
import { COMMAND_LINE } from '#src/features/records/index.ts';
import { recordScan } from '#src/features/scans/index.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import { fromBase64, utf8Bytes } from '#src/ledger/log/bytes.ts';
import { acceptCheckpoint, policyOfLog } from '#src/ledger/log/policy.ts';
import { verifyInclusion } from '#src/ledger/log/proof.ts';
import { hashLeaf } from '#src/ledger/log/tree.ts';
import { parseVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { multipart } from '../../../tests/support/multipart.ts';
import { type Person, type Product, testProduct } from '../../../tests/support/product.ts';
import { repository, scanResult } from '../../../tests/support/scan-result.ts';
import { attestationRoutes, evidenceRoutes } from './index.ts';
import { type Attestation, type EvidenceDetail, UPLOAD_MAX_BYTES } from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => {
  const { records, blobs, dataKeys, ledger, clock, catalog } = services;
  const { namesOf, mayUse } = users;
  const findControl = (id: string) => catalog.controls.find((control) => control.id === id) ?? null;
  return [
    evidenceRoutes({ database: database.current, clock, namesOf, ledger, blobs, dataKeys }),
    attestationRoutes({ records, blobs, namesOf, findControl, mayUse }),
  ];
});
let product: Product;
let engineer: Person;
let compliance: Person;

beforeAll(() => {
  product = started.current;
  engineer = product.people.engineer;
  compliance = product.people.compliance;
});

const FIELDS = {
  controlId: 'AIG-01',
  evidenceId: 'AIG-01.E3',
  title: 'Reconciliation of inventory to endpoints',
  source: 'Kubernetes cluster prod-eu',
  query: 'kubectl get ingress -A, compared by hand with the inventory export',
  occurredAt: '2026-11-20T10:00:00Z',
  periodFrom: '2026-08-01',
  periodTo: '2026-11-20',
  expiresOn: '2027-02-20',
};
const STATEMENT = { ...FIELDS, text: 'All 14 endpoints map to an inventory entry.' };

const call = (method: string, path: string, person: Person, body?: unknown, headers?: Record<string, string>) =>
  product.call(method, path, { cookie: person.cookie, body, ...(headers && { headers }) });
const submit = async (body: object = STATEMENT, person = engineer): Promise<Attestation> => {
  const answer = await call('POST', 'attestations', person, body);
  expect(answer.statusCode).toBe(201);
  return answer.json();
};
const upload = (fields: Record<string, string>, ...files: Parameters<typeof multipart>[1][]) => {
  const { body, headers } = multipart(fields, ...files);
  return call('POST', 'attestations', engineer, body, headers);
};
const evidence = async (id: string): Promise<EvidenceDetail> => (await call('GET', `evidence/${id}`, engineer)).json();
const blobCount = async () => {
  const { rows } = await database.current.pool.query('select count(*) as count from blob');
  return rows[0].count;
};

test.each([
  ['GET', 'evidence', undefined],
  ['GET', 'evidence/evd_x', undefined],
  ['GET', 'evidence/evd_x/content', undefined],
  ['GET', 'attestations', undefined],
  ['GET', 'attestations/att_x', undefined],
  ['POST', 'attestations', STATEMENT],
  ['POST', 'attestations/att_x/review', { decision: 'accepted' }],
  ['POST', 'attestations/att_x/withdraw', { reason: 'x' }],
])('%s %s is closed to viewers and strangers', async (method, path, body) => {
  expect((await call(method, path, product.people.viewer, body)).statusCode).toBe(403);
  expect((await product.call(method, path, { body })).statusCode).toBe(401);
});

test.each([
  ['that ends early', '--b\r\ncontent-disposition: form-data; name="title"\r\n\r\nx'],
  ['with a broken part', '--b\r\nnonsense\r\n\r\nx\r\n--b--\r\n'],
  ['that is empty', ''],
])('an upload %s is the sender’s fault, and nothing of it is kept', async (_what, body) => {
  const before = await blobCount();
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const answer = await call('POST', 'attestations', engineer, Buffer.from(body), headers);
  expect(answer.json()).toMatchObject({ status: 400, code: 'invalid_input' });
  expect(await blobCount()).toBe(before);
});

test('an auditor reads evidence and hands in none', async () => {
  const { auditor } = product.people;
  expect((await call('GET', 'evidence', auditor)).statusCode).toBe(200);
  expect((await call('POST', 'attestations', auditor, STATEMENT)).statusCode).toBe(403);
});

test.each([
  ['GET', 'evidence/evd_none', undefined],
  ['GET', 'evidence/evd_none/content', undefined],
  ['GET', 'attestations/att_none', undefined],
  ['POST', 'attestations/att_none/review', { decision: 'accepted' }],
  ['POST', 'attestations/att_none/withdraw', { reason: 'x' }],
  ['POST', 'attestations', { ...STATEMENT, controlId: 'ZZZ-99' }],
])('%s %s says that there is no such thing', async (method, path, body) => {
  expect((await call(method, path, compliance, body)).json()).toMatchObject({ status: 404, code: 'not_found' });
});

test('the evidence of a scan carries source, query, times, counts and a proof that verifies', async () => {
  const { records, blobs, ledger } = product.services;
  const result = scanResult(product.clock.nowMs);
  const { evidenceId } = await recordScan({ records, blobs, tests: CONTROL_TESTS }, result, COMMAND_LINE);
  expect((await evidence(evidenceId)).ledger).toMatchObject({ state: 'pending', index: null });
  await ledger.integrate();
  const shown = await evidence(evidenceId);
  expect(shown).toMatchObject({
    kind: 'scan',
    grade: 'A',
    state: 'current',
    source: result.source,
    collector: { kind: 'service', name: 'Source tree scanner' },
    observedAt: result.finishedAt,
    completeness: expect.arrayContaining([{ what: 'Files read', value: '12' }]),
    ledger: { state: 'integrated' },
  });
  expect(shown.query).toContain('0123456789abcdef');
  expect(shown.tests).toContain('hosted-model-version-pinned');
  expect(shown.controls).toContain('AIG-08');
  const { leaf, proof, checkpoint, vkey, index, size } = shown.ledger;
  const accepted = acceptCheckpoint(policyOfLog(parseVerifierKey(vkey)), utf8Bytes(checkpoint ?? ''));
  const hashes = proof.map((hash) => fromBase64(hash) ?? new Uint8Array());
  const leafHash = hashLeaf(utf8Bytes(leaf ?? ''));
  expect(accepted.checkpoint.size).toBe(size);
  expect(verifyInclusion(index ?? -1, accepted.checkpoint.size, leafHash, hashes, accepted.checkpoint.root)).toBe(true);
  expect(JSON.parse(leaf ?? '').blobs).toMatchObject([{ sha256: shown.sha256, size: shown.sizeBytes }]);
  expect(leaf).not.toContain('acme');

  const content = await call('GET', `evidence/${evidenceId}/content`, engineer);
  expect(sha256Hex(content.rawPayload)).toBe(shown.sha256);
  expect(content.headers).toMatchObject({
    'content-type': 'application/json',
    'content-disposition': expect.stringMatching(/^attachment; /),
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining('sandbox'),
    'cache-control': 'no-store',
  });
});

test('a changed tree supersedes its evidence; the same tree confirms it', async () => {
  const { records, blobs, ledger } = product.services;
  const services = { records, blobs, tests: CONTROL_TESTS };
  const source = { key: 'git:example.com/acme/again', title: 'acme/again' };
  const first = await recordScan(services, scanResult(product.clock.nowMs, { source }), COMMAND_LINE);
  product.clock.nowMs += 60_000;
  await recordScan(services, scanResult(product.clock.nowMs, { source }), COMMAND_LINE);
  await ledger.integrate();
  expect(await evidence(first.evidenceId)).toMatchObject({
    state: 'current',
    confirmedAt: toInstant(product.clock.nowMs),
    confirmations: [{ ledgerIndex: expect.any(Number) }],
  });
  product.clock.nowMs += 60_000;
  const facts = [repository({ hasTests: true })];
  const second = await recordScan(services, scanResult(product.clock.nowMs, { source, facts }), COMMAND_LINE);
  expect(await evidence(first.evidenceId)).toMatchObject({ state: 'superseded', supersededBy: second.evidenceId });
  expect(await evidence(second.evidenceId)).toMatchObject({ state: 'current', supersedes: first.evidenceId });
  const list = await call('GET', `evidence?source=${encodeURIComponent(source.key)}`, engineer);
  expect(list.json()).toMatchObject({ total: 2, items: [{ id: second.evidenceId }, { id: first.evidenceId }] });
});

test('a statement becomes evidence of grade D, waits for review, and is a fact', async () => {
  const made = await submit();
  expect(made).toMatchObject({
    state: 'waiting',
    form: 'statement',
    grade: 'D',
    owner: { id: engineer.id },
    review: null,
    text: STATEMENT.text,
    reviewable: { may: false },
  });
  expect(await evidence(made.evidenceItemId)).toMatchObject({
    kind: 'statement',
    state: 'waiting',
    controls: ['AIG-01'],
    attestationId: made.id,
    periodFrom: '2026-08-01',
  });
  const stored = await factsAt(database.current.drizzle, toInstant(product.clock.nowMs), ['attestation']);
  const facts = stored.flatMap((source) => source.facts);
  expect(facts.find((fact) => fact.key === made.id)?.body).toMatchObject({ review: 'waiting', ownerId: engineer.id });
});

test('its owner cannot review it, a second person can, once, and the ledger holds both', async () => {
  const made = await submit(STATEMENT, compliance);
  const review = (person: Person, body: object) => call('POST', `attestations/${made.id}/review`, person, body);
  const own = await review(compliance, { decision: 'accepted' });
  expect(own.json()).toMatchObject({ status: 403, message: expect.stringContaining('another person') });
  expect((await review(engineer, { decision: 'accepted' })).statusCode).toBe(403);
  expect((await review(product.colleague, { decision: 'rejected' })).statusCode).toBe(400);
  expect((await call('GET', `attestations/${made.id}`, product.colleague)).json().reviewable.may).toBe(true);
  expect((await review(product.colleague, { decision: 'accepted' })).json()).toMatchObject({
    state: 'accepted',
    review: { decision: 'accepted', by: { id: product.colleague.id } },
  });
  expect((await review(product.people.admin, { decision: 'rejected', comment: 'x' })).statusCode).toBe(409);
  await product.services.ledger.integrate();
  const { items } = await product.services.ledger.entries({ limit: 20 });
  const leaves = items.map((entry) => JSON.parse(Buffer.from(entry.bytes).toString('utf8')));
  const own2 = leaves.filter((leaf) => leaf.subject.id === made.id);
  expect(own2.map((leaf) => [leaf.type, leaf.actor.id])).toEqual([
    ['attestation.reviewed', product.colleague.id],
    ['attestation.submitted', compliance.id],
  ]);
});

test('only the owner withdraws; what is withdrawn is no fact any more and cannot be reviewed', async () => {
  const made = await submit();
  const withdraw = (person: Person) =>
    call('POST', `attestations/${made.id}/withdraw`, person, { reason: 'Wrong cluster.' });
  expect((await withdraw(compliance)).statusCode).toBe(403);
  expect((await withdraw(engineer)).json()).toMatchObject({ state: 'withdrawn' });
  expect((await withdraw(engineer)).statusCode).toBe(409);
  const review = await call('POST', `attestations/${made.id}/review`, compliance, { decision: 'accepted' });
  expect(review.statusCode).toBe(409);
  const stored = await factsAt(database.current.drizzle, toInstant(product.clock.nowMs), ['attestation']);
  expect(stored.flatMap((source) => source.facts.map((fact) => fact.key))).not.toContain(made.id);
});

const without = (field: keyof typeof STATEMENT) => {
  const { [field]: _, ...rest } = STATEMENT;
  return rest;
};
test.each([
  ['source', without('source')],
  ['occurredAt', without('occurredAt')],
  ['periodFrom', without('periodFrom')],
  ['periodTo', without('periodTo')],
  ['expiresOn', without('expiresOn')],
  ['text', without('text')],
  ['source', { ...STATEMENT, source: '  ' }],
  ['occurredAt', { ...STATEMENT, occurredAt: '2026-11-24T10:00:00Z' }],
  ['occurredAt', { ...STATEMENT, occurredAt: 'yesterday' }],
  ['periodTo', { ...STATEMENT, periodTo: '2026-07-01' }],
  ['periodTo', { ...STATEMENT, periodTo: '2026-12-01' }],
  ['expiresOn', { ...STATEMENT, expiresOn: '2026-11-23' }],
  ['expiresOn', { ...STATEMENT, expiresOn: '2029-01-01' }],
  ['evidenceId', { ...STATEMENT, evidenceId: 'AIG-02.E1' }],
  ['reviewer', { ...STATEMENT, reviewer: 'me' }],
])('an attestation with a wrong %s is refused and nothing is kept', async (field, body) => {
  const before = (await call('GET', 'attestations', engineer)).json().total;
  const answer = await call('POST', 'attestations', engineer, body);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().message).toContain(field);
  expect((await call('GET', 'attestations', engineer)).json().total).toBe(before);
});

test('a file is stored as what its bytes are, under a clean name, as grade C', async () => {
  const content = Buffer.from('%PDF-1.7\nreconciled\n');
  const answer = await upload(FIELDS, { fileName: '../../Reconciled Q4.exe', type: 'text/html', content });
  expect(answer.statusCode).toBe(201);
  expect(answer.json()).toMatchObject({
    form: 'file',
    grade: 'C',
    mediaType: 'application/pdf',
    fileName: 'Reconciled Q4.exe.pdf',
    sizeBytes: content.length,
    // Of the file as it is kept, which is encrypted.
    sha256: expect.not.stringMatching(sha256Hex(content)),
    text: null,
  });
  const fetched = await call('GET', `evidence/${answer.json().evidenceItemId}/content`, compliance);
  expect(fetched.rawPayload.equals(content)).toBe(true);
  expect(fetched.headers['content-disposition']).toContain('filename="Reconciled Q4.exe.pdf"');
});

test.each([
  ['a program', [{ fileName: 'x.pdf', content: '\x7fELF\x02' }], 415, 'not a kind of file'],
  ['a page with scripts', [{ fileName: 'x.txt', content: '<html><script>1</script>' }], 415, 'PDF'],
  ['an empty file', [{ fileName: 'x.txt', content: '' }], 400, 'empty'],
  ['no file', [], 400, 'no file'],
  ['another part name', [{ name: 'evil', fileName: 'x.txt', content: 'x' }], 400, 'named "file"'],
  [
    'two files',
    [
      { fileName: 'a.txt', content: 'a' },
      { fileName: 'b.txt', content: 'b' },
    ],
    413,
    'Too many files',
  ],
])('%s is refused', async (_what, files, status, words) => {
  const answer = await upload(FIELDS, ...files);
  expect(answer.json()).toMatchObject({ status, message: expect.stringContaining(words) });
});

test('an upload with a wrong field is refused before its file is read', async () => {
  const before = await blobCount();
  const content = Buffer.alloc(300_000, 'a');
  const answer = await upload({ ...FIELDS, periodTo: '2027-01-01' }, { fileName: 'x.txt', content });
  expect(answer.json()).toMatchObject({ status: 400, message: expect.stringContaining('periodTo') });
  const twice = await upload({ ...FIELDS, text: 'and a statement' }, { fileName: 'x.txt', content });
  expect(twice.json()).toMatchObject({ status: 400, message: expect.stringContaining('either') });
  expect(await blobCount()).toBe(before);
});

test('an upload over the limit is refused, and nothing of it is kept', async () => {
  const before = await blobCount();
  const content = Buffer.alloc(UPLOAD_MAX_BYTES + 1, 'a');
  const answer = await upload(FIELDS, { fileName: 'big.txt', content });
  expect(answer.json()).toMatchObject({ status: 413, code: 'too_large', message: expect.stringContaining('25 MiB') });
  expect(await blobCount()).toBe(before);
});

test('lists filter by control, kind and grade, and page from new to old', async () => {
  const page = (await call('GET', 'evidence?limit=2', engineer)).json();
  expect(page.items).toHaveLength(2);
  const next = (await call('GET', `evidence?limit=200&cursor=${page.nextCursor}`, engineer)).json();
  expect(next.items.length + 2).toBe(page.total);
  const grades = (await call('GET', 'evidence?grade=C', engineer))
    .json()
    .items.map((item: EvidenceDetail) => item.grade);
  expect(new Set(grades)).toEqual(new Set(['C']));
  const ofControl = (await call('GET', 'evidence?control=AIG-01&kind=statement', engineer)).json();
  expect(ofControl.total).toBeGreaterThan(0);
  for (const item of ofControl.items) expect(item).toMatchObject({ kind: 'statement', controls: ['AIG-01'] });
  expect((await call('GET', 'evidence?cursor=x', engineer)).statusCode).toBe(400);
  expect((await call('GET', 'evidence?kind=dance', engineer)).statusCode).toBe(400);
  expect((await call('GET', 'attestations?control=AIG-01&state=withdrawn', engineer)).json().total).toBe(1);
});

test('a statement of days far back is kept with the day it was recorded', async () => {
  const made = await submit({ ...STATEMENT, periodFrom: '2025-01-01', periodTo: '2025-03-31' });
  const shown = await evidence(made.evidenceItemId);
  expect(Date.parse(shown.recordedAt) - Date.parse(shown.periodTo ?? '')).toBeGreaterThan(600 * DAY_MS);
});

// Last, because the sessions of everybody end with the days that pass.
test('an attestation stops counting after its last day', async () => {
  const made = await submit({ ...STATEMENT, expiresOn: '2026-11-25' });
  await call('POST', `attestations/${made.id}/review`, compliance, { decision: 'accepted' });
  product.clock.nowMs = Date.parse('2026-11-25T23:00:00Z');
  const late = { ...engineer, cookie: await product.signIn('engineer@example.com') };
  expect((await call('GET', `attestations/${made.id}`, late)).json().state).toBe('accepted');
  product.clock.nowMs += 2 * 3_600_000;
  const later = { ...engineer, cookie: await product.signIn('engineer@example.com') };
  expect((await call('GET', `attestations/${made.id}`, later)).json().state).toBe('expired');
  expect((await call('GET', 'attestations?state=expired', later)).json().items).toMatchObject([{ id: made.id }]);
});
