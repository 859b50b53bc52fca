import { dayOf, daysBetween } from './age.ts';
import { defineTest, type Verdict } from './define.ts';
import { outsideScope } from './monitoring.ts';
import { counted, quoted } from './words.ts';

/** Days between runs as the catalog states them for EVM-01. A tier that nobody set may be the first. */
const TIER_1_DAYS = 7;
const OTHER_DAYS = 31;

export const evaluationRanOnSchedule = defineTest({
  id: 'evaluation-ran-on-schedule',
  version: 1,
  title: 'Every system in scope is evaluated on schedule',
  asks: 'Does every AI system in scope have an approved suite that ran within 7 days for tier 1, and within 31 days otherwise?',
  why: 'A hosted model changes behind the same name, and the prompts around it change daily. What was measured at release says little a quarter later.',
  controls: ['EVM-01'],
  evidence: ['EVM-01.E1', 'EVM-01.E2'],
  severity: 'high',
  uses: ['ai-system', 'evaluation-suite', 'evaluation-run'],
  population: 'ai-system',
  dependsOnTime: true,
  fix: {
    summary: 'Run the suite of the system, and let CI or a timer run it from now on.',
    steps: [
      'Propose a suite for the system under Evaluations, Suites; a second person approves it.',
      'Run it on a timer: assay evaluation run "Suite" --provider P --model M',
    ],
  },
  judge({ facts, at }) {
    return facts['ai-system'].map((system): Verdict => {
      const outside = outsideScope(system);
      if (outside) return outside;
      const { riskTier } = system.body;
      const days = riskTier === null || riskTier === 1 ? TIER_1_DAYS : OTHER_DAYS;
      const base = { subject: system.key, expected: `a run within ${counted(days, 'day')}` };
      const name = quoted(system.body.name);
      const suites = facts['evaluation-suite'].filter(({ body }) => body.systemId === system.key);
      if (suites.length === 0)
        return { ...base, result: 'fail', observed: 'no suite', because: `${name} has no evaluation suite.` };
      const approved = new Set(suites.filter(({ body }) => body.versionInForce !== null).map(({ key }) => key));
      if (approved.size === 0)
        return {
          ...base,
          result: 'fail',
          observed: 'none approved',
          because: `No suite of ${name} is approved by a second person.`,
        };
      const finished = facts['evaluation-run']
        .flatMap(({ body }) => (approved.has(body.suiteId) ? [body.finishedAt] : []))
        .sort();
      const last = finished.at(-1);
      if (last === undefined)
        return { ...base, result: 'fail', observed: 'no run', because: `No approved suite of ${name} was ever run.` };
      const age = daysBetween(last, at);
      if (age === null)
        return { ...base, result: 'no_data', because: `It is not known when the last run of ${name} ended.` };
      if (age > days)
        return {
          ...base,
          result: 'fail',
          observed: dayOf(last),
          because: `${name} was last evaluated on ${dayOf(last)}, ${Math.floor(age)} days ago.`,
        };
      return {
        ...base,
        result: 'pass',
        observed: dayOf(last),
        because: `${name} was last evaluated on ${dayOf(last)}.`,
      };
    });
  },
});
