// Runs everything a contributor must see pass and ends with one line: `N passed, N failed, N skipped`.
// Names of test files given as arguments run those alone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules/.bin', name);
const scratch = mkdtempSync(join(tmpdir(), 'assay-test-report-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const args = process.argv.slice(2);

function run(command, commandArgs, env = {}) {
  const result = spawnSync(command, commandArgs, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  return result.status ?? 1;
}

/** A runner that ends badly without naming a failed test (a crash, a file that does not load) still counts as one failure. */
function count(status, tally) {
  total.passed += tally.passed;
  total.skipped += tally.skipped;
  total.failed += status !== 0 && tally.failed === 0 ? 1 : tally.failed;
}

const vitestReport = join(scratch, 'vitest.json');
const vitestStatus = run(bin('vitest'), [
  'run',
  ...args,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${vitestReport}`,
]);
count(vitestStatus, readVitest(vitestReport));

if (args.length === 0) {
  const chromium = [
    process.env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ].find((path) => path && existsSync(path));
  if (chromium) {
    const playwrightReport = join(scratch, 'playwright.json');
    const status = run(bin('playwright'), ['test', '--reporter=line,json'], {
      CHROMIUM_PATH: chromium,
      PLAYWRIGHT_JSON_OUTPUT_FILE: playwrightReport,
    });
    count(status, readPlaywright(playwrightReport));
  } else {
    total.skipped += 1;
    console.log(
      'Browser tests skipped: no Chromium found. Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH.',
    );
  }
}

rmSync(scratch, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

function readVitest(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0 };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  };
}

function readPlaywright(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0 };
  const { stats } = JSON.parse(readFileSync(file, 'utf8'));
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped };
}
