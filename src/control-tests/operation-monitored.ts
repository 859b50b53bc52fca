import { defineTest, type Verdict } from './define.ts';
import { monitorsOf, outsideScope, ranOnSchedule } from './monitoring.ts';
import { quoted } from './words.ts';

/** As the catalog states it for EVM-05. */
const COVERAGE_MIN = 0.99;

export const operationMonitored = defineTest({
  id: 'operation-monitored',
  version: 1,
  title: 'Errors and latency of every system in scope are measured',
  asks: 'Are error rate and latency percentiles of every AI system in scope measured against targets, with at least 99 percent of expected runs done?',
  why: 'An endpoint that answers late or with errors breaks the promise of processing integrity just as a wrong answer does.',
  controls: ['EVM-05'],
  evidence: ['EVM-05.E1', 'EVM-05.E2'],
  severity: 'high',
  uses: ['ai-system', 'monitor'],
  population: 'ai-system',
  fix: {
    summary: 'Watch error rate and latency of the system.',
    steps: [
      'Let traffic go through the gateway, or report operations with their latency and outcome.',
      'Under Monitors, propose one rate and one percentile with thresholds from your service level; a second person approves them.',
    ],
  },
  judge({ facts }) {
    return facts['ai-system'].map((system): Verdict => {
      const outside = outsideScope(system);
      if (outside) return outside;
      const base = { subject: system.key, expected: 'an error rate and a latency percentile, 99 % of runs' };
      const name = quoted(system.body.name);
      const rates = monitorsOf(system, facts.monitor, ['rate']);
      const latencies = monitorsOf(system, facts.monitor, ['percentile']);
      const lacking = [...(rates.length === 0 ? ['error rate'] : []), ...(latencies.length === 0 ? ['latency'] : [])];
      if (lacking.length > 0)
        return {
          ...base,
          result: 'fail',
          observed: `no ${lacking.join(', no ')}`,
          because: `${name} has no approved monitor for ${lacking.join(' and ')}.`,
        };
      return { ...base, ...ranOnSchedule([...rates, ...latencies], COVERAGE_MIN) };
    });
  },
});
