import { defineTest } from './define.ts';
import { judgeRegistration } from './registration.ts';

export const retrievalIndexRegistered = defineTest({
  id: 'retrieval-index-registered',
  version: 1,
  title: 'Retrieval indexes are registered with owner and data classes',
  asks: 'Is every retrieval index found confirmed and part of an AI system with owner and data classes?',
  why: 'An index is read by the model as trusted context. Unregistered, nobody decides what may enter it or who may read it.',
  controls: ['TDG-01'],
  severity: 'medium',
  uses: ['inventory-item', 'ai-system'],
  population: 'inventory-item',
  fix: {
    summary: 'Confirm the retrieval index and complete its AI system.',
    steps: [
      'Open Inventory, find the retrieval index, confirm it and choose its AI system.',
      'Fill in what the system still lacks.',
    ],
  },
  judge({ facts }) {
    return judgeRegistration(facts, 'knowledge_base', (system) => [
      ...(system.ownerId === null ? ['owner'] : []),
      ...(system.dataClasses.length === 0 ? ['data classes'] : []),
    ]);
  },
});
