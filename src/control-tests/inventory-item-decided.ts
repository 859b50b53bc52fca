import { dayOf, daysBetween } from './age.ts';
import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

const DECISION_DAYS = 14;

export const inventoryItemDecided = defineTest({
  id: 'inventory-item-decided',
  version: 1,
  title: 'Proposed inventory items are decided within 14 days',
  asks: 'Has somebody confirmed or rejected every item that a scan proposed more than 14 days ago?',
  why: 'A found model that nobody decides about is in production without an owner. The list is only as true as its oldest open entry.',
  controls: ['AIG-01'],
  severity: 'medium',
  uses: ['inventory-item'],
  population: 'inventory-item',
  dependsOnTime: true,
  fix: {
    summary: 'Confirm or reject the item.',
    steps: [
      'Open Inventory and filter by proposed items.',
      'Confirm what is yours and assign it to an AI system; reject what is not, with a reason. Many can be decided at once.',
    ],
  },
  judge: eachFact<'inventory-item'>(({ key, body }, now) => {
    const name = quoted(body.title);
    const base = { subject: key, observed: body.state, expected: `a decision within ${DECISION_DAYS} days` };
    if (body.state === 'gone')
      return { ...base, result: 'not_applicable', because: `${name} is no longer found in its source.` };
    if (body.state !== 'proposed') return { ...base, result: 'pass', because: `${name} was ${body.state}.` };
    const days = daysBetween(body.proposedAt, now);
    if (days === null) return { ...base, result: 'no_data', because: `When ${name} was proposed is not known.` };
    const since = `${name} was proposed on ${dayOf(body.proposedAt)}`;
    if (days > DECISION_DAYS)
      return { ...base, result: 'fail', because: `${since}, ${Math.floor(days)} days ago, and nobody has decided.` };
    return { ...base, result: 'pass', because: `${since} and may wait ${DECISION_DAYS} days for a decision.` };
  }),
});
