import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const systemHasOwner = defineTest({
  id: 'system-has-owner',
  version: 1,
  title: 'AI systems have an owner',
  asks: 'Does every AI system have a named owner?',
  why: 'Somebody has to answer for what the system does, decide its releases, and be called when it fails.',
  controls: ['AIG-01'],
  evidence: ['AIG-01.E1'],
  severity: 'high',
  uses: ['ai-system'],
  population: 'ai-system',
  fix: {
    summary: 'Name an owner.',
    steps: [
      'Open the system in Inventory and choose its owner.',
      'Tell that person; the owner attests to the entry every quarter.',
    ],
  },
  judge: eachFact<'ai-system'>(({ key, body }) => {
    const base = { subject: key, observed: body.ownerId ?? 'none', expected: 'an owner' };
    if (body.ownerId === null) return { ...base, result: 'fail', because: `${quoted(body.name)} has no owner.` };
    return { ...base, result: 'pass', because: `${quoted(body.name)} has an owner.` };
  }),
});
