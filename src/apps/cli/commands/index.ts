import type { CommandModule } from '../context.ts';

/** Every command by its first word. Only the one that is called is loaded. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  status: () => import('./status.ts'),
};
