// A process with a ledger that does what it is told on standard input, one JSON command a line, and answers each in a line.
// It is killed and its system calls are made to fail: see ledger.test.ts.
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { register } from '#src/apps/cli/commands/bundle.ts';
import type { CommandContext } from '#src/apps/cli/context.ts';
import { openGuardedLedger } from '#src/apps/open-ledger.ts';
import type { NewEntry } from '#src/ledger/log/entry.ts';
import { appendEntries } from '#src/ledger/store/append.ts';
import { publishLedger } from '#src/ledger/store/publish.ts';
import { rememberPublished } from '#src/ledger/store/remembered-places.ts';
import { retireKey, rotateKey } from '#src/ledger/store/rotate-key.ts';
import { type SealReason, sealLedger } from '#src/ledger/store/seal.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import { readConfig } from '#src/platform/config.ts';
import { connectDatabase } from '#src/platform/database/connect.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';

const [url = '', dataDir = ''] = process.argv.slice(2);
const database = connectDatabase(url, { maxConnections: 4 });
const log = createLog({ level: 'silent' });
const blobs = { has: async () => false, stream: async function* () {} };
const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
const ACTOR = { kind: 'service', id: 'fault' } as const;
let ledger: Ledger;

const entry = (key: string): NewEntry => ({
  type: 'evidence.collected',
  actor: { kind: 'service', id: 'fault' },
  subject: { kind: 'evidence', id: key },
  series: `series-${key.length % 3}`,
  body: { key },
  dedupeKey: key,
});
const append = (keys: readonly string[]) => database.transaction((tx) => appendEntries(tx, keys.map(entry), Date.now));

const context: CommandContext = {
  config: readConfig({}, '/'),
  log,
  cwd: '/',
  signal: new AbortController().signal,
  interactive: false,
  openDatabase: async () => ({ database, dataDir }) as OpenDatabase,
  print: () => undefined,
  progress: () => undefined,
  onStop: () => undefined,
  foundProblems: () => undefined,
};

const actions: Record<
  string,
  (command: { keys: string[]; out: string; name: string; wanted: string; reason: SealReason }) => Promise<unknown>
> = {
  open: async () => {
    ({ ledger } = await openGuardedLedger({ database, blobs, dataDir, clock: Date.now, log }));
    return { origin: ledger.origin, vkey: ledger.vkey };
  },
  append: async ({ keys }) => append(keys),
  integrate: async () => ({ integrated: await ledger.integrate(), note: (await ledger.checkpoint()).note }),
  publish: ({ out }) => publishLedger(ledger, out, (folder) => rememberPublished(dataDir, folder)),
  rotate: async () => (await rotateKey(ledger, { purpose: 'log', actor: ACTOR, dataDir })).vkey,
  retire: async ({ wanted }) => (await retireKey(ledger, { wanted, actor: ACTOR, dataDir })).vkey,
  seal: async ({ reason }) => {
    const parts = { database, dataDir, clock: Date.now, host: 'localhost', headSources: [] };
    return sealLedger(parts, { reason, actor: ACTOR });
  },
  // The whole way of an entry. Each thing that is acknowledged is said at once, so that it is known if this process ends.
  way: async ({ keys, out }) => {
    for (const key of keys) {
      await append([key]);
      say({ acknowledged: key });
      await ledger.integrate();
      say({ signed: (await ledger.checkpoint()).note });
      await publishLedger(ledger, out);
    }
  },
  // Appends and sequences at the same time, until it is over.
  run: async ({ keys, name }) => {
    const ending = new AbortController();
    const sequencing = ledger.runSequencer(ending.signal);
    for (const key of keys) {
      await append([`${name}-${key}`]);
      say({ acknowledged: `${name}-${key}` });
      if (Number(key) % 10 === 0) say({ signed: (await ledger.checkpoint()).note });
    }
    ending.abort();
    await sequencing;
  },
  export: async ({ out }) => {
    const program = new Command().exitOverride();
    register(program, context);
    await program.parseAsync(['bundle', 'export', '--out', out], { from: 'user' });
  },
};

say({ ready: process.pid });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const answer = await actions[command.do]?.(command).then(
    (done) => ({ done: done ?? null }),
    (error: unknown) => ({ failed: String(error), name: error instanceof Error ? error.name : '' }),
  );
  say(answer ?? { failed: `unknown command ${command.do}`, name: '' });
}
