import { defineTest } from './define.ts';
import { judgeRegistration } from './registration.ts';

export const agentRegistered = defineTest({
  id: 'agent-registered',
  version: 1,
  title: 'Agents are registered with owner, purpose and autonomy',
  asks: 'Is every agent confirmed and part of an AI system with owner, purpose and autonomy level?',
  why: 'An agent that acts without an owner and a decided level of autonomy answers to nobody.',
  controls: ['AGT-01'],
  evidence: ['AGT-01.E1'],
  severity: 'high',
  uses: ['inventory-item', 'ai-system'],
  population: 'inventory-item',
  fix: {
    summary: 'Confirm the agent and complete its AI system.',
    steps: [
      'Open Inventory, find the agent, confirm it and choose its AI system.',
      'Fill in what the system still lacks.',
    ],
  },
  judge({ facts }) {
    return judgeRegistration(facts, 'agent', (system) => [
      ...(system.ownerId === null ? ['owner'] : []),
      ...(system.purpose === null ? ['purpose'] : []),
      ...(system.autonomyLevel === null ? ['autonomy level'] : []),
    ]);
  },
});
