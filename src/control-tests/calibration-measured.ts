import { defineTest, type Verdict } from './define.ts';
import { monitorsOf, outsideScope, ranOnSchedule } from './monitoring.ts';
import { quoted } from './words.ts';

export const calibrationMeasured = defineTest({
  id: 'calibration-measured',
  version: 2,
  title: 'Calibration of confidences is measured',
  asks: 'Is the calibration of every AI system in scope that shows or uses a confidence measured against labels?',
  why: 'A confidence of 90 percent that is right 60 percent of the time misleads whoever decides by it, without any error.',
  controls: ['EVM-04'],
  evidence: ['EVM-04.E1'],
  severity: 'medium',
  uses: ['ai-system', 'monitor'],
  population: 'ai-system',
  fix: {
    summary: 'Report labels and watch the calibration, or attest that no confidence is shown.',
    steps: [
      'Send predictions with their probability, and a label event about each when the truth is known.',
      'Propose a calibration monitor. Where no confidence is shown or used, attest so under EVM-04.',
    ],
  },
  judge({ facts }) {
    return facts['ai-system'].map((system): Verdict => {
      const outside = outsideScope(system);
      if (outside) return outside;
      const base = { subject: system.key, expected: 'a calibration monitor that ran' };
      const monitors = monitorsOf(system, facts.monitor, ['calibration', 'calibration_equal_mass']);
      if (monitors.length === 0)
        return {
          ...base,
          result: 'no_data',
          observed: 'none',
          because: `Nothing measures the calibration of ${quoted(system.body.name)}.`,
        };
      return { ...base, ...ranOnSchedule(monitors) };
    });
  },
});
