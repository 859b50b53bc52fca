import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  aDetector,
  aPolicy,
  aRoute,
  aSnapshot,
  aTenant,
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
import { sha256Hex } from '../kernel/hash.ts';
import type { RedactedPayload } from './ports.ts';

const CARD = '4539 1488 0343 6467';
let provider: FakeProvider;
let rig: TestGateway;
const taken: RedactedPayload[] = [];
let hasRoom = true;
const capture = {
  take: (payload: RedactedPayload) => {
    if (hasRoom) taken.push(payload);
    return hasRoom;
  },
};
const kept = (change: Parameters<typeof aSnapshot>[1] = {}) =>
  aSnapshot(provider, { tenants: [aTenant({ captureDays: 30 })], ...change });

beforeAll(async () => {
  provider = await openFakeProvider();
  rig = await openTestGateway(kept(), { capture });
});
afterAll(async () => {
  await rig.close();
  await provider.close();
});
beforeEach(() => {
  taken.length = 0;
  rig.decisions.length = 0;
  hasRoom = true;
  rig.setSnapshot(kept());
  provider.answer = (_request, response) => sendJson(response, chatAnswer('It is sunny.'));
});

async function ask(content: string, more: object = {}) {
  const response = await fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], ...more }),
  });
  const text = await response.text().catch(() => '');
  const [decision] = await rig.recorded();
  return { status: response.status, text, decision };
}
const document = () => JSON.parse(taken[0]?.document ?? 'null');

it('keeps what was asked and answered, after redaction, under the digest in the decision', async () => {
  provider.answer = (_request, response) => sendJson(response, chatAnswer(`Your card is ${CARD}.`));
  const { decision } = await ask(`How is the weather? My card is ${CARD}.`, { user: 'person-7' });
  const [payload] = taken;
  expect(decision?.payload).toEqual({
    state: 'captured',
    sha256: sha256Hex(payload?.document ?? ''),
    answer: 'whole',
    cutCharacters: 0,
  });
  expect(payload).toMatchObject({ decisionId: decision?.id, tenantId: 'ten_1', keepDays: 30 });
  expect(payload?.document).not.toContain('4539');
  expect(document()).toMatchObject({
    v: 1,
    decision: decision?.id,
    answer: { whole: true, texts: [{ text: 'Your card is [REDACTED_CREDIT_CARD].' }] },
  });
  const texts = document().request.texts.map((one: { text: string }) => one.text);
  expect(texts).toContain('How is the weather? My card is [REDACTED_CREDIT_CARD].');
  expect(payload?.personDigest).toMatch(/^[0-9a-f]{64}$/);
  // The same words twice are two digests: nobody can try out what was asked.
  rig.decisions.length = 0;
  const again = await ask(`How is the weather? My card is ${CARD}.`, { user: 'person-7' });
  expect(again.decision?.payload).not.toEqual(decision?.payload);
  expect(taken[1]?.personDigest).toBe(payload?.personDigest);
});

it('keeps a streamed answer as it went out', async () => {
  provider.answer = (_request, response) =>
    sendEvents(response, chatChunks(['Your card ', 'is 4539 1488 ', '0343 6467.']));
  const { text, decision } = await ask('Which card?', { stream: true });
  expect(text).not.toContain('4539');
  expect(decision?.payload).toMatchObject({ state: 'captured', answer: 'whole' });
  expect(document().answer.texts).toMatchObject([{ text: 'Your card is [REDACTED_CREDIT_CARD].' }]);
});

it('keeps of a stream that breaks off what was certain, and calls it partial', async () => {
  provider.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of chatChunks(['The first part is here. ', `And then ${CARD}`]).slice(0, 3)) response.write(event);
    setTimeout(() => response.destroy(), 50);
  };
  const { decision } = await ask('Go on.', { stream: true });
  expect(decision?.end).toBe('upstream_error');
  expect(decision?.payload).toMatchObject({ state: 'captured', answer: 'partial' });
  expect(document().answer).toMatchObject({ whole: false });
  expect(taken[0]?.document).toContain('The first part is here.');
  expect(taken[0]?.document).not.toContain('4539');
});

it('keeps nothing while it is off, and nothing of a call that was refused before it was screened', async () => {
  rig.setSnapshot(aSnapshot(provider));
  expect((await ask('Hello')).decision?.payload).toBeNull();
  rig.setSnapshot(kept());
  rig.decisions.length = 0;
  expect((await ask('Hello', { n: 1_000 })).decision).toMatchObject({
    payload: null,
    refusal: { stage: 'understand' },
  });
  expect(taken).toEqual([]);
});

it('keeps what is asked on a path, whoever asks', async () => {
  rig.setSnapshot(aSnapshot(provider, { routes: [aRoute({ captureDays: 7 })] }));
  await ask('Hello there');
  expect(taken[0]?.keepDays).toBe(7);
});

it.each([
  ['only flags personal data', [aDetector('personal_data', 'flag'), aDetector('secret', 'redact')]],
  ['does not look for secrets', [aDetector('personal_data', 'redact')]],
  [
    'looks at answers only',
    [aDetector('personal_data', 'redact', { direction: 'output' }), aDetector('secret', 'redact')],
  ],
] as const)('keeps nothing under a policy that %s, and says so', async (_what, detectors) => {
  rig.setSnapshot(kept({ policies: [aPolicy({ detectors: [...detectors] })] }));
  const { status, decision } = await ask('Hello there');
  expect(status).toBe(200);
  expect(decision?.payload).toEqual({ state: 'missed', reason: 'not_redacted' });
  expect(taken).toEqual([]);
});

it('keeps the prompt alone where answers are not redacted or were stopped', async () => {
  const input = [aDetector('personal_data', 'redact'), aDetector('secret', 'redact')];
  const one = (direction: 'input' | 'output', action: 'redact' | 'block') =>
    input.map((detector) => ({ ...detector, direction, action }));
  rig.setSnapshot(kept({ policies: [aPolicy({ detectors: one('input', 'redact') })] }));
  expect((await ask('Hello there')).decision?.payload).toMatchObject({ answer: 'not_redacted' });
  expect(document().answer).toBeNull();
  rig.decisions.length = 0;
  rig.setSnapshot(kept({ policies: [aPolicy({ detectors: [...one('input', 'redact'), ...one('output', 'block')] })] }));
  provider.answer = (_request, response) => sendJson(response, chatAnswer(`Your card is ${CARD}.`));
  const blocked = await ask('Hello there');
  expect(blocked.status).toBe(403);
  expect(blocked.decision?.payload).toMatchObject({ state: 'captured', answer: 'not_redacted' });
  expect(JSON.stringify(taken)).not.toContain('4539');
});

it('keeps nothing of a prompt that was blocked: what stopped it is still in it', async () => {
  rig.setSnapshot(
    kept({ policies: [aPolicy({ detectors: [aDetector('personal_data', 'block'), aDetector('secret', 'block')] })] }),
  );
  const { status, decision } = await ask(`My card is ${CARD}`);
  expect(status).toBe(403);
  expect(decision?.payload).toEqual({ state: 'missed', reason: 'not_redacted' });
  expect(taken).toEqual([]);
});

it('answers as ever when the store takes no more, and counts what it missed', async () => {
  hasRoom = false;
  const { status, decision } = await ask('Hello there');
  expect(status).toBe(200);
  expect(decision?.payload).toEqual({ state: 'missed', reason: 'queue_full' });
});

it('cuts what is too long and says how much is missing', async () => {
  const { decision } = await ask('word '.repeat(60_000));
  expect(decision?.payload).toMatchObject({ state: 'captured' });
  const { request } = document();
  const length = request.texts.reduce((sum: number, one: { text: string }) => sum + one.text.length, 0);
  expect(length).toBe(262_144);
  expect(request.cutCharacters).toBeGreaterThan(300_000 - 262_144 - 1);
  expect(decision?.payload).toMatchObject({ cutCharacters: request.cutCharacters });
});
