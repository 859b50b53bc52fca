// Writes openapi.json from the routes of the composed server, or with --check says whether the committed one is current.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from '#src/apps/server/compose.ts';
import { readConfig } from '#src/platform/config.ts';
import { openDatabase } from '#src/platform/database/supervisor.ts';
import { openApiText } from '#src/platform/http/openapi.ts';
import { createLog } from '#src/platform/log.ts';

const FILE = 'openapi.json';

async function describeServer(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'assay-openapi-'));
  try {
    const config = readConfig({ ASSAY_DATA_DIR: dataDir }, process.cwd());
    const log = createLog({ level: 'error', output: 2 });
    const database = await openDatabase({ config, log, purpose: 'command' });
    try {
      const { app, stop } = await compose({ config, log, database, clock: Date.now });
      await app.ready();
      const text = openApiText(app);
      await app.close();
      await stop();
      return text;
    } finally {
      await database.close();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const text = await describeServer();
if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} does not match the routes. Run: npm run openapi`);
  process.exitCode = 1;
}
