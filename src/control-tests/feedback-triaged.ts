import { defineTest, type Verdict } from './define.ts';
import { outsideScope } from './monitoring.ts';
import { quoted } from './words.ts';

export const feedbackTriaged = defineTest({
  id: 'feedback-triaged',
  version: 1,
  title: 'What users report is looked at within three business days',
  asks: 'Did a person look at every report of a user about an AI system in scope within three business days, over the last 31 days?',
  why: 'Users see failures that no metric asks for. A report that nobody reads is a failure that was known and went on.',
  controls: ['EVM-09'],
  evidence: ['EVM-09.E2'],
  severity: 'medium',
  uses: ['ai-system', 'user-feedback'],
  population: 'ai-system',
  dependsOnTime: true,
  fix: {
    summary: 'Send what users report to Assay, and look at what waits.',
    steps: [
      'Let the application send thumbs, labels or texts to POST /api/v1/feedback, with the id of the event of the answer.',
      'Open Evaluations, Feedback: say of each report whether it tells of a problem, and close problems with what was done.',
    ],
  },
  judge({ facts }) {
    const bySystem = new Map(facts['user-feedback'].map((one) => [one.key, one.body]));
    return facts['ai-system'].map((system): Verdict => {
      const outside = outsideScope(system);
      if (outside) return outside;
      const base = { subject: system.key, expected: 'no report that waited for more than three business days' };
      const name = quoted(system.body.name);
      const held = bySystem.get(system.key);
      if (!held)
        return {
          ...base,
          result: 'no_data',
          observed: 'no feedback',
          because: `No user said anything of answers of ${name} within 31 days.`,
        };
      const observed = `${held.toTriage} to look at, ${held.late} late, ${held.waiting} waiting`;
      if (held.late > 0)
        return {
          ...base,
          observed,
          result: 'fail',
          because: `Of ${held.toTriage} reports about ${name}, ${held.late} waited for more than three business days.`,
        };
      return {
        ...base,
        observed,
        result: 'pass',
        because:
          held.toTriage === 0
            ? `Users said ${held.received} things of ${name} within ${held.days} days, none of which needs a look.`
            : `All ${held.toTriage} reports about ${name} within ${held.days} days were looked at in time, or are not due yet.`,
      };
    });
  },
});
