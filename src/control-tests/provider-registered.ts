import { defineTest, type Verdict } from './define.ts';
import { grouped } from './grouped.ts';
import { at, quoted, where } from './words.ts';

/** Tests and examples count: they send data to the provider, too. */
export const providerRegistered = defineTest({
  id: 'provider-registered',
  version: 1,
  title: 'Every AI provider in code is a confirmed item of the inventory',
  asks: 'Is each outside AI service that the code uses registered and confirmed?',
  why: 'An AI service takes one import and one key to adopt. Data then flows to a provider nobody has assessed, and buyers ask about it first.',
  controls: ['AIG-08', 'TPA-01', 'AIG-01'],
  evidence: ['AIG-08.E1'],
  severity: 'high',
  uses: ['ai-service', 'inventory-item'],
  population: 'ai-service',
  fix: {
    summary: 'Decide about the provider in the inventory.',
    steps: [
      'Open Inventory, filter by third-party AI services, and find the provider.',
      'Confirm it and assign it to an AI system, once its data terms have been read, or',
      'reject it and take it out of the code.',
    ],
  },
  judge({ facts }) {
    const services = facts['inventory-item'].filter((item) => item.body.itemKind === 'third_party_ai_service');
    const byProvider = grouped(services, (item) => item.body.provider ?? '');
    return facts['ai-service'].map(({ key, body }): Verdict => {
      if (body.place.purpose === 'documentation') {
        const because = `${where(body.place)} stands in documentation.`;
        return { subject: key, result: 'not_applicable', because, ...at(body.place) };
      }
      const states = new Set((byProvider.get(body.provider) ?? []).map((item) => item.body.state));
      const used = `${quoted(body.provider)} is used in ${where(body.place)}`;
      const base = { subject: key, expected: 'a confirmed item', ...at(body.place) };
      if (states.has('confirmed'))
        return { ...base, result: 'pass', because: `${used} and confirmed in the inventory.`, observed: 'confirmed' };
      if (states.has('proposed'))
        return { ...base, result: 'fail', because: `${used}; nobody has decided about it yet.`, observed: 'proposed' };
      if (states.has('rejected'))
        return { ...base, result: 'fail', because: `${used} although it was rejected.`, observed: 'rejected' };
      return { ...base, result: 'fail', because: `${used} and is not in the inventory.`, observed: 'not registered' };
    });
  },
});
