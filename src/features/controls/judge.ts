import type { ControlTest, FactsOf, Verdict } from '#src/control-tests/define.ts';
import type { FactKindName, KnownFact } from '#src/facts/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { Instant } from '#src/kernel/time.ts';
import { noResults, type ResultCounts, type TestResult } from './control-state.ts';

/*
 * The judging core: facts in, rows out, no I/O and no clock.
 *
 * What is stored of a part (a fact, or a source) is its difference from the usual verdict, which is "every fact of the
 * population passes, under its own key". So nothing is stored for passing facts, and who passed at any time follows from
 * the facts of that time. A fact the rule says nothing about differs too: it has a row saying `silent`.
 */

/** One stored verdict. `factKey` is the fact of the population it is about; empty where it is about none. */
export type VerdictRow = {
  factKey: string;
  subject: string;
  result: TestResult | 'silent';
  because: string;
  observed: string | null;
  expected: string | null;
  path: string | null;
  line: number | null;
};

/** What one part came to. `failure` is set, and nothing else, where the rule itself broke. */
export type Outcome = { rows: VerdictRow[]; counts: ResultCounts; failure: string | null };

export const SUBJECT_MAX_BYTES = 1_000;
const TEXT_MAX_CHARACTERS = 2_000;

/**
 * SHA-256 over what the rule declares and the judge acts on. The code of the rule is named by its version, which goes up
 * with every change.
 */
export function ruleDigest(test: ControlTest): string {
  return sha256Hex(
    canonicalJson({
      id: test.id,
      version: test.version,
      uses: [...test.uses].sort(),
      population: test.population,
      partition: test.partition,
      maxAgeHours: test.maxAgeHours,
      dependsOnTime: test.dependsOnTime,
    }),
  );
}

/** Judges one fact by a rule that looks at facts one by one. A rule that breaks makes the fact an `error`. */
export function judgeFact(test: ControlTest, source: string, fact: KnownFact, at: Instant): Outcome {
  const called = callRule(test, { [fact.kind]: [fact] }, source, at);
  if ('failure' in called) {
    const row: VerdictRow = { ...blankRow(fact.key, 'error'), because: called.failure };
    return { rows: [row], counts: { ...noResults(), error: 1 }, failure: null };
  }
  const { verdicts } = called;
  const [only] = verdicts;
  if (only?.result === 'pass' && verdicts.length === 1 && only.subject === fact.key)
    return { rows: [], counts: { ...noResults(), pass: 1 }, failure: null };
  if (!only) return { rows: [blankRow(fact.key, 'silent')], counts: noResults(), failure: null };
  const rows = verdicts.map((verdict) => rowOf(verdict, fact.key));
  return { rows, counts: countVerdicts(verdicts), failure: null };
}

/** What a rule that looks at facts one by one says of a fact that passes; null where it does not, or looks at more. */
export function explainPass(test: ControlTest, source: string, fact: KnownFact, at: Instant): VerdictRow | null {
  if (test.partition !== 'fact') return null;
  const called = callRule(test, { [fact.kind]: [fact] }, source, at);
  if ('failure' in called) return null;
  const verdict = called.verdicts.find(({ subject, result }) => subject === fact.key && result === 'pass');
  return verdict ? rowOf(verdict, fact.key) : null;
}

/** Judges all facts of one source together. `facts` holds every kind the test uses, each list in key order. */
export function judgeSource(
  test: ControlTest,
  source: string,
  facts: Partial<Record<FactKindName, readonly KnownFact[]>>,
  at: Instant,
): Outcome {
  const called = callRule(test, facts, source, at);
  if ('failure' in called) return { rows: [], counts: { ...noResults(), error: 1 }, failure: called.failure };
  const { verdicts } = called;
  const bySubject = new Map(verdicts.map((verdict) => [verdict.subject, verdict]));
  const population = new Set((facts[test.population] ?? []).map((fact) => fact.key));
  const rows: VerdictRow[] = [];
  for (const key of population) if (!bySubject.has(key)) rows.push(blankRow(key, 'silent'));
  for (const verdict of verdicts) {
    const inPopulation = population.has(verdict.subject);
    if (verdict.result !== 'pass' || !inPopulation) rows.push(rowOf(verdict, inPopulation ? verdict.subject : ''));
  }
  return { rows, counts: countVerdicts(verdicts), failure: null };
}

/** What the stored rows of one fact came to when they were written; a fact without rows passes. */
export function countRows(rows: readonly VerdictRow[]): ResultCounts {
  const counts = noResults();
  for (const row of rows) if (row.result !== 'silent') counts[MEMBER_OF_RESULT[row.result]] += 1;
  return counts;
}

export const MEMBER_OF_RESULT: Record<TestResult, keyof ResultCounts> = {
  pass: 'pass',
  fail: 'fail',
  no_data: 'noData',
  not_applicable: 'notApplicable',
  error: 'error',
};

export function addCounts(to: ResultCounts, counts: ResultCounts, times: 1 | -1 = 1): void {
  to.pass += times * counts.pass;
  to.fail += times * counts.fail;
  to.noData += times * counts.noData;
  to.notApplicable += times * counts.notApplicable;
  to.error += times * counts.error;
}

/** A failure outweighs everything, then what could not be judged, then missing data; only then does anything pass. */
export function resultOf(counts: ResultCounts): TestResult {
  if (counts.fail > 0) return 'fail';
  if (counts.error > 0) return 'error';
  if (counts.noData > 0) return 'no_data';
  if (counts.pass > 0) return 'pass';
  return 'not_applicable';
}

function callRule(
  test: ControlTest,
  facts: Partial<Record<FactKindName, readonly KnownFact[]>>,
  source: string,
  at: Instant,
): { verdicts: Verdict[] } | { failure: string } {
  try {
    // The record holds exactly the kinds the test uses; the rule's own type is narrower than one list can express.
    const verdicts = test.judge({ facts: facts as FactsOf<FactKindName>, source, at });
    const problem = problemOf(verdicts);
    return problem === null ? { verdicts } : { failure: `Test ${test.id} version ${test.version} ${problem}.` };
  } catch (error) {
    // The message of what was thrown may quote facts; its name cannot.
    const name = error instanceof Error && /^[A-Za-z]{1,60}$/.test(error.name) ? error.name : 'an unknown error';
    return { failure: `Test ${test.id} version ${test.version} broke while judging this: ${name}.` };
  }
}

const MAY_SAY = new Set<string>(['pass', 'fail', 'no_data', 'not_applicable']);

function problemOf(verdicts: Verdict[]): string | null {
  const seen = new Set<string>();
  for (const verdict of verdicts) {
    if (typeof verdict.subject !== 'string' || verdict.subject === '') return 'gave a verdict without a subject';
    if (!MAY_SAY.has(verdict.result)) return 'gave a verdict with a result it may not give';
    const texts = [verdict.because, verdict.observed ?? '', verdict.expected ?? '', verdict.path ?? ''];
    if (texts.some((text) => typeof text !== 'string')) return 'gave a verdict whose text is no text';
    if (seen.has(verdict.subject)) return 'gave two verdicts for one subject';
    seen.add(verdict.subject);
  }
  return null;
}

function rowOf(verdict: Verdict, factKey: string): VerdictRow {
  return {
    factKey,
    subject: subjectOf(verdict.subject, factKey),
    result: verdict.result,
    because: storable(verdict.because),
    observed: verdict.observed === undefined ? null : storable(verdict.observed),
    expected: verdict.expected === undefined ? null : storable(verdict.expected),
    path: verdict.path == null ? null : storable(verdict.path),
    line: isLine(verdict.line) ? verdict.line : null,
  };
}

/** Line numbers come from files somebody else wrote; the column holds 32 bits. */
function isLine(line: number | null | undefined): line is number {
  return Number.isInteger(line) && Math.abs(line ?? 0) < 2 ** 31;
}

function blankRow(key: string, result: VerdictRow['result']): VerdictRow {
  return { factKey: key, subject: key, result, because: '', observed: null, expected: null, path: null, line: null };
}

/** A subject longer than an index can hold keeps its head and gets a digest as its tail, so that it stays one of its kind. */
function subjectOf(subject: string, factKey: string): string {
  if (subject === factKey) return subject;
  const text = storable(subject, Number.POSITIVE_INFINITY);
  if (new TextEncoder().encode(text).length <= SUBJECT_MAX_BYTES && text === subject) return subject;
  return `${text.slice(0, 200).toWellFormed()}… ${sha256Hex(subject.toWellFormed()).slice(0, 32)}`;
}

/** Verdicts quote what was found, and that may hold what Postgres cannot: zero characters and half surrogate pairs. */
function storable(text: string, maxCharacters = TEXT_MAX_CHARACTERS): string {
  const clean = text.replaceAll('\u0000', '\ufffd').toWellFormed();
  return clean.length <= maxCharacters ? clean : `${clean.slice(0, maxCharacters - 1).toWellFormed()}…`;
}

function countVerdicts(verdicts: readonly Verdict[]): ResultCounts {
  const counts = noResults();
  for (const verdict of verdicts) counts[MEMBER_OF_RESULT[verdict.result]] += 1;
  return counts;
}
