// Export and verification of an audit bundle. It is verified in a process of its own, bundled as the command is, against its
// hashes and signatures alone, in turns. `--short` takes a fifth of the entries.
import { createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendEntries } from '#src/ledger/store/append.ts';
import { openLedger } from '#src/ledger/store/store.ts';
import { readConfig } from '#src/platform/config.ts';
import { openDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import type { BundleCost } from './bundle-parts/verify.ts';
import { nextEntry } from './ledger-parts/entries.ts';
import { bundlePrograms, startProgram } from './programs/programs.ts';

const ENTRIES = process.argv.includes('--short') ? 2_000 : 10_000;
const BATCH = 256;

const line = (what: string, value: string, goal = '') =>
  console.log(`${what.padEnd(66)} ${value.padStart(16)}  ${goal}`);

/** Exports a bundle of so many entries to `file`. */
async function exportTo(
  file: string,
  dataDir: string,
): Promise<{ policy: string; size: number; root: string; cpuSeconds: number }> {
  const config = readConfig({ ASSAY_DATA_DIR: dataDir, ASSAY_LOG_LEVEL: 'silent' }, process.cwd());
  const log = createLog({ level: 'silent' });
  const { database, close } = await openDatabase({ config, log, purpose: 'command' });
  try {
    const blobs = { has: async () => false, stream: async function* () {} };
    const ledger = await openLedger({ database, blobs, dataDir, clock: () => Date.now(), log });
    for (let size = (await ledger.reader.logState()).size; size < ENTRIES; size += BATCH)
      await database.transaction((tx) => appendEntries(tx, Array.from({ length: BATCH }, nextEntry), () => Date.now()));
    await ledger.integrate();
    const before = process.cpuUsage();
    await ledger.exportBundle({
      out: createWriteStream(file),
      bundleId: 'bnd_bench',
      exportedBy: { kind: 'service', id: 'bench' },
      range: { from: 0, to: ENTRIES - 4 },
    });
    const { user, system } = process.cpuUsage(before);
    const { size } = await ledger.checkpoint();
    const root = Buffer.from(await ledger.reader.tree.root(size)).toString('hex');
    return { policy: `log ${ledger.vkey}\nquorum none\n`, size, root, cpuSeconds: (user + system) / 1e6 };
  } finally {
    await close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
try {
  const file = join(folder, 'bundle.zip');
  const policyFile = join(folder, 'policy');
  const { policy, size, root, cpuSeconds } = await exportTo(file, folder);
  writeFileSync(policyFile, policy);
  const megabytes = (statSync(file).size / 1e6).toFixed(1);
  line(
    `bundle of ${ENTRIES.toLocaleString('en-US')} entries (${megabytes} MB): export`,
    `${cpuSeconds.toFixed(2)} CPU s`,
  );
  await bundlePrograms(['bundle-parts/verify']);
  const { child, ...cost } = await startProgram<BundleCost>('bundle-parts/verify', [
    file,
    policyFile,
    String(size),
    root,
  ]);
  line('  verification', `${cost.verifySeconds.toFixed(3)} CPU s`);
  line('  vs its hashes and signatures alone', `${(cost.verifySeconds / cost.statedSeconds).toFixed(2)} x`, '<= 1.6');
  line(
    '  vs the fewest hashes that do, each node of the tree once',
    `${(cost.verifySeconds / cost.fewestSeconds).toFixed(2)} x`,
  );
  line('  resident memory of the process', `${cost.residentMegabytes.toFixed(0)} MB`);
  child.disconnect();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
