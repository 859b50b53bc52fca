import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { crc32 } from '#src/kernel/hash.ts';
import { blockedDecision, sampleDecision } from '../../../tests/support/gateway-decisions.ts';
import type { Decision } from '../decision.ts';
import { encodeDecision } from './encode-decision.ts';
import { JournalPages } from './journal-pages.ts';
import { decode, encodeAll } from './recorded.ts';

const text = fc.string({ unit: 'binary', maxLength: 80 }).map((one) => one.toWellFormed());
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const mayBe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const verdict = fc.record({
  detector: fc.constantFrom('secret', 'personal_data', 'check:json_schema', 'cel:a"b'),
  direction: fc.constantFrom('input', 'output'),
  action: fc.constantFrom('observe', 'redact', 'block'),
  outcome: fc.constantFrom('clean', 'redacted', 'not_evaluated'),
  score: mayBe(fc.double({ min: 0, max: 1, noNaN: true })),
  threshold: mayBe(fc.constantFrom(0.5, 1e-7)),
  kinds: fc.array(text, { maxLength: 2 }),
  spans: fc.array(fc.record({ field: text, start: count, end: count, kind: text, sha256: text }), { maxLength: 2 }),
  charactersScanned: count,
  fieldsScanned: count,
  detectorVersion: text,
  tookUs: count,
  reason: mayBe(text),
});
/** What a decision may hold beyond what the samples do. */
const change = fc.record({
  modelAsked: mayBe(text),
  modelAnswered: mayBe(text),
  pathPattern: text,
  tenantId: mayBe(text),
  parentSpanId: mayBe(text),
  costMicroUsd: mayBe(count),
  verdicts: fc.array(verdict, { maxLength: 4 }),
  attempts: fc.array(
    fc.record({
      providerId: text,
      startedUs: count,
      tookUs: count,
      status: mayBe(count),
      failure: mayBe(fc.constant('provider_timeout')),
      spanId: text,
    }),
    { maxLength: 2 },
  ),
  toolCalls: fc.array(
    fc.oneof(
      fc.record({ name: text, allowed: fc.boolean(), reason: mayBe(text) }),
      fc.record({ name: text, allowed: fc.boolean(), reason: mayBe(text), approvalId: text }),
    ),
    { maxLength: 2 },
  ),
  payload: mayBe(fc.constantFrom({ state: 'missed', reason: 'no_store' } as const)),
});

describe('a decision as bytes', () => {
  it('is its canonical JSON, whatever it holds', () => {
    fc.assert(
      fc.property(change, fc.boolean(), (held, isBlocked) => {
        const make = isBlocked ? blockedDecision : sampleDecision;
        const decision = make(1, 1_764_000_000_000, held as Partial<Decision>);
        expect(encodeDecision(decision).toString()).toBe(canonicalJson(decision));
      }),
    );
  });

  it('has a canonical form even where a caller names half a code point', () => {
    const json = encodeDecision(sampleDecision(1, 1_764_000_000_000, { modelAsked: 'gpt\ud800' })).toString();
    expect(JSON.parse(json).modelAsked).toBe('gpt\ufffd');
    expect(canonicalJson(JSON.parse(json))).toBe(json);
  });

  it('knows every member there is', () => {
    const decision = sampleDecision(1, 1_764_000_000_000);
    expect(Object.keys(JSON.parse(encodeDecision(decision).toString()))).toEqual(Object.keys(decision).sort());
  });

  it('comes back whole', () => {
    const decisions = [sampleDecision(1, 1_764_000_000_000), blockedDecision(2, 1_764_000_000_001)];
    const recorded = encodeAll(decisions);
    expect(recorded.map(decode)).toEqual(decisions);
    expect(recorded[1]?.found).toEqual(
      [...new Set(decisions[1]?.verdicts.filter((one) => one.outcome !== 'clean').map((one) => one.detector))].sort(),
    );
  });
});

describe('the pages of the journal', () => {
  it('hold lines of any size, in order, with their checksums', () => {
    const pages = new JournalPages();
    const texts = ['{}', `{"a":"${'ü'.repeat(200_000)}"}`, `{"b":"${'x'.repeat(100_000)}"}`, '{"c":1}'];
    const lines = texts.map((one) => pages.put(Buffer.from(one)));
    expect(lines.map((one) => one.text())).toEqual(texts);
    const written = Buffer.concat(pages.takeNew()).toString();
    expect(written).toBe(
      texts.map((one) => `${crc32(Buffer.from(one)).toString(16).padStart(8, '0')} ${one}\n`).join(''),
    );
    expect(pages.takeNew()).toEqual([]);
  });

  it('use the memory of what was written again, and say so to whoever reads it late', () => {
    const pages = new JournalPages();
    const json = JSON.stringify('x'.repeat(120_000));
    const first = pages.put(Buffer.from(json));
    const others = [pages.put(Buffer.from(json)), pages.put(Buffer.from(json))];
    pages.free(1);
    expect(first.text()).toBe(json);
    pages.free(1);
    expect(() => first.text()).toThrow('after they were freed');
    expect(() => others[0]?.bytes()).toThrow('after they were freed');
    expect(others[1]?.text()).toBe(json);
    for (let i = 0; i < 4; i++) pages.put(Buffer.from(JSON.stringify('y'.repeat(120_000))));
    expect(others[1]?.text()).toBe(json);
  });
});
