import { ensureBuilt } from '../../scripts/build.mjs';

/** Vitest global set-up: the file that the server hands out as the bundle verifier, made where a fresh checkout lacks it. */
export async function setup(): Promise<void> {
  await ensureBuilt('verifier');
}
