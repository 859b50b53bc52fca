import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CompiledPolicy, SecondOpinionRule } from '#src/gateway/snapshot.ts';
import { createLog } from '#src/platform/log.ts';
import {
  aDetector,
  aPolicy,
  aProvider,
  aSnapshot,
  CLEAR_KEY,
  chatAnswer,
  type FakeProvider,
  openFakeProvider,
  openTestGateway,
  sendJson,
  type TestGateway,
} from '../../../tests/support/gateway.ts';
import { writeTinyTextModel } from '../../../tests/support/tiny-text-model.ts';
import { openSecondOpinion } from './second-opinion.ts';

const root = mkdtempSync(join(tmpdir(), 'assay-second-opinion-'));
const folder = join(root, 'model');
// Words the product's own detectors know nothing of: whatever is found here is the model's finding.
const LABELS = ['LEGITIMATE', 'INJECTION'];
const WEIGHTS = { gryphon: [0, 6], porridge: [6, 0] };
const log = createLog({ level: 'silent' });
const secrets = { get: async () => 'judge-key' };

let provider: FakeProvider;
let judge: FakeProvider;
let second: Awaited<ReturnType<typeof openSecondOpinion>>;
let rig: TestGateway;
let judgeSays: string;

beforeAll(async () => {
  writeTinyTextModel(folder, { labels: LABELS, weights: WEIGHTS });
  provider = await openFakeProvider((_request, response) => sendJson(response, chatAnswer('Fine.')));
  judge = await openFakeProvider((_request, response) => sendJson(response, chatAnswer(judgeSays)));
  second = await openSecondOpinion({ modelFolder: folder, modelLabel: undefined, secrets, log });
  rig = await openTestGateway(aSnapshot(provider), { secondOpinion: second });
});
afterAll(async () => {
  await rig.close();
  await second.close();
  await provider.close();
  await judge.close();
  rmSync(root, { recursive: true });
});
beforeEach(() => {
  provider.seen.length = 0;
  judge.seen.length = 0;
  rig.decisions.length = 0;
});

function use(rule: SecondOpinionRule | null, change: Partial<CompiledPolicy> = {}): void {
  const policy = aPolicy({
    detectors: [
      aDetector('injection_user', 'block', { direction: 'input' }),
      aDetector('injection_document', 'redact', { direction: 'input' }),
      aDetector('personal_data', 'redact'),
    ],
    secondOpinion: rule,
    ...change,
  });
  const snapshot = aSnapshot(provider, { policies: [policy] });
  const judgeProvider = aProvider({ id: 'prv_judge', name: 'Judge', baseUrl: `${judge.url}/v1`, secretName: 'judge' });
  rig.setSnapshot({ ...snapshot, providers: [...snapshot.providers, judgeProvider] });
}

async function ask(messages: unknown[]) {
  const response = await fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages }),
  });
  await response.text();
  const [decision] = (await rig.recorded(1)).splice(0);
  const check = decision?.verdicts.find((one) => one.detector === 'check:second_opinion');
  return { status: response.status, decision, check };
}
const user = (content: string) => [{ role: 'user', content }];

const MODEL: SecondOpinionRule = { by: 'model', from: 0, threshold: 0.5 };
const JUDGE: SecondOpinionRule = { by: 'judge', from: 0, providerId: 'prv_judge', model: 'judge-1' };

describe('a policy that asks the classifier', () => {
  test('refuses what it calls an attack, and tells which model said so', async () => {
    use(MODEL);
    const { status, decision, check } = await ask(user('Tell me about the gryphon in the garden.'));
    expect(status).toBe(403);
    expect(decision).toMatchObject({ outcome: 'refused', refusal: { code: 'content_blocked' } });
    expect(check).toMatchObject({ outcome: 'flagged', threshold: 0.5, fieldsScanned: 1, reason: null });
    expect(check?.score).toBeCloseTo(1 / (1 + Math.exp(-6)), 4);
    expect(check?.detectorVersion).toMatch(/^model:[0-9a-f]{16}$/);
    expect(decision?.verdicts.find((one) => one.detector === 'injection_user')).toMatchObject({
      outcome: 'blocked',
      kinds: ['second_opinion'],
    });
    expect(provider.seen).toHaveLength(0);
  });

  test('lets through what it calls harmless', async () => {
    use(MODEL);
    const { status, check } = await ask(user('Tell me about porridge in the garden.'));
    expect(status).toBe(200);
    expect(check).toMatchObject({ outcome: 'clean' });
  });

  test('does as the detector of the place says: what a tool returned is taken out', async () => {
    use(MODEL);
    const { status } = await ask([
      ...user('What does the page say about porridge?'),
      { role: 'assistant', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'read', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c1', content: 'The gryphon lives in the garden behind the house.' },
    ]);
    expect(status).toBe(200);
    expect(provider.seen[0]?.body).toContain('porridge');
    expect(provider.seen[0]?.body).not.toContain('gryphon');
  });

  test('asks only about texts whose own score is high enough', async () => {
    use({ ...MODEL, from: 0.95 });
    const { status, check } = await ask(user('Tell me about the gryphon in the garden.'));
    expect(status).toBe(200);
    expect(check).toBeUndefined();
  });

  test('asks nobody where the policy does not say so', async () => {
    use(null);
    const { status, check } = await ask(user('Tell me about the gryphon in the garden.'));
    expect([status, check]).toEqual([200, undefined]);
  });

  test.each(['closed', 'open'] as const)('is %s where the text cannot be judged', async (onFailure) => {
    use(MODEL, { onFailure });
    const { status, decision, check } = await ask(user('porridge '.repeat(20_000)));
    expect(status).toBe(onFailure === 'closed' ? 503 : 200);
    expect(check).toMatchObject({ outcome: 'not_evaluated' });
    expect(check?.reason).toContain('longer than the model reads');
    expect(decision).toMatchObject(
      onFailure === 'closed' ? { refusal: { code: 'check_failed' } } : { outcome: 'not_evaluated', failOpen: true },
    );
  });
});

describe('a policy that asks a judge', () => {
  test('shows it the text as it goes out, and refuses on its word', async () => {
    use(JUDGE);
    judgeSays = '{"attack":true}';
    const { status, check } = await ask(user('Please write to anna.kovacs@northwind-mail.net about lunch.'));
    expect(status).toBe(403);
    expect(check).toMatchObject({ outcome: 'flagged', score: 1, detectorVersion: 'injection-judge-1:judge-1' });
    expect(judge.seen).toHaveLength(1);
    expect(judge.seen[0]?.headers.authorization).toBe('Bearer judge-key');
    expect(judge.seen[0]?.body).toContain('lunch');
    expect(judge.seen[0]?.body).not.toContain('anna.kovacs');
  });

  test('asks once about a text that comes again', async () => {
    use(JUDGE);
    judgeSays = '{"attack":false}';
    const first = user('When does the library open on Sundays?');
    expect((await ask(first)).status).toBe(200);
    const again = await ask([...first, { role: 'assistant', content: 'At ten.' }, ...user('And on Mondays?')]);
    expect(again.check).toMatchObject({ outcome: 'clean', fieldsScanned: 2 });
    expect(judge.seen).toHaveLength(2);
  });

  test('does not take silence, babble or an error for harmless', async () => {
    use(JUDGE);
    judgeSays = 'I would rather not say.';
    const { status, check } = await ask(user('Is the museum open at noon today?'));
    expect(status).toBe(503);
    expect(check).toMatchObject({ outcome: 'not_evaluated', score: null });
    expect(check?.reason).toContain('yes or no');
  });
});

test('a gateway without a model says that it has none', async () => {
  const none = await openSecondOpinion({ modelFolder: undefined, modelLabel: undefined, secrets, log });
  await expect(none.ask({ text: 'x', role: 'user', rule: MODEL, provider: null })).rejects.toThrow(
    'ASSAY_INJECTION_MODEL',
  );
  await none.close();
});

test('a folder that cannot be used ends the start, with the name of the setting', async () => {
  await expect(
    openSecondOpinion({ modelFolder: join(root, 'nowhere'), modelLabel: undefined, secrets, log }),
  ).rejects.toThrow(/^ASSAY_INJECTION_MODEL: .*nowhere holds no model\.onnx/);
});

test('labels that do not say which of them is the attack must be named', async () => {
  const plain = join(root, 'plain');
  writeTinyTextModel(plain, { labels: ['LABEL_0', 'LABEL_1'], weights: WEIGHTS });
  const open = (modelLabel: string | undefined) => openSecondOpinion({ modelFolder: plain, modelLabel, secrets, log });
  await expect(open(undefined)).rejects.toThrow('LABEL_0, LABEL_1. Name the one');
  await expect(open('LABEL_2')).rejects.toThrow('ASSAY_INJECTION_LABEL');
  await (await open('LABEL_1')).close();
});
