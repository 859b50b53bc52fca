import { defineTest, type Verdict } from './define.ts';
import { monitorsOf, outsideScope, ranOnSchedule } from './monitoring.ts';
import { quoted } from './words.ts';

export const fairnessMeasured = defineTest({
  id: 'fairness-measured',
  version: 2,
  title: 'Outcomes are compared between groups',
  asks: 'Are selection rates, error rates or calibration of every AI system in scope compared between the groups that matter?',
  why: 'Unequal outcomes show in no average. They have to be looked for group by group, with enough cases in each.',
  controls: ['EVM-06'],
  evidence: ['EVM-06.E1'],
  severity: 'medium',
  uses: ['ai-system', 'monitor'],
  population: 'ai-system',
  fix: {
    summary: 'Report the group of each case, and watch the ratio between groups.',
    steps: [
      'Put the group under "segment" of each prediction, as a class and never as a name.',
      'Propose a fairness monitor over these groups. Where the system affects no people, attest so under EVM-06.',
    ],
  },
  judge({ facts }) {
    return facts['ai-system'].map((system): Verdict => {
      const outside = outsideScope(system);
      if (outside) return outside;
      const base = { subject: system.key, expected: 'a fairness monitor that ran' };
      const monitors = monitorsOf(system, facts.monitor, ['fairness', 'fairness_outcome', 'fairness_calibration']);
      if (monitors.length === 0)
        return {
          ...base,
          result: 'no_data',
          observed: 'none',
          because: `Nothing compares the groups that ${quoted(system.body.name)} decides about.`,
        };
      return { ...base, ...ranOnSchedule(monitors) };
    });
  },
});
