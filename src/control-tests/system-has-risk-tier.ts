import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const systemHasRiskTier = defineTest({
  id: 'system-has-risk-tier',
  version: 1,
  title: 'AI systems have a risk tier',
  asks: 'Has the risk tier of every AI system been decided?',
  why: 'The tier decides how strict thresholds, filters and reviews have to be.',
  controls: ['AIG-01'],
  severity: 'medium',
  uses: ['ai-system'],
  population: 'ai-system',
  fix: {
    summary: 'Decide the risk tier.',
    steps: [
      'Open the system in Inventory and choose the tier: 1 where failure breaks a commitment or harms people, 3 where it hardly matters.',
    ],
  },
  judge: eachFact<'ai-system'>(({ key, body }) => {
    const base = {
      subject: key,
      observed: body.riskTier === null ? 'none' : `tier ${body.riskTier}`,
      expected: 'tier 1, 2 or 3',
    };
    if (body.riskTier === null) return { ...base, result: 'fail', because: `${quoted(body.name)} has no risk tier.` };
    return { ...base, result: 'pass', because: `${quoted(body.name)} has a risk tier.` };
  }),
});
