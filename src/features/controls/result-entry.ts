import type { ControlTest } from '#src/control-tests/define.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { HOUR_MS, type Instant, toInstant } from '#src/kernel/time.ts';
import type { NewEntry } from '#src/ledger/log/entry.ts';
import type { UsedReading } from './freshness.ts';
import type { StandingTest } from './verdict-store.ts';

/** A leaf stays small: of more readings than this only the digest over all of them is in the entry. */
const READINGS_MAX = 32;

/**
 * The entry that says how a test came out. Holds ids, digests, counts and instants only: names of sources, subjects and
 * sentences may say something of a person and stay out.
 */
export function resultEntry(
  test: ControlTest,
  summary: Omit<StandingTest, 'sources'>,
  context: { run: number; at: Instant; used: readonly UsedReading[] },
): NewEntry {
  const readings = readingsOf(context.used);
  const first = readings[0];
  return {
    type: 'test.result',
    actor: { kind: 'service', id: 'judge' },
    subject: { kind: 'test', id: test.id, version: String(test.version) },
    series: test.id,
    body: {
      test: test.id,
      version: test.version,
      rule: summary.ruleDigest,
      result: summary.result,
      counts: { ...summary.counts },
      asOf: context.at,
      // The oldest reading that the result rests on, to the moment of judging; empty where nothing was ever read.
      window: first ? { from: first.finishedAt, to: context.at } : null,
      countsFrom: toInstant(Date.parse(context.at) - test.maxAgeHours * HOUR_MS),
      readings: readings.slice(0, READINGS_MAX),
      readingCount: readings.length,
      readingsDigest: sha256Hex(canonicalJson(readings)),
      run: context.run,
    },
    dedupeKey: `test.result:${test.id}:${context.run}`,
  };
}

/** The collections used, each once, oldest first. */
function readingsOf(used: readonly UsedReading[]) {
  const byId = new Map(
    used.map(({ source, reading }) => [
      reading.collectionId,
      {
        source: source.id,
        collection: reading.collectionId,
        digest: reading.digest,
        finishedAt: reading.finishedAt,
        complete: reading.complete,
      },
    ]),
  );
  return [...byId.values()].sort((a, b) =>
    a.finishedAt < b.finishedAt ? -1 : a.finishedAt > b.finishedAt ? 1 : a.collection < b.collection ? -1 : 1,
  );
}
