import type { KnownFact } from '#src/facts/index.ts';
import type { Verdict } from './define.ts';
import { outsideScope } from './monitoring.ts';
import { counted, quoted } from './words.ts';

type System = KnownFact<'ai-system'>;
type Release = KnownFact<'model-release'>;
type Purpose = Release['body']['checks'][number]['purpose'];

/**
 * Whether every model of a system that the release gate was asked about passed the suites of one purpose, over the digest that
 * was to go in. `needed` says why the system needs them; null where it does not, and then nothing is asked.
 */
export function releasesPassed(
  system: System,
  releases: readonly Release[],
  { purpose, suite, needed }: { purpose: Purpose; suite: string; needed: string | null },
): Verdict {
  const outside = outsideScope(system);
  if (outside) return outside;
  const base = { subject: system.key, expected: `a ${suite} that passed, for each release` };
  const name = quoted(system.body.name);
  if (needed === null) return { ...base, result: 'not_applicable', because: `${name} needs no ${suite}.` };
  const own = releases.filter(({ body }) => body.systemId === system.key);
  if (own.length === 0)
    return { ...base, result: 'no_data', observed: 'no release', because: `No release of ${name} is known.` };
  const checked = own.map((release) => ({ ...release, ...verdictOf(release, purpose) }));
  const bad = checked.find(({ verdict }) => verdict === 'fail') ?? checked.find(({ verdict }) => verdict === 'no_data');
  if (bad)
    return {
      ...base,
      result: 'fail',
      observed: bad.verdict === 'fail' ? 'failed' : 'not run',
      because: `${quoted(bad.body.model)} for ${name}, which ${needed}: ${bad.because}`,
    };
  return {
    ...base,
    result: 'pass',
    observed: counted(own.length, 'release'),
    because: `Each of ${counted(own.length, 'model')} released for ${name} passed a ${suite} over its digest.`,
  };
}

// A release without a run is the finding itself, and not data that is missing.
function verdictOf({ body }: Release, purpose: Purpose): { verdict: 'pass' | 'fail' | 'no_data'; because: string } {
  const checks = body.checks.filter((check) => check.purpose === purpose);
  const worst =
    checks.find(({ verdict }) => verdict === 'fail') ??
    checks.find(({ verdict }) => verdict === 'no_data') ??
    checks.find(({ verdict }) => verdict === 'pass');
  return worst ?? { verdict: 'no_data', because: 'The gate was asked before the system needed it. Ask again.' };
}
