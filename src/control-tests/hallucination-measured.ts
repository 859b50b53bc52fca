import { defineTest, type Verdict } from './define.ts';
import { monitorsOf, outsideScope, ranOnSchedule } from './monitoring.ts';
import { quoted } from './words.ts';

export const hallucinationMeasured = defineTest({
  id: 'hallucination-measured',
  version: 1,
  title: 'Hallucination of live answers is measured on schedule',
  asks: 'Is the share of unsupported answers of every AI system in scope measured on a declared sample of its traffic, and did at least 95 percent of the expected runs take place?',
  why: 'A test set says how a model answered questions that somebody chose. What it makes up for customers shows only in what customers were told.',
  controls: ['EVM-03'],
  evidence: ['EVM-03.E1', 'EVM-03.E2'],
  severity: 'high',
  uses: ['ai-system', 'monitor'],
  population: 'ai-system',
  fix: {
    summary: 'Judge a declared sample of the answers of the system.',
    steps: [
      'Give the gateway the documents, tool results or assay_context an answer must follow from, or send answers to POST /api/v1/groundedness-checks.',
      'Under Monitors, propose a monitor of the hallucination rate with its sampling; a second person approves it.',
      'Where its windows say that too few sampled answers were judged, look at the reasons on the page of the monitor.',
    ],
  },
  judge({ facts }) {
    return facts['ai-system'].map((system): Verdict => {
      const outside = outsideScope(system);
      if (outside) return outside;
      const expected = 'a monitor of hallucination, 95 % of runs';
      const base = { subject: system.key, expected };
      const monitors = monitorsOf(system, facts.monitor, ['hallucination']);
      if (monitors.length > 0) return { ...base, ...ranOnSchedule(monitors) };
      // Not every AI system answers from a context: one that classifies is judged by other measures.
      const because = `${quoted(system.body.name)} has no approved monitor of hallucination over its traffic.`;
      return { ...base, result: 'no_data', observed: 'none', because };
    });
  },
});
