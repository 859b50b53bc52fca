import { defineTest } from './define.ts';
import { releasesPassed } from './releases.ts';

const TIER_MAX = 2;

export const releaseRobustnessTested = defineTest({
  id: 'release-robustness-tested',
  version: 1,
  title: 'Releases of systems of tier 1 and 2 passed a robustness suite',
  asks: 'Did every model released for a system of tier 1 or 2 pass a robustness suite over the very digest that was released?',
  why: 'Where a wrong answer costs most, an attacker or a typo must not be the first to try the unusual input. Another digest is another model.',
  controls: ['EVM-07'],
  evidence: ['EVM-07.E1'],
  severity: 'high',
  uses: ['ai-system', 'model-release'],
  population: 'ai-system',
  fix: {
    summary: 'Run the robustness suite over this digest, and ask the gate again.',
    steps: [
      'Make a suite of variants from an approved suite of the system, and have a second person approve it.',
      'Run it over the model with --digest, then ask: assay evaluation release "System" --model M --digest D',
    ],
    example: 'assay evaluation robustness "Suite" "Suite, varied" --kinds typos,paraphrase,suffix',
  },
  judge({ facts }) {
    return facts['ai-system'].map((system) => {
      const tier = system.body.riskTier;
      // A tier that nobody set may be the first.
      const needed = tier === null ? 'has no risk tier yet' : tier <= TIER_MAX ? `is of tier ${tier}` : null;
      return releasesPassed(system, facts['model-release'], {
        purpose: 'robustness',
        suite: 'robustness suite',
        needed,
      });
    });
  },
});
