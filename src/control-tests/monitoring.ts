import type { KnownFact } from '#src/facts/index.ts';
import { counted, listed, quoted } from './words.ts';

/** Least share of expected runs that must have happened, as the catalog states it for EVM-02. */
export const RUN_COVERAGE_MIN = 0.95;

type Monitor = KnownFact<'monitor'>;
type System = KnownFact<'ai-system'>;
type Said = { result: 'pass' | 'fail' | 'no_data' | 'not_applicable'; because: string; observed: string };

/** The verdict for a system that is not in scope; null for one that is. */
export function outsideScope({
  key,
  body,
}: System): { subject: string; result: 'not_applicable'; because: string } | null {
  if (body.inScope === 'in') return null;
  const because = `${quoted(body.name)} is ${body.inScope === 'out' ? 'out of scope' : 'not decided to be in scope'}.`;
  return { subject: key, result: 'not_applicable', because };
}

/** Approved monitors of a system that measure one of the given metrics. */
export function monitorsOf(system: System, monitors: readonly Monitor[], metrics: readonly string[]): Monitor[] {
  return monitors.filter(
    ({ body }) => body.approved && !body.paused && body.systemId === system.key && metrics.includes(body.metric),
  );
}

/**
 * Whether measures ran as expected. What they found is not asked here: a control that detects works when it looked, whatever
 * it saw. A run without enough data is a run, and says nothing.
 */
export function ranOnSchedule(monitors: readonly Monitor[], coverageMin = RUN_COVERAGE_MIN): Said {
  const sum = (read: (body: Monitor['body']) => number) => monitors.reduce((total, { body }) => total + read(body), 0);
  const [expected, missed, broken] = [
    sum((body) => body.expected),
    sum((body) => body.missed),
    sum((body) => body.error),
  ];
  const names = listed(monitors.map(({ body }) => body.name));
  if (expected === 0)
    return {
      result: 'no_data',
      observed: '0 expected runs',
      because: `No run of ${names} was due yet in the last 31 days.`,
    };
  const ran = expected - missed - broken;
  const observed = `${ran} of ${expected}`;
  if (ran / expected < coverageMin)
    return {
      result: 'fail',
      observed,
      because: `${names}: ${counted(missed, 'run was', 'runs were')} missed and ${broken} broke, of ${expected} expected since ${monitors[0]?.body.countedFrom.slice(0, 10)}.`,
    };
  if (ran === sum((body) => body.insufficient_data))
    return { result: 'no_data', observed, because: `Every run of ${names} had too little data to say anything.` };
  return { result: 'pass', observed, because: `${names}: ${observed} expected runs took place.` };
}
