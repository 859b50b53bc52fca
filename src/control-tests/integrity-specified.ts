import { defineTest, type Verdict } from './define.ts';
import { outsideScope } from './monitoring.ts';
import { counted, quoted } from './words.ts';

const PROPERTIES = ['complete', 'valid', 'accurate', 'timely', 'authorized'];

export const integritySpecified = defineTest({
  id: 'integrity-specified',
  version: 1,
  title: 'Every system in scope has an approved processing-integrity specification',
  asks: 'Does every AI system in scope have an approved specification that says what complete, valid, accurate, timely and authorized mean for it, each tied to a metric?',
  why: 'Whether a probabilistic system does what it should can only be judged against what was promised before, in numbers.',
  controls: ['PIN-01'],
  evidence: ['PIN-01.E1'],
  severity: 'high',
  uses: ['ai-system', 'integrity-specification'],
  population: 'ai-system',
  fix: {
    summary: 'Write the specification and have it approved.',
    steps: [
      'Have at least one monitor approved for each of the five properties.',
      'Under Monitors, propose the specification of the system with one clause for each; a second person approves it.',
    ],
  },
  judge({ facts }) {
    return facts['ai-system'].map((system): Verdict => {
      const outside = outsideScope(system);
      if (outside) return outside;
      const base = { subject: system.key, expected: 'approved, five properties' };
      const name = quoted(system.body.name);
      const found = facts['integrity-specification'].find(({ body }) => body.systemId === system.key)?.body;
      if (!found) return { ...base, result: 'fail', observed: 'none', because: `${name} has no specification.` };
      if (!found.approved)
        return {
          ...base,
          result: 'fail',
          observed: 'not approved',
          because: `The specification of ${name} waits for a second person.`,
        };
      const lacking = PROPERTIES.filter((property) => !found.properties.includes(property));
      if (lacking.length > 0)
        return {
          ...base,
          result: 'fail',
          observed: `no ${lacking.join(', ')}`,
          because: `The specification of ${name} says nothing about ${lacking.join(', ')}.`,
        };
      if (found.clausesChanged > 0)
        return {
          ...base,
          result: 'fail',
          observed: counted(found.clausesChanged, 'changed clause'),
          because: `The specification of ${name} is out of date: ${counted(found.clausesChanged, 'monitor')} changed after it was approved.`,
        };
      return {
        ...base,
        result: 'pass',
        observed: counted(found.clauses, 'clause'),
        because: `The specification of ${name} is approved in version ${found.version}.`,
      };
    });
  },
});
