import { beforeAll, expect, test } from 'vitest';
import { eventOfDecision, eventRoutes } from '#src/features/events/index.ts';
import { groundednessCheckRoutes, openGroundednessChecks } from '#src/features/groundedness-checks/index.ts';
import { inventoryRoutes } from '#src/features/inventory/index.ts';
import { checkRules, closedUntil, monitorRoutes } from '#src/features/monitors/index.ts';
import { sampleNumber, stratumOf } from '#src/statistics/declared-sample.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { sampleDecision } from '../../../tests/support/gateway-decisions.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { openAnswerJudging } from './answer-judging.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => {
  const { records, blobs, clock } = services;
  const { namesOf } = users;
  const checks = openGroundednessChecks({ ...services, entailment: null, gatewayUrl: () => null });
  return [
    ...inventoryRoutes({ records, blobs, namesOf, version: '0' }),
    ...eventRoutes({ database: services.database, clock, append: records.append, closedUntil }),
    ...monitorRoutes({ records, namesOf, ...services.alerts }),
    groundednessCheckRoutes({ database: services.database, clock, closedUntil, checks, rulesOf: checkRules }),
  ];
});
let product: Product;
beforeAll(() => {
  product = started.current;
});

async function ask(method: string, path: string, body?: object, cookie = product.people.engineer.cookie) {
  const answer = await product.call(method, path, { cookie, body });
  if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
  return answer.json();
}

test('calls of a route are chosen by the approved rule of its system, and by nothing else', async () => {
  const { id: systemId } = await ask('POST', 'inventory/systems', { name: 'Support chat' });
  await ask('PUT', 'events/routes/grt_chat', { systemId });
  const checks = openGroundednessChecks({ ...product.services, entailment: null, gatewayUrl: () => null });
  const judging = await openAnswerJudging({ database: database.current, checks, log: product.services.log });
  // Nobody approved anything yet.
  expect(judging.mayWant('grt_chat', 'dec_1')).toBe(false);
  const sampling = { salt: 'route-rule', rate: 0.2, strata: [{ key: 'tenant', value: 'gtn_rare', rate: 1 }] };
  const { monitor } = await ask('POST', 'monitors', {
    systemId,
    definition: {
      name: 'Unsupported answers',
      metric: { type: 'hallucination', sampling },
      window: 'day',
      thresholds: { warn: 0.05, fail: 0.1 },
      ownerId: product.people.engineer.id,
    },
    reason: 'Promised.',
  });
  await judging.refresh();
  expect(judging.mayWant('grt_chat', 'dec_1')).toBe(false);
  await ask('POST', `monitors/${monitor.id}/review`, { decision: 'approved' }, product.colleague.cookie);
  await judging.refresh();

  const nowMs = product.clock.nowMs;
  const decisions = Array.from({ length: 60 }, (_, k) => {
    const decision = sampleDecision(k + 1, nowMs + k, { tenantId: k % 6 === 0 ? 'gtn_rare' : 'gtn_acme' });
    return { ...decision, signals: { ...decision.signals, groundable: true } };
  });
  for (const decision of decisions)
    judging.take({
      decision,
      answer: 'The battery is covered for 36 months.',
      context: ['The battery is covered for 12 months.'],
    });
  judging.take({ decision: { ...sampleDecision(99, nowMs), routeId: 'grt_other' }, answer: 'x', context: ['y'] });
  await checks.idle();
  const { rows } = await database.current.pool.query(
    'select event_id, state, unsupported from groundedness_check order by event_id',
  );
  const due = decisions.filter((decision) => {
    const { segment, id } = eventOfDecision(decision, () => systemId);
    return sampleNumber(id, sampling.salt) < stratumOf(sampling, (key) => segment[key]).rate;
  });
  expect(rows.map((row) => row.event_id)).toEqual(due.map(({ id }) => id).sort());
  expect(due.length).toBeGreaterThanOrEqual(10);
  expect(due.length).toBeLessThan(40);
  for (const row of rows) expect(row).toMatchObject({ state: 'judged', unsupported: 1 });
  judging.close();
  await checks.close();
});
