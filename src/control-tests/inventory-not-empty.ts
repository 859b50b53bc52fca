import { defineTest, type Verdict } from './define.ts';
import { counted } from './words.ts';

/** Without it an empty inventory would be "not applicable" everywhere, which is the best state nobody has earned. */
export const inventoryNotEmpty = defineTest({
  id: 'inventory-not-empty',
  version: 1,
  title: 'The inventory holds AI systems',
  asks: 'Does the inventory list at least one AI system?',
  why: 'Auditors start from this list. A model nobody listed is a model nobody evaluated, filtered or described.',
  controls: ['AIG-01'],
  severity: 'high',
  uses: ['organization-scope', 'ai-system'],
  population: 'organization-scope',
  fix: {
    summary: 'Scan a repository, or add the first AI system by hand.',
    steps: [
      'Run `assay scan PATH --record` on the repository of your product.',
      'Open Inventory and confirm what the scan proposes.',
    ],
    example: 'bin/assay scan ../product --record',
  },
  judge({ facts }) {
    return facts['organization-scope'].map(({ key }): Verdict => {
      const systems = facts['ai-system'].length;
      const base = { subject: key, observed: counted(systems, 'AI system'), expected: 'at least one' };
      if (systems === 0) return { ...base, result: 'fail', because: 'The inventory lists no AI system.' };
      return { ...base, result: 'pass', because: `The inventory lists ${counted(systems, 'AI system')}.` };
    });
  },
});
