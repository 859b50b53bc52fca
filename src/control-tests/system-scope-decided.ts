import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const systemScopeDecided = defineTest({
  id: 'system-scope-decided',
  version: 1,
  title: 'AI systems have a scope decision',
  asks: 'Has it been decided for every AI system whether it is in audit scope?',
  why: 'An AI system left out of the description is the first thing an auditor finds. Leaving one out has to be a decision with a reason.',
  controls: ['AIG-01'],
  severity: 'high',
  uses: ['ai-system'],
  population: 'ai-system',
  fix: {
    summary: 'Decide the scope.',
    steps: [
      'Open the system in Inventory and decide. What handles sensitive data, automates decisions or runs in production belongs in scope.',
      'An exclusion needs a written reason and a second person.',
    ],
  },
  judge: eachFact<'ai-system'>(({ key, body }) => {
    const base = { subject: key, observed: body.inScope, expected: 'in or out' };
    if (body.inScope === 'undecided')
      return { ...base, result: 'fail', because: `${quoted(body.name)} has no scope decision.` };
    return { ...base, result: 'pass', because: `${quoted(body.name)} has a scope decision.` };
  }),
});
