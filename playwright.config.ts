import { execFileSync } from 'node:child_process';
import { defineConfig } from '@playwright/test';

// Workers read this file again and must come to the same address, so the port is chosen once and handed down.
process.env.ASSAY_E2E_PORT ??= freePort();

const ADD_PROVIDERS = [
  'evaluations.e2e.ts',
  'gateway-approvals.e2e.ts',
  'gateway-test-runs.e2e.ts',
  'route-of-system.e2e.ts',
];

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '*.e2e.ts',
  globalSetup: './tests/e2e/support/server.ts',
  // One server and one database: stories that change records must not meet.
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  // Two processors that may be busy with the rest of the tests.
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: 'line',
  use: {
    baseURL: `http://127.0.0.1:${process.env.ASSAY_E2E_PORT}`,
    viewport: { width: 1280, height: 860 },
    timezoneId: 'America/New_York',
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    // Everything after it needs a user, people in every role and a recorded scan.
    { name: 'first', testMatch: 'first-user.e2e.ts' },
    { name: 'stories', testIgnore: ['first-user.e2e.ts', ...ADD_PROVIDERS], dependencies: ['first'] },
    // The stories before begin with a gateway without providers and calls.
    { name: 'providers', testMatch: ADD_PROVIDERS, dependencies: ['stories'] },
  ],
});

function freePort(): string {
  const program =
    "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})";
  return execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }).trim();
}
