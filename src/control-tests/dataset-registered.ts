import { defineTest } from './define.ts';
import { judgeRegistration } from './registration.ts';

export const datasetRegistered = defineTest({
  id: 'dataset-registered',
  version: 1,
  title: 'Datasets are registered with owner and data classes',
  asks: 'Is every dataset found confirmed and part of an AI system with owner and data classes?',
  why: 'What a model knows comes from its data. A dataset without owner and class has no known rights, limits or retention.',
  controls: ['TDG-01'],
  severity: 'medium',
  uses: ['inventory-item', 'ai-system'],
  population: 'inventory-item',
  fix: {
    summary: 'Confirm the dataset and complete its AI system.',
    steps: [
      'Open Inventory, find the dataset, confirm it and choose its AI system.',
      'Fill in what the system still lacks.',
    ],
  },
  judge({ facts }) {
    return judgeRegistration(facts, 'dataset', (system) => [
      ...(system.ownerId === null ? ['owner'] : []),
      ...(system.dataClasses.length === 0 ? ['data classes'] : []),
    ]);
  },
});
