import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const systemAutonomyDecided = defineTest({
  id: 'system-autonomy-decided',
  version: 1,
  title: 'AI systems have a decided level of autonomy',
  asks: 'Has it been decided how far each AI system may act without a person?',
  why: 'Whether a person approves before an action, looks after it, or not at all decides which controls the system needs.',
  controls: ['AIG-01'],
  severity: 'medium',
  uses: ['ai-system'],
  population: 'ai-system',
  fix: {
    summary: 'Decide the level of autonomy.',
    steps: [
      'Open the system in Inventory and choose: 0 suggests, 1 acts with approval, 2 acts and is reviewed after, 3 acts alone.',
    ],
  },
  judge: eachFact<'ai-system'>(({ key, body }) => {
    const base = {
      subject: key,
      observed: body.autonomyLevel === null ? 'none' : `level ${body.autonomyLevel}`,
      expected: 'level 0 to 3',
    };
    if (body.autonomyLevel === null)
      return { ...base, result: 'fail', because: `${quoted(body.name)} has no decided level of autonomy.` };
    return { ...base, result: 'pass', because: `${quoted(body.name)} has a decided level of autonomy.` };
  }),
});
