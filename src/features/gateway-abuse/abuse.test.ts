import { expect, test } from 'vitest';
import type { Decision } from '#src/gateway/decision.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import { HOSTILE, ORDINARY, type Player, playOut } from '../../../tests/support/abuse-traffic.ts';
import { blockedDecision, sampleDecision } from '../../../tests/support/gateway-decisions.ts';
import { watchDecisions } from './abuse-watch.ts';
import type { CallerState } from './caller-state.ts';

function findingsOf(decisions: readonly Decision[], batch = 500) {
  const states = new Map<string, CallerState>();
  const found: ReturnType<typeof watchDecisions> = [];
  for (let from = 0; from < decisions.length; from += batch) {
    found.push(...watchDecisions(decisions.slice(from, from + batch), states));
    // States are stored as JSON between batches.
    for (const [key, state] of states) states.set(key, JSON.parse(JSON.stringify(state)));
  }
  return { found, states };
}

// What goes as slowly as people do cannot be told from them by counts; the page and the bench say so.
const TOO_SLOW = 'very slow sweep: 60 an hour for two days';

test.each(
  HOSTILE.filter(({ name }) => name !== TOO_SLOW).map((player) => [player.name, player] as const),
)('found: %s', (_name, player: Player) => {
  const { decisions, attackAt } = playOut(player, 4);
  const { found } = findingsOf(decisions);
  expect(found.filter(({ occurredAt }) => occurredAt < (attackAt ?? 0))).toEqual([]);
  const hit = found.find(({ kind }) => kind === player.expects);
  expect(hit?.reasons.length).toBeGreaterThan(0);
  expect(hit?.decisionIds.length).toBeGreaterThan(0);
});

test.each(ORDINARY.map((player) => [player.name, player] as const))('not suspected: %s', (_name, player) => {
  expect(findingsOf(playOut(player, 4).decisions).found).toEqual([]);
});

test('what goes on is told once an hour, and at once when it gets worse', () => {
  const start = Date.parse('2026-11-23T10:00:00Z');
  const blocked = (minutes: number, n: number) => blockedDecision(n, start + minutes * 60_000);
  const hours = Array.from({ length: 150 }, (_, n) => blocked(n, n + 1));
  const { found } = findingsOf(hours, 7);
  expect(found.map(({ kind }) => kind)).toEqual(Array.from({ length: found.length }, () => 'repeated_refusals'));
  expect(found.length).toBeGreaterThanOrEqual(2);
  expect(found.length).toBeLessThanOrEqual(3);
});

test('a canary of another tenant is critical at the first sight', () => {
  const at = Date.parse('2026-11-23T10:00:00Z');
  const [verdict] = sampleDecision(1, at).verdicts;
  const seen = sampleDecision(1, at, {
    verdicts: [
      { ...(verdict as NonNullable<typeof verdict>), detector: 'canary', outcome: 'blocked', kinds: ['canary'] },
    ],
  });
  expect(findingsOf([seen]).found).toMatchObject([
    { kind: 'prompt_extraction', severity: 'critical', caller: { kind: 'key' } },
  ]);
});

test('a batch judged whole shows what single calls would have shown', () => {
  const player = HOSTILE.find(({ expects }) => expects === 'near_duplicates') as Player;
  const { decisions } = playOut(player, 9);
  const kinds = (batch: number) => new Set(findingsOf(decisions, batch).found.map(({ kind }) => kind));
  expect(kinds(decisions.length)).toEqual(kinds(100));
});

test('the state of a caller stays small, whatever the caller does', () => {
  const { decisions } = playOut(HOSTILE[0] as Player, 2);
  const digests = decisions.map((decision, i) => ({ ...decision, callerDigest: `address-${i % 5_000}` }));
  const { states } = findingsOf(digests);
  for (const state of states.values()) expect(JSON.stringify(state).length).toBeLessThan(60_000);
});

test('calls without text, from nobody known or an hour late do no harm', () => {
  const at = Date.parse('2026-11-23T10:00:00Z');
  const bare = { ...sampleDecision(1, at).signals, promptSimhash: '', promptCharacters: 0 };
  const { found, states } = findingsOf([
    sampleDecision(1, at, { keyId: null, tenantId: null }),
    sampleDecision(2, at, { signals: bare, callerDigest: null }),
    sampleDecision(3, at - 3 * HOUR_MS),
  ]);
  expect(found).toEqual([]);
  expect([...states.keys()]).toEqual(['key:gky_one', 'tenant:gtn_acme']);
});
