import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { AppError } from '#src/kernel/errors.ts';
import type { ReadableLog } from '#src/ledger/store/former-log.ts';
import { proveInclusion } from '#src/ledger/store/prove.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import type { LedgerCheck } from '#src/ledger/store/store-check.ts';
import { logIdOf } from '#src/ledger/store/store-log.ts';
import type { StoredEntry } from '#src/ledger/store/store-read.ts';
import { oneLog } from '../chosen-log.ts';
import type { CommandContext, CommandModule } from '../context.ts';
import { registerKeys } from '../ledger-keys.ts';
import { registerParties } from '../ledger-parties.ts';
import { registerSeal } from '../ledger-seal.ts';

const ALL = 'all';
const LOG = ['--log <id>', 'a ledger that was sealed (assay ledger list); default: the present one'] as const;
const LOGS = [
  '--log <id>',
  `a ledger that was sealed (assay ledger list), or ${ALL}; default: the present one`,
] as const;
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
    .option(...LOGS)
    .option('--json', 'for machines')
    .action(async (options: { files: boolean; log?: string; json?: true }) => check(context, await open(), options));
  ledger
    .command('publish')
    .description('write the ledger as static files (C2SP tlog-tiles) that any web server can serve')
    .requiredOption('--out <folder>', 'where to; the same folder each time')
    .option(...LOGS)
    .action(async (options: { out: string; log?: string }) => publish(context, await open(), options));
  ledger
    .command('list')
    .description('list the ledger and those it continues: size, last signed head, when and why they were sealed')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => listLogs(context, await open(), json));
  registerSeal(ledger, context);
  registerParties(ledger, context);
};

function registerReading(ledger: Command, context: CommandContext, open: () => Promise<Ledger>): void {
  const key = ledger
    .command('key')
    .description("print the log's public key, on a line of its own, to hand to those who verify")
    .option('--policy', 'print a whole policy file for it')
    .option(...LOG)
    .action(async ({ policy, log }: { policy?: true; log?: string }) =>
      printKey(context, await oneLog(await open(), log), policy),
    );
  registerKeys(key, context, open);
  ledger
    .command('prove')
    .description('print the proof that an entry is in the ledger, as a C2SP tlog-proof file')
    .argument('<index>', 'of the entry')
    .option(...LOG)
    .action(async (index: string, { log }: { log?: string }) => {
      const opened = await open();
      await opened.integrate();
      const chosen = await oneLog(opened, log);
      const { tlogProof } = await proveInclusion(chosen.reader, await chosen.signedHead(), readIndex(index));
      // The file ends with its own newline.
      context.print(tlogProof.slice(0, -1));
    });
  ledger
    .command('inspect')
    .description('show an entry: the leaf as it was hashed, its hash, its place')
    .argument('<index>', 'of the entry')
    .option(...LOG)
    .option('--json', 'for machines')
    .action(async (index: string, { log, json }: { log?: string; json?: true }) =>
      inspect(context, await oneLog(await open(), log), readIndex(index), json),
    );
  ledger
    .command('tail')
    .description('list the newest entries')
    .option('-n, --number <count>', 'how many', '20')
    .option('-f, --follow', 'go on as entries come, until Ctrl-C')
    .option(...LOG)
    .option('--json', 'one JSON object a line')
    .action(async (options: TailOptions) => tail(context, await oneLog(await open(), options.log), options));
}

type Chosen = { name: string; chosen: ReadableLog; isFormer: boolean };

// The oldest first where all are meant.
async function chosenLogs(ledger: Ledger, name: string | undefined): Promise<Chosen[]> {
  const names = name === ALL ? (await ledger.formerLogs()).map(({ id }) => id).reverse() : [];
  const logs = await Promise.all((name === ALL ? names : [name]).map((one) => oneLog(ledger, one)));
  if (name === ALL) logs.push(ledger);
  return logs.map((chosen) => ({ name: logIdOf(chosen.origin), chosen, isFormer: chosen !== ledger }));
}

async function listLogs(context: CommandContext, ledger: Ledger, json?: true): Promise<void> {
  const present = await ledger.signedHead();
  const rows = [
    {
      id: logIdOf(ledger.origin),
      origin: ledger.origin,
      vkey: ledger.vkey,
      signed: present.size,
      sealedAt: null,
      reason: null,
    },
    ...(await Promise.all(
      (
        await ledger.formerLogs()
      ).map(async ({ id, origin, head, sealedAt, reason, size, lostFrom }) => ({
        id,
        origin,
        vkey: (await ledger.formerLog(id))?.vkey ?? null,
        signed: head?.size ?? 0,
        sealedAt: sealedAt.toISOString(),
        reason,
        ...(size > (head?.size ?? 0) && { unsigned: size - (head?.size ?? 0) }),
        ...(lostFrom !== null && { lostFrom }),
      })),
    )),
  ];
  if (json) return context.print(JSON.stringify(rows));
  for (const row of rows)
    context.print(
      `${row.id}  ${String(row.signed).padStart(8)} signed entries  ${row.sealedAt === null ? 'present' : `sealed ${row.sealedAt}, ${row.reason ?? 'not continued'}`}`,
    );
}

async function printKey(context: CommandContext, ledger: ReadableLog, wholePolicy?: true): Promise<void> {
  if (!wholePolicy) return context.print(ledger.vkey);
  const { policyText } = await import('#src/ledger/bundle/bundle-texts.ts');
  const active = ledger.ring.activeAt('log', Number.MAX_SAFE_INTEGER).map(({ key }) => key);
  context.print(policyText(active).trimEnd());
}

async function check(
  context: CommandContext,
  ledger: Ledger,
  { files, log, json }: { files: boolean; log?: string; json?: true },
): Promise<void> {
  const { checkLedger } = await import('#src/ledger/store/store-check.ts');
  const { dataDir } = await context.openDatabase();
  for (const { name, chosen, isFormer } of await chosenLogs(ledger, log)) {
    const result = await checkLedger(chosen, { ...(!isFormer && { dataDir }), withBlobs: files });
    if (!result.ok) context.foundProblems();
    const origin = log === undefined ? null : name;
    context.print(
      json ? JSON.stringify({ ...(origin && { log: chosen.origin }), ...result }) : checkText(result, files, origin),
    );
  }
}

function checkText(result: LedgerCheck, files: boolean, origin: string | null): string {
  const counted = `${result.entries} entries, ${result.series} series, ${result.tiles} tiles, ${result.heads} heads${files ? `, ${result.blobs} evidence files` : ''}`;
  return (
    (origin === null ? '' : `${origin}  `) +
    (result.ok
      ? `RIGHT  ${counted}: all that is stored follows from the entries.`
      : `WRONG  ${result.firstDifference}\n       Found to hold before that: ${counted}.`)
  );
}

async function publish(
  context: CommandContext,
  ledger: Ledger,
  { out, log }: { out: string; log?: string },
): Promise<void> {
  const { publishLedger } = await import('#src/ledger/store/publish.ts');
  const { rememberPublished } = await import('#src/ledger/store/remembered-places.ts');
  const { storageError } = await import('#src/platform/storage-error.ts');
  await ledger.integrate();
  try {
    for (const { name, chosen, isFormer } of await chosenLogs(ledger, log)) {
      // Several logs never share a folder: each is below its id, as the server serves them.
      const to = log === ALL ? `${out.replace(/\/+$/, '')}/${name}` : out;
      const folder = resolve(context.cwd, to);
      const { dataDir } = await context.openDatabase();
      // Before anybody can read the head there: what is known outside is remembered, whatever fails from then on.
      const remember = isFormer ? undefined : () => rememberPublished(dataDir, folder);
      const { size, written } = await publishLedger(chosen, folder, remember);
      context.print(
        `${to}: ${size} entries published, ${written === 0 ? 'nothing had changed' : `${written} files written`}.`,
      );
    }
  } catch (error) {
    throw storageError(error, `${out} could not be written`, 'name another folder');
  }
}

async function inspect(context: CommandContext, ledger: ReadableLog, index: number, json?: true): Promise<void> {
  const entry = await ledger.reader.entryAt(index);
  if (!entry) throw new AppError('not_found', `There is no entry ${index} in the ledger.`);
  const leaf = Buffer.from(entry.bytes).toString('utf8');
  if (json) return context.print(JSON.stringify({ ...summary(entry), leaf }));
  const size = (await ledger.reader.lastSigned())?.size ?? 0;
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

type TailOptions = { number: string; follow?: true; log?: string; json?: true };

async function tail(context: CommandContext, ledger: ReadableLog, options: TailOptions): Promise<void> {
  if (!/^[1-9]\d{0,3}$/.test(options.number))
    throw new AppError('invalid_input', `-n ${options.number} is not a number of entries between 1 and 9999.`);
  const show = (entry: StoredEntry) => context.print(options.json ? JSON.stringify(summary(entry)) : line(entry));
  const { items } = await ledger.reader.page({ limit: Number(options.number) });
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
