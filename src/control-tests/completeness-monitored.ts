import { defineTest, type Verdict } from './define.ts';
import { monitorsOf, outsideScope, ranOnSchedule } from './monitoring.ts';
import { quoted } from './words.ts';

export const completenessMonitored = defineTest({
  id: 'completeness-monitored',
  version: 1,
  title: 'What arrived is reconciled with what was sent',
  asks: 'Is it checked for every AI system in scope that every numbered request arrived, with gaps shown?',
  why: 'A rate over half of the traffic is no rate. Without numbers from the sender nobody can say that the denominator is complete.',
  controls: ['PIN-01'],
  evidence: ['PIN-01.E2'],
  severity: 'high',
  uses: ['ai-system', 'monitor'],
  population: 'ai-system',
  fix: {
    summary: 'Number the events at their source and watch completeness.',
    steps: [
      'Give each event the name of its source and a sequence number that goes up by one; the gateway does so by itself.',
      'Propose a completeness monitor for the system; a second person approves it.',
    ],
  },
  judge({ facts }) {
    return facts['ai-system'].map((system): Verdict => {
      const outside = outsideScope(system);
      if (outside) return outside;
      const base = { subject: system.key, expected: 'a completeness monitor that ran' };
      const monitors = monitorsOf(system, facts.monitor, ['completeness']);
      if (monitors.length === 0)
        return {
          ...base,
          result: 'no_data',
          observed: 'none',
          because: `Nothing reconciles what ${quoted(system.body.name)} was sent.`,
        };
      return { ...base, ...ranOnSchedule(monitors) };
    });
  },
});
