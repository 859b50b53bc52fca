import { beforeAll, describe, expect, test } from 'vitest';
import { isSampled, sampleNumber } from '#src/statistics/declared-sample.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Person, type Product, testProduct } from '../../../tests/support/product.ts';
import { labelRoutes } from './index.ts';
import { reportOf } from './report.ts';

const database = testDatabase();
const started = testProduct(database, ({ services }) => [
  labelRoutes({ records: services.records, secrets: services.secrets }),
]);
let product: Product;

beforeAll(async () => {
  product = started.current;
  const { pool } = database.current;
  await pool.query(
    `insert into evaluation_run (id, title, dataset_sha256, origin, target, model, state, items, requested_at, requested_by, verdict, results_sha256)
     values ('evr_1', 'Answers', 'ab', 'lm-eval', '{}', 'm', 'finished', 40, now(), 'service:assay', 'no_data', 'cd')`,
  );
  for (let k = 0; k < 40; k++)
    await pool.query(
      `insert into evaluation_result (run_id, item_id, position, cluster, output, scores) values ('evr_1', $1, $2, $1, 'An answer.', $3)`,
      [`i${k}`, k, JSON.stringify({ judge: { score: k % 4 === 0 ? 0 : 1, passed: k % 4 !== 0, reason: null } })],
    );
});

const call = (method: string, path: string, body?: object, as: Person = product.people.engineer) =>
  product.call(method, `labels/${path}`, { cookie: as.cookie, body });
const SAMPLE = { runId: 'evr_1', scorer: 'judge', rate: 0.5 };

describe('sampling', () => {
  test('takes about the declared share, the same ones each time, and others under another seed', () => {
    const ids = Array.from({ length: 20_000 }, (_, k) => `event-${k}`);
    const taken = ids.filter((id) => isSampled(id, { rate: 0.1, seed: 1 }));
    expect(taken.length).toBeGreaterThan(1_850);
    expect(taken.length).toBeLessThan(2_150);
    expect(ids.filter((id) => isSampled(id, { rate: 0.1, seed: 1 }))).toEqual(taken);
    expect(taken.filter((id) => isSampled(id, { rate: 0.1, seed: 2 })).length).toBeLessThan(400);
    // A higher rate keeps what a lower one took.
    expect(taken.every((id) => isSampled(id, { rate: 0.2, seed: 1 }))).toBe(true);
    expect(sampleNumber('event-0', 1)).toBeLessThan(1);
  });
});

test('two people label what the rule chose; a third, a second word and a second draw are refused', async () => {
  expect((await call('POST', 'samples', { ...SAMPLE, scorer: 'nobody' })).statusCode).toBe(400);
  // Whoever asks does not choose the seed: the server draws it, and the ledger keeps it.
  expect((await call('POST', 'samples', { ...SAMPLE, seed: 4 })).statusCode).toBe(400);
  const made = await call('POST', 'samples', SAMPLE);
  expect(made.json()).toMatchObject({ eligible: 40 });
  const { sampled, seed } = made.json();
  // A fair draw of 40 at one half stays above five but for one time in a million.
  expect(sampled).toBeGreaterThan(5);
  expect((await call('POST', 'samples', SAMPLE)).statusCode).toBe(409);

  const { item, waitingForMe } = (await call('GET', 'next')).json();
  expect(waitingForMe).toBe(sampled);
  // Neither the scorer's word nor another person's is shown.
  expect(Object.keys(item).sort()).toEqual(['answer', 'context', 'id', 'input', 'itemId', 'labels', 'runId']);
  const label = { verdict: 'supported', comment: 'Second sentence.' };
  const next = await call('POST', item.id, label);
  expect(next.json()).toMatchObject({ waitingForMe: sampled - 1, waitingForOthers: 1 });
  expect((await call('POST', item.id, label)).statusCode).toBe(409);
  expect((await call('POST', item.id, label, product.people.compliance)).statusCode).toBe(200);
  expect((await call('POST', item.id, label, product.colleague)).statusCode).toBe(409);
  expect((await call('POST', 'lbi_none', label)).statusCode).toBe(404);
  await expect(database.current.pool.query('delete from label_given')).rejects.toThrow(/append-only/);

  const [report] = (await call('GET', 'report', undefined, product.people.auditor)).json().items;
  expect(report).toMatchObject({
    sampled,
    seed,
    labeledTwice: 1,
    agreement: { raw: 1 },
    measured: { flagged: 10, n: 40, rate: 0.25 },
  });
  expect(report.corrected).toMatchObject({ status: 'insufficient_data', reason: 'no_gold' });
  expect((await call('GET', 'next', undefined, product.people.auditor)).statusCode).toBe(403);
  await product.services.ledger.integrate();
  const { items } = await product.services.ledger.entries({ limit: 500 });
  const leaves = items.map((entry) => JSON.parse(Buffer.from(entry.bytes).toString('utf8')));
  expect(leaves.map(({ type }) => type)).toContain('label.given');
  const drawn = leaves.find(({ type }) => type === 'label.sampled');
  expect(drawn.body).toMatchObject({ seed, seedDrawnBy: 'server', eligible: 40, sampled });
  const chosen = Array.from({ length: 40 }, (_, k) => `evr_1/i${k}`).filter((id) => isSampled(id, { rate: 0.5, seed }));
  expect(chosen).toHaveLength(sampled);
});

describe('the report', () => {
  const gold = (flagged: boolean, verdict: 'supported' | 'unsupported', times: number) =>
    Array.from({ length: times }, () => ({ flagged, labels: [verdict, verdict] as const }));

  test('corrects the judge by what people said (Rogan-Gladen), with an interval', () => {
    // Sensitivity 0.8, specificity 0.9: (0.25 + 0.9 - 1) / (0.8 + 0.9 - 1) = 0.2142857.
    const items = [
      ...gold(true, 'unsupported', 80),
      ...gold(false, 'unsupported', 20),
      ...gold(false, 'supported', 90),
      ...gold(true, 'supported', 10),
    ];
    const report = reportOf(items, { flagged: 250, n: 1_000 });
    expect(report.corrected.status).toBe('ok');
    expect(report.corrected.rate).toBeCloseTo(0.15 / 0.7, 12);
    expect(report.corrected.interval95?.low).toBeLessThan(0.15 / 0.7);
    expect(report.agreement).toEqual({ raw: 1, kappa: 1 });
  });

  test('of a judge that is no better than a coin gives no rate', () => {
    const items = [
      ...gold(true, 'unsupported', 5),
      ...gold(false, 'unsupported', 5),
      ...gold(true, 'supported', 5),
      ...gold(false, 'supported', 5),
    ];
    expect(reportOf(items, { flagged: 5, n: 10 }).corrected).toMatchObject({ status: 'insufficient_data', rate: null });
  });

  test('takes no item for gold on which people differ', () => {
    const items = [{ flagged: true, labels: ['supported', 'unsupported'] as const }];
    const report = reportOf(items, { flagged: 1, n: 1 });
    expect(report.gold).toEqual({ positives: 0, truePositives: 0, negatives: 0, trueNegatives: 0 });
    expect(report.agreement.raw).toBe(0);
  });
});
