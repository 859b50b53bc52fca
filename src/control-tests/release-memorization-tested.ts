import { defineTest } from './define.ts';
import { releasesPassed } from './releases.ts';

const SENSITIVE = ['confidential', 'customer_content', 'personal', 'sensitive_personal', 'credentials'];

export const releaseMemorizationTested = defineTest({
  id: 'release-memorization-tested',
  version: 1,
  title: 'Models over sensitive data were tested for what they remember before release',
  asks: 'Did every model released for a system with sensitive data pass a memorization suite with canaries over the very digest that was released?',
  why: 'A model can give back a customer record word for word. Planted canaries show it before a customer of somebody else does.',
  controls: ['MPV-01'],
  evidence: ['MPV-01.E1'],
  severity: 'critical',
  uses: ['ai-system', 'model-release'],
  population: 'ai-system',
  fix: {
    summary: 'Test this digest for memorization, and ask the gate again.',
    steps: [
      'Propose a suite whose items are canaries, training records and records never seen, with a recall scorer and the threshold 1.',
      'Run it over the model with --digest, then ask: assay evaluation release "System" --model M --digest D',
      'Where a canary came back, do not release: train again without the record, or filter and show that it is gone.',
    ],
  },
  judge({ facts }) {
    return facts['ai-system'].map((system) => {
      const { dataClasses } = system.body;
      const needed =
        dataClasses.length === 0
          ? 'has no data classes yet'
          : dataClasses.some((name) => SENSITIVE.includes(name))
            ? 'handles sensitive data'
            : null;
      return releasesPassed(system, facts['model-release'], {
        purpose: 'memorization',
        suite: 'memorization suite',
        needed,
      });
    });
  },
});
