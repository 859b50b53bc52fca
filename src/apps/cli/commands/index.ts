import type { CommandModule } from '../context.ts';

/** Every command by its first word. Only the one that is called is loaded. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  alert: () => import('./alert.ts'),
  bundle: () => import('./bundle.ts'),
  endpoint: () => import('./endpoint.ts'),
  evaluation: () => import('./evaluation.ts'),
  gateway: () => import('./gateway.ts'),
  incident: () => import('./incident.ts'),
  ledger: () => import('./ledger.ts'),
  monitor: () => import('./monitor.ts'),
  person: () => import('./person.ts'),
  retention: () => import('./retention.ts'),
  scan: () => import('./scan.ts'),
  secrets: () => import('./secrets.ts'),
  status: () => import('./status.ts'),
  witness: () => import('./witness.ts'),
};
