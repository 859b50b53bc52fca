import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const inventoryItemAssigned = defineTest({
  id: 'inventory-item-assigned',
  version: 1,
  title: 'Confirmed items belong to an AI system',
  asks: 'Is every confirmed model, dataset, endpoint and service assigned to an AI system?',
  why: 'Owner, purpose, risk tier and scope are decided for systems. An item outside of one has none of them.',
  controls: ['AIG-01'],
  severity: 'medium',
  uses: ['inventory-item'],
  population: 'inventory-item',
  fix: {
    summary: 'Assign the item to its AI system.',
    steps: [
      'Open the item in Inventory and choose its AI system, or',
      'create the system first where there is none yet.',
    ],
  },
  judge: eachFact<'inventory-item'>(({ key, body }) => {
    const name = quoted(body.title);
    const base = { subject: key, observed: body.systemId ?? 'none', expected: 'an AI system' };
    if (body.state !== 'confirmed')
      return { ...base, result: 'not_applicable', because: `${name} is ${body.state}, not confirmed.` };
    if (body.systemId === null)
      return { ...base, result: 'fail', because: `${name} is confirmed but belongs to no AI system.` };
    return { ...base, result: 'pass', because: `${name} belongs to an AI system.` };
  }),
});
