import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const systemHasPurpose = defineTest({
  id: 'system-has-purpose',
  version: 1,
  title: 'AI systems state their purpose',
  asks: 'Does every AI system say what it is for?',
  why: 'Risk, evaluation and prohibited use are judged against the intended use. Without one everything is allowed.',
  controls: ['AIG-01'],
  severity: 'medium',
  uses: ['ai-system'],
  population: 'ai-system',
  fix: {
    summary: 'State the intended use.',
    steps: [
      'Open the system in Inventory and write in one or two sentences what it does, for whom, and what it must not be used for.',
    ],
  },
  judge: eachFact<'ai-system'>(({ key, body }) => {
    const base = { subject: key, observed: body.purpose ?? 'none', expected: 'a purpose' };
    if (body.purpose === null || body.purpose.trim() === '')
      return { ...base, result: 'fail', because: `${quoted(body.name)} states no purpose.` };
    return { ...base, result: 'pass', because: `${quoted(body.name)} states its purpose.` };
  }),
});
