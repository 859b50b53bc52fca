import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { alertRoutes, alertSettingsRoutes } from '#src/features/alerts/index.ts';
import { evaluationRoutes } from '#src/features/evaluations/index.ts';
import { incidentRoutes } from '#src/features/incidents/index.ts';
import { inventoryRoutes } from '#src/features/inventory/index.ts';
import { labelRoutes } from '#src/features/labels/index.ts';
import { retentionRoutes } from '#src/features/retention/index.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { publishLedger } from '#src/ledger/store/publish.ts';
import { checkLedger } from '#src/ledger/store/store-check.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Person, type Product, testProduct } from '../../../tests/support/product.ts';
import { isPerson, personRoutes } from './index.ts';
import { ERASED_WORDS, WRITTEN, WRITTEN_IN_PARTS } from './written-words.ts';

const database = testDatabase();
const started = testProduct(
  database,
  ({ services, users }) => {
    const { records, blobs, dataKeys, dataDir, secrets, log } = services;
    const { namesOf } = users;
    return [
      alertRoutes({ records, namesOf }),
      alertSettingsRoutes({ records, namesOf, secrets, baseUrl: () => 'https://assay.example', log }),
      incidentRoutes({ records, namesOf }),
      labelRoutes({ records, secrets }),
      evaluationRoutes({ records, namesOf, queue: { add: async () => undefined } as never }),
      retentionRoutes({ records, namesOf, isPerson }),
      ...inventoryRoutes({ records, blobs, namesOf, version: '0.0.0' }),
      personRoutes({ records, dataKeys, blobs, dataDir, namesOf }),
    ];
  },
  { recordUsers: true },
);
let product: Product;
let writer: Person;
let second: Person;
let owner: Person;
beforeAll(async () => {
  product = started.current;
  ({ owner, compliance: second } = product.people);
  writer = await product.join(owner.cookie, 'admin', 'writer@example.com');
});

/** Text that is found again wherever it is kept, another one for each door. */
const said: string[] = [];
const words = (door: string) => {
  const text = `Quixotic-${said.length} said at ${door}`;
  said.push(text);
  return text;
};
async function call(method: string, path: string, body: unknown, as: Person = writer) {
  const answer = await product.call(method, path, { cookie: as.cookie, body });
  expect(answer.statusCode, `${method} ${path} ${answer.body}`).toBeLessThan(300);
  return answer.body === '' ? null : answer.json();
}

let alertsOpened = 0;
async function openAlert(): Promise<string> {
  const { alertId } = await database.current.transaction((tx) =>
    product.services.alerts.openAlert(tx, {
      source: 'monitor',
      sourceId: 'mon_1',
      subject: { kind: 'ai-system', id: 'sys_1', title: 'Support assistant' },
      severity: 'high',
      title: 'Drift of answer length',
      reasons: ['PSI is 0.31.'],
      dedupeKey: `words-${alertsOpened++}`,
      occurredAt: '2026-11-23T08:00:00.000Z',
    }),
  );
  return alertId;
}

async function sayAtEveryDoor(): Promise<void> {
  const alertId = await openAlert();
  await call('POST', 'alerts/acknowledge', { ids: [alertId], comment: words('acknowledge') });
  await call('POST', `alerts/${alertId}/comments`, { text: words('comment') });
  const { incident } = await call('POST', `alerts/${alertId}/incident`, { title: words('incident title') });
  await call('PATCH', `incidents/${incident.id}`, {
    rootCause: words('root cause'),
    lessons: words('lessons'),
    changeRef: words('change'),
    note: words('note'),
  });
  await call('PATCH', `incidents/${incident.id}`, { retestRef: words('retest') });
  await call('POST', `alerts/${alertId}/resolve`, { resolution: 'fixed', reason: words('resolve') });

  const mute = {
    source: 'monitor',
    sourceId: null,
    subjectId: null,
    severityMax: 'low',
    expiresAt: '2026-11-25T00:00:00.000Z',
  };
  await call('POST', 'alerts/mutes', { ...mute, reason: words('mute') });
  const { items } = await call('POST', 'alerts/mutes', { ...mute, reason: 'Known noise.' }, second).then(() =>
    product.call('GET', 'alerts/mutes', { cookie: owner.cookie }).then((answer) => answer.json()),
  );
  const theirs = items.find((one: { reason: string }) => one.reason === 'Known noise.');
  await call('POST', `alerts/mutes/${theirs.id}/review`, { decision: 'refused', comment: words('mute review') });
  const { settings: inForce } = (await product.call('GET', 'alerts/settings', { cookie: owner.cookie })).json();
  const settings = { ...inForce, calendar: { ...inForce.calendar, holidays: ['2026-12-25'] } };
  await call('PUT', 'alerts/settings', { settings, version: 0, reason: words('alert settings') });

  const content = {
    items: [{ id: 'a', input: 'What is 1 + 1?', expected: 2 }],
    scorers: [{ kind: 'numeric', name: 'sum', tolerance: 0 }],
    thresholds: [{ scorer: 'sum', min: 0.9, useLowerBound: false }],
    seed: 1,
    maxTokens: 64,
    temperature: 0,
    decontamination: 'Made for this test.',
    freshDays: 365,
  };
  await call('POST', 'evaluations/suites', { name: 'Sums', content, reason: words('suite') });
  const other = await call('POST', 'evaluations/suites', { name: 'More sums', content, reason: 'New.' }, second);
  const review = { decision: 'refused', comment: words('suite review') };
  await call('POST', `evaluations/suites/${other.id}/versions/1/review`, review);

  const { pool } = database.current;
  await pool.query(
    `insert into evaluation_run (id, title, dataset_sha256, origin, target, model, state, items, requested_at, requested_by, verdict, results_sha256)
     values ('evr_1', 'Answers', 'ab', 'lm-eval', '{}', 'm', 'finished', 1, now(), 'service:assay', 'no_data', 'cd');
     insert into label_sample values ('lbs_1', 'evr_1', 'judge', 1, 3, 1, now(), 'service:assay');
     insert into label_item values ('lbi_1', 'lbs_1', 'evr_1', 'i1', true, 0.5)`,
  );
  await call('POST', 'labels/lbi_1', { verdict: 'unsure', comment: words('label') });

  const hold = { subject: { kind: 'person', id: product.people.viewer.id }, reason: words('hold') };
  const { id: holdId } = await call('POST', 'retention/holds', hold);
  await call('POST', `retention/holds/${holdId}/release`, { reason: words('release') });

  const system = await call('POST', 'inventory/systems', { name: 'Assistant' });
  await call('POST', `inventory/systems/${system.id}/scope`, { decision: 'in', reason: words('scope') });
  await call('POST', `inventory/systems/${system.id}/scope`, { decision: 'out', reason: words('exclusion') });
  await call('PATCH', `inventory/systems/${system.id}`, { state: 'retired', reason: words('retire') });
}

/** Every column of every table as text, every file of the data folder, the ledger as it is published, and the log lines. */
async function everythingStored(): Promise<string> {
  const { pool } = database.current;
  const { rows } = await pool.query<{ name: string }>(
    "select table_schema || '.' || table_name as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')",
  );
  let text = product.lines.join('\n');
  for (const { name } of rows)
    for (const row of (await pool.query(`select * from ${name}`)).rows)
      for (const value of Object.values(row))
        text += `${Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value)}\n`;
  await product.services.ledger.integrate();
  await publishLedger(product.services.ledger, join(product.dataDir, 'published'));
  for (const item of readdirSync(product.dataDir, { recursive: true, withFileTypes: true }))
    if (item.isFile()) text += readFileSync(join(item.parentPath, item.name), 'latin1');
  return text;
}

/** The words, and what would let somebody confirm a guess of them: their digest, plain or of the JSON text, in any spelling. */
function tracesOf(text: string): string[] {
  return [text, JSON.stringify(text)].flatMap((form) => {
    const digest = Buffer.from(sha256Hex(form), 'hex');
    return [form, digest.toString('hex'), digest.toString('base64'), digest.toString('latin1')];
  });
}

test('what a person wrote, at whatever door, is gone with them: neither the words nor a digest is kept anywhere', async () => {
  await sayAtEveryDoor();
  const before = await everythingStored();
  expect(said.filter((text) => !before.includes(text))).toEqual([]);
  // Not even before: a digest without salt would confirm a guess for ever.
  const digests = said.flatMap((text) => tracesOf(text).filter((trace) => !trace.includes(text)));
  expect(digests.filter((digest) => before.includes(digest))).toEqual([]);

  const body = { reason: 'request', basis: 'request 2026-14', confirm: writer.id };
  await call('POST', `persons/${writer.id}/erase`, body, owner);
  const after = await everythingStored();
  const left = said.flatMap((text) =>
    tracesOf(text).flatMap((trace) =>
      after.includes(trace) ? [after.slice(Math.max(0, after.indexOf(trace) - 120), after.indexOf(trace) + 60)] : [],
    ),
  );
  expect(left).toEqual([]);
  // What others wrote stays, and so does who decided what.
  expect(after).toContain('Known noise.');
  const shown = await product.call('GET', 'alerts/mutes', { cookie: owner.cookie });
  expect(shown.json().items.find((one: { reason: string }) => one.reason === ERASED_WORDS)).toMatchObject({
    requestedBy: { id: writer.id, name: 'Erased person' },
  });
  const { rows } = await database.current.pool.query('select comment, verdict from label_given');
  expect(rows).toEqual([{ comment: ERASED_WORDS, verdict: 'unsure' }]);
  expect(await checkLedger(product.services.ledger)).toMatchObject({ ok: true });
});

test('steps and labels change in no other way', async () => {
  const { pool } = database.current;
  for (const statement of [
    `update alert_step set detail = '{}' where detail <> '{}'`,
    `update alert_step set by = 'service:x'`,
    'delete from alert_step',
    `update label_given set verdict = 'supported'`,
    `update label_given set comment = 'Something else'`,
    'delete from label_given',
    `update incident_step set kind = 'noted' where kind <> 'noted'`,
    'delete from incident_step',
  ])
    await expect(pool.query(statement), statement).rejects.toThrow('append-only');
});

// In no list of words of people, because nobody writes into them or they say what a thing of the organization is.
const NOT_REMARKS = new Set([
  'alert.reasons',
  'fact_collection.note',
  'judge_run.cause',
  'test_source_span.because',
  'test_span.because',
  'verdict_span.because',
  'attestation.statement',
  'evaluation_run.because',
  'evaluation_release.because',
  'gateway_abuse_finding.reasons',
  'gateway_policy.description',
  'groundedness_check.reason',
  'inventory_edge.because',
  'monitor_window.cause',
  'monitor_batch.cause',
  'person_erasure.reason',
]);

test('every column of the database that sounds like a remark is known to erasure', async () => {
  const { rows } = await database.current.pool.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and data_type in ('text', 'jsonb')
       and column_name ~ '(reason|reasons|comment|note|detail|statement|because|cause|description|remark)$'
       and table_name !~ '^ledger_'`,
  );
  const known = new Set(
    [...WRITTEN.map(({ words: column }) => column), ...WRITTEN_IN_PARTS].map((column) => {
      const [table] = [column.table].map(
        (one) => (one as unknown as Record<symbol, string>)[Symbol.for('drizzle:Name')],
      );
      return `${table}.${column.name}`;
    }),
  );
  expect(rows.map(({ name }) => name).filter((name) => !known.has(name) && !NOT_REMARKS.has(name))).toEqual([]);
});

test('remarks without a recorded author are listed, and go with a person only where somebody says so', async () => {
  const { pool } = database.current;
  const leaver = await product.join(owner.cookie, 'engineer', 'leaver@example.com');
  const insert = (id: string, title: string) =>
    pool.query(
      `insert into incident (id, title, severity, state, opened_at, opened_by, root_cause)
        values ($1, $2, 'low', 'open', now(), $3, 'Old cause')`,
      [id, title, `user:${leaver.id}`],
    );
  await insert('inc_old1', 'An old title');
  await insert('inc_old2', 'Another old title');
  const before = (await product.call('GET', `persons/${leaver.id}`, { cookie: owner.cookie })).json();
  const refs = before.unattributed.map(({ ref }: { ref: string }) => ref);
  expect(refs).toEqual(
    expect.arrayContaining(['incident.title/inc_old1', 'incident.root_cause/inc_old1', 'incident.title/inc_old2']),
  );
  expect(before.unattributed.every(({ words: text }: { words: string }) => text !== ERASED_WORDS)).toBe(true);
  const erase = (ref: string) =>
    product.call('POST', `persons/${leaver.id}/erase`, {
      cookie: owner.cookie,
      body: { reason: 'request', basis: 'request 12', confirm: leaver.id, words: [ref] },
    });
  expect((await erase('incident.title/inc_none')).statusCode).toBe(404);
  expect((await erase('user.email/usr_1')).statusCode).toBe(404);
  expect((await erase('incident.title/inc_old1')).statusCode).toBe(200);
  const { rows } = await pool.query(
    "select id, title, root_cause from incident where id in ('inc_old1', 'inc_old2') order by id",
  );
  expect(rows).toEqual([
    { id: 'inc_old1', title: ERASED_WORDS, root_cause: 'Old cause' },
    { id: 'inc_old2', title: 'Another old title', root_cause: 'Old cause' },
  ]);
});
