import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tests/rules/**/*.test.ts', 'tests/faults/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    globalSetup: ['tests/support/postgres.ts', 'tests/support/verifier.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
