import { execFileSync } from 'node:child_process';

/** Vitest global set-up: the file that the server hands out as the bundle verifier, made where a fresh checkout lacks it. */
export function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs', 'verifier'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
