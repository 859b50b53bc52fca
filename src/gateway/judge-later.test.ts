import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  aSnapshot,
  CLEAR_KEY,
  chatAnswer,
  chatChunks,
  type FakeProvider,
  openFakeProvider,
  openTestGateway,
  sendEvents,
  sendJson,
  type TestGateway,
} from '../../tests/support/gateway.ts';
import type { GivenAnswer } from './ports.ts';

const CARD = '4539 1488 0343 6467';
let provider: FakeProvider;
let rig: TestGateway;
const taken: GivenAnswer[] = [];
const asked: string[] = [];
let isWanted = true;

beforeAll(async () => {
  provider = await openFakeProvider();
  rig = await openTestGateway(aSnapshot(provider), {
    judging: {
      mayWant: (routeId) => {
        asked.push(routeId);
        return isWanted;
      },
      take: (given) => taken.push(given),
    },
  });
});
afterAll(async () => {
  await rig.close();
  await provider.close();
});
beforeEach(() => {
  taken.length = 0;
  asked.length = 0;
  rig.decisions.length = 0;
  isWanted = true;
  provider.answer = (_request, response) => sendJson(response, chatAnswer(`The number is ${CARD}.`));
});

async function ask(more: object = {}) {
  const response = await fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Which number?' }], ...more }),
  });
  await response.text().catch(() => '');
  const [decision] = await rig.recorded();
  return decision;
}

it.each([
  false,
  true,
])('hands over answer and context as they went out, after the call (streamed: %s)', async (stream) => {
  if (stream)
    provider.answer = (_request, response) =>
      sendEvents(response, chatChunks(['The number ', 'is 4539 1488 ', '0343 6467.']));
  const decision = await ask({ stream, assay_context: [`It is ${CARD}.`, 'There is no other.'] });
  expect(decision?.signals.groundable).toBe(true);
  expect(taken).toHaveLength(1);
  expect(taken[0]?.decision.id).toBe(decision?.id);
  // As it went out and in: nothing the policy took out comes to whoever judges.
  expect(taken[0]).toMatchObject({
    answer: 'The number is [REDACTED_CREDIT_CARD].',
    context: ['It is [REDACTED_CREDIT_CARD].', 'There is no other.'],
  });
});

it('counts what could be judged and was not chosen, and keeps no text of it', async () => {
  isWanted = false;
  const decision = await ask({ assay_context: ['It is 7.'] });
  expect(decision?.signals.groundable).toBe(true);
  expect(asked).toContain('rte_1');
  expect(taken).toHaveLength(0);
});

it('has nothing to judge without a context, or where there is no whole answer', async () => {
  expect((await ask())?.signals.groundable).toBe(false);
  expect(asked).toHaveLength(0);
  rig.decisions.length = 0;
  provider.answer = (_request, response) => sendJson(response, { error: { message: 'no' } }, 500);
  expect((await ask({ assay_context: ['It is 7.'] }))?.signals.groundable).toBe(false);
  rig.decisions.length = 0;
  provider.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of chatChunks(['The first part. ', 'And then']).slice(0, 2)) response.write(event);
    setTimeout(() => response.destroy(), 50);
  };
  expect((await ask({ stream: true, assay_context: ['It is 7.'] }))?.signals.groundable).toBe(false);
  expect(taken).toHaveLength(0);
});
