import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const systemDataClassified = defineTest({
  id: 'system-data-classified',
  version: 1,
  title: 'AI systems state the data they handle',
  asks: 'Does every AI system name the classes of data it handles?',
  why: 'Data classes decide scope, retention, filters and which provider may see a prompt.',
  controls: ['AIG-01'],
  severity: 'medium',
  uses: ['ai-system'],
  population: 'ai-system',
  fix: {
    summary: 'Name the data classes.',
    steps: [
      'Open the system in Inventory and choose every class that enters by training, retrieval, prompt or output.',
    ],
  },
  judge: eachFact<'ai-system'>(({ key, body }) => {
    const base = { subject: key, observed: body.dataClasses.join(', ') || 'none', expected: 'data classes' };
    if (body.dataClasses.length === 0)
      return { ...base, result: 'fail', because: `${quoted(body.name)} names no data class.` };
    return { ...base, result: 'pass', because: `${quoted(body.name)} names the data it handles.` };
  }),
});
