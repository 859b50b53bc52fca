import { defineTest, type Verdict } from './define.ts';
import { monitorsOf, outsideScope, ranOnSchedule } from './monitoring.ts';
import { quoted } from './words.ts';

const DRIFT = [
  'numeric_drift',
  'categorical_drift',
  'embedding_drift',
  'embedding_mmd_drift',
  'embedding_classifier_drift',
  'estimated_accuracy',
  'estimated_roc_auc',
];

export const driftMonitored = defineTest({
  id: 'drift-monitored',
  version: 2,
  title: 'Drift of every system in scope is measured on schedule',
  asks: 'Is drift of every AI system in scope measured against an approved baseline, and did at least 95 percent of the expected runs take place?',
  why: 'A model degrades without any change of its code. Only a measure that runs without anybody remembering it shows that before customers do.',
  controls: ['EVM-02'],
  evidence: ['EVM-02.E1', 'EVM-02.E2'],
  severity: 'high',
  uses: ['ai-system', 'monitor'],
  population: 'ai-system',
  fix: {
    summary: 'Watch inputs and outputs of the system for drift.',
    steps: [
      'Send predictions to POST /api/v1/events, or put the gateway in front of the system.',
      'Under Monitors, propose a drift monitor and a baseline from a good period; a second person approves both.',
    ],
    example: 'bin/assay monitor import predictions.parquet --system "Support chat"',
  },
  judge({ facts }) {
    return facts['ai-system'].map((system): Verdict => {
      const outside = outsideScope(system);
      if (outside) return outside;
      const expected = 'drift monitors with baseline, 95 % of runs';
      const base = { subject: system.key, expected };
      const name = quoted(system.body.name);
      const monitors = monitorsOf(system, facts.monitor, DRIFT);
      if (monitors.length === 0)
        return { ...base, result: 'fail', observed: 'none', because: `${name} has no approved monitor for drift.` };
      const bare = monitors.filter(({ body }) => body.baseline === 'missing');
      if (bare.length === monitors.length)
        return {
          ...base,
          result: 'fail',
          observed: 'no baseline',
          because: `${name}: no monitor for drift has an approved baseline.`,
        };
      return { ...base, ...ranOnSchedule(monitors) };
    });
  },
});
