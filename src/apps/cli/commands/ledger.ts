import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { AppError } from '#src/kernel/errors.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import type { StoredEntry } from '#src/ledger/store/store-read.ts';
import type { CommandContext, CommandModule } from '../context.ts';
import { registerKeys } from '../ledger-keys.ts';
import { registerParties } from '../ledger-parties.ts';
import { registerSeal } from '../ledger-seal.ts';

const FOLLOW_EVERY_MS = 500;
const PAGE = 200;

export const register: CommandModule['register'] = (program, context) => {
  const ledger = program
    .command('ledger')
    .description('the append-only log that evidence and decisions are committed to');
  const open = async () => (await import('../command-ledger.ts')).openCommandLedger(context);
  registerReading(ledger, context, open);
  ledger
    .command('check')
    .description('derive everything that is stored again from the entries, and name the first difference')
    .option('--no-files', 'leave the evidence files unread; without this each is hashed again')
    .option('--json', 'for machines')
    .action(async (options: { files: boolean; json?: true }) => check(context, await open(), options));
  ledger
    .command('publish')
    .description('write the ledger as static files (C2SP tlog-tiles) that any web server can serve')
    .requiredOption('--out <folder>', 'where to; the same folder each time')
    .action(async ({ out }: { out: string }) => publish(context, await open(), out));
  registerSeal(ledger, context);
  registerParties(ledger, context);
};

function registerReading(ledger: Command, context: CommandContext, open: () => Promise<Ledger>): void {
  const key = ledger
    .command('key')
    .description("print the log's public key, on a line of its own, to hand to those who verify")
    .option('--policy', 'print a whole policy file for it')
    .action(async ({ policy }: { policy?: true }) => printKey(context, await open(), policy));
  registerKeys(key, context, open);
  ledger
    .command('prove')
    .description('print the proof that an entry is in the ledger, as a C2SP tlog-proof file')
    .argument('<index>', 'of the entry')
    .action(async (index: string) => {
      const opened = await open();
      await opened.integrate();
      const { tlogProof } = await opened.proveInclusion(readIndex(index));
      // The file ends with its own newline.
      context.print(tlogProof.slice(0, -1));
    });
  ledger
    .command('inspect')
    .description('show an entry: the leaf as it was hashed, its hash, its place')
    .argument('<index>', 'of the entry')
    .option('--json', 'for machines')
    .action(async (index: string, { json }: { json?: true }) => inspect(context, await open(), readIndex(index), json));
  ledger
    .command('tail')
    .description('list the newest entries')
    .option('-n, --number <count>', 'how many', '20')
    .option('-f, --follow', 'go on as entries come, until Ctrl-C')
    .option('--json', 'one JSON object a line')
    .action(async (options: { number: string; follow?: true; json?: true }) => tail(context, await open(), options));
}

async function printKey(context: CommandContext, ledger: Ledger, wholePolicy?: true): Promise<void> {
  if (!wholePolicy) return context.print(ledger.vkey);
  const { policyText } = await import('#src/ledger/bundle/bundle-texts.ts');
  const active = ledger.ring.activeAt('log', Number.MAX_SAFE_INTEGER).map(({ key }) => key);
  context.print(policyText(active).trimEnd());
}

async function check(
  context: CommandContext,
  ledger: Ledger,
  { files, json }: { files: boolean; json?: true },
): Promise<void> {
  const { checkLedger } = await import('#src/ledger/store/store-check.ts');
  const { dataDir } = await context.openDatabase();
  const result = await checkLedger(ledger, { dataDir, withBlobs: files });
  if (!result.ok) context.foundProblems();
  if (json) return context.print(JSON.stringify(result));
  const counted = `${result.entries} entries, ${result.series} series, ${result.tiles} tiles, ${result.heads} heads${files ? `, ${result.blobs} evidence files` : ''}`;
  context.print(
    result.ok
      ? `RIGHT  ${counted}: all that is stored follows from the entries.`
      : `WRONG  ${result.firstDifference}\n       Found to hold before that: ${counted}.`,
  );
}

async function publish(context: CommandContext, ledger: Ledger, out: string): Promise<void> {
  const { publishLedger } = await import('#src/ledger/store/publish.ts');
  const { rememberPublished } = await import('#src/ledger/store/remembered-places.ts');
  const { storageError } = await import('#src/platform/storage-error.ts');
  await ledger.integrate();
  try {
    const folder = resolve(context.cwd, out);
    const { size, written } = await publishLedger(ledger, folder);
    rememberPublished((await context.openDatabase()).dataDir, folder);
    context.print(
      `${out}: ${size} entries published, ${written === 0 ? 'nothing had changed' : `${written} files written`}.`,
    );
  } catch (error) {
    throw storageError(error, `${out} could not be written`, 'name another folder');
  }
}

async function inspect(context: CommandContext, ledger: Ledger, index: number, json?: true): Promise<void> {
  const entry = await ledger.entryAt(index);
  if (!entry) throw new AppError('not_found', `There is no entry ${index} in the ledger.`);
  const leaf = Buffer.from(entry.bytes).toString('utf8');
  if (json) return context.print(JSON.stringify({ ...summary(entry), leaf }));
  const { size } = await ledger.checkpoint();
  context.print(
    [
      `Entry      ${entry.index} of ${ledger.origin}`,
      `Type       ${entry.type}`,
      `Recorded   ${entry.recordedAt.toISOString()}`,
      `Leaf hash  ${entry.leafHash}`,
      `Size       ${entry.bytes.length} bytes`,
      ...(entry.series ? [`Series     ${entry.series.id}, number ${entry.series.seq}`] : []),
      `Signed     ${index < size ? `under the head of ${size} entries` : 'not yet'}`,
      '',
      // As it was hashed, on one line; and spread out, to be read.
      leaf,
      '',
      JSON.stringify(JSON.parse(leaf), null, 2),
    ].join('\n'),
  );
}

async function tail(
  context: CommandContext,
  ledger: Ledger,
  options: { number: string; follow?: true; json?: true },
): Promise<void> {
  if (!/^[1-9]\d{0,3}$/.test(options.number))
    throw new AppError('invalid_input', `-n ${options.number} is not a number of entries between 1 and 9999.`);
  const show = (entry: StoredEntry) => context.print(options.json ? JSON.stringify(summary(entry)) : line(entry));
  const { items } = await ledger.entries({ limit: Number(options.number) });
  for (const entry of items.reverse()) show(entry);
  if (!options.follow) return;
  for (let next = (items.at(-1)?.index ?? -1) + 1; !context.signal.aborted; ) {
    const page = await ledger.reader.entriesBetween(next, next + PAGE);
    for (const entry of page) show(entry);
    next += page.length;
    if (page.length < PAGE) await wait(FOLLOW_EVERY_MS, undefined, { signal: context.signal }).catch(() => undefined);
  }
}

function summary(entry: StoredEntry) {
  const { index, type, leafHash, series, recordedAt, bytes } = entry;
  return { index, type, recordedAt: recordedAt.toISOString(), leafHash, sizeBytes: bytes.length, series };
}

function line({ index, type, recordedAt, leafHash, series }: StoredEntry): string {
  const numbered = series ? `  ${series.id} #${series.seq}` : '';
  return `${String(index).padStart(8)}  ${recordedAt.toISOString()}  ${leafHash.slice(0, 12)}  ${type}${numbered}`;
}

function readIndex(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new AppError('invalid_input', `"${text}" is not the index of an entry, such as 0 or 42.`);
  return Number(text);
}
