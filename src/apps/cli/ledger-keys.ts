import type { Command } from 'commander';
import { AppError } from '#src/kernel/errors.ts';
import type { KeyPurpose } from '#src/ledger/log/key-statement.ts';
import type { ReadableLog } from '#src/ledger/store/former-log.ts';
import type { AnnouncedKey } from '#src/ledger/store/key-ring.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import { logIdOf } from '#src/ledger/store/store-log.ts';
import { oneLog } from './chosen-log.ts';
import type { CommandContext } from './context.ts';

const ACTOR = { kind: 'service', id: 'command-line' } as const;

/** `ledger key list|rotate|retire|proof`. */
export function registerKeys(key: Command, context: CommandContext, open: () => Promise<Ledger>): void {
  key
    .command('list')
    .description('every key the ledger announced: what for, since which entry, whether it still signs')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => list(context, await open(), json));
  key
    .command('rotate')
    .description('make a new key and announce it; both sign until the old one is retired')
    .option('--purpose <log|bundle>', 'what the key signs: heads of the log, or manifests of bundles', 'log')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  assay ledger key rotate\n  assay ledger key rotate --purpose bundle\nThen hand the new key to those who verify, and its proof to the operators of witnesses, and retire the old one:\n  assay ledger key proof 5e6f7a8b > announced.tlog-proof\n  assay ledger key retire 1a2b3c4d',
    )
    .action(async (options: { purpose: string; json?: true }) => rotate(context, await open(), options));
  key
    .command('retire')
    .description('end the use of a key that another has taken over from; what it signed stays valid')
    .argument('<key>', 'its id (8 hex digits) or the whole key')
    .option('--json', 'for machines')
    .action(async (wanted: string, { json }: { json?: true }) => retire(context, await open(), wanted, json));
  key
    .command('proof')
    .description('print the proof of a change of keys, for the operators of witnesses')
    .argument(
      '[key]',
      'its id (8 hex digits) or the whole key; without it, the proof of what continues the sealed ledger',
    )
    .option('--retired', 'the proof that it was retired, not that it was announced')
    .option('--log <id>', 'a ledger that was sealed (assay ledger list); default: the present one')
    .option('--witness <name>', 'under the newest head this witness cosigned; without it, that any has')
    .addHelpText(
      'after',
      '\nExamples:\n  assay ledger key proof 1a2b3c4d > announced.tlog-proof\n  assay ledger key proof --retired 9f8e7d6c > retired.tlog-proof\n  assay ledger key proof --log 0a1b… > continued.tlog-proof\nThe witness takes it in: assay witness --data FOLDER --log KEY --trust announced.tlog-proof',
    )
    // "ledger key" has --log too, and it is that one which is given.
    .action(async (wanted: string | undefined, _: object, command: Command) =>
      proof(context, await open(), wanted, command.optsWithGlobals<ProofOptions>()),
    );
}

type ProofOptions = { retired?: true; witness?: string; log?: string };

async function proof(
  context: CommandContext,
  ledger: Ledger,
  wanted: string | undefined,
  options: ProofOptions,
): Promise<void> {
  const { proveKeyChange } = await import('#src/ledger/store/prove.ts');
  const log = await oneLog(ledger, options.log);
  const index = wanted === undefined ? await endOf(log, ledger) : await entryOfKey(log, wanted, options);
  const head = await cosignedHead(log, index, options.witness);
  context.print((await proveKeyChange(log.reader, head, index)).trimEnd());
}

/** The entry that announces a key of the log, or retires it. */
async function entryOfKey(log: ReadableLog, wanted: string, { retired }: ProofOptions): Promise<number> {
  await log.ring.refresh();
  const found = log.ring.all.find((one) => one.vkey === wanted || keyId(one) === wanted.toLowerCase());
  if (found?.purpose !== 'log')
    throw new AppError(
      'not_found',
      `No key "${wanted.slice(0, 200)}" of the log is announced. See: assay ledger key list.`,
    );
  if (retired && found.retiredIndex === null)
    throw new AppError(
      'conflict',
      `The key ${keyId(found)} is not retired. Retire it: assay ledger key retire ${keyId(found)}.`,
    );
  return retired ? (found.retiredIndex ?? 0) : found.index;
}

/** The entry that ends a sealed log and names the one that continues it. */
async function endOf(log: ReadableLog, present: Ledger): Promise<number> {
  if (log === present)
    throw new AppError(
      'invalid_input',
      'Give the id of a key, or with --log the sealed ledger that another continues.',
    );
  const { size } = await log.signedHead();
  const last = await log.reader.entryAt(size - 1);
  const leaf = last?.type === 'log.sealed' ? JSON.parse(Buffer.from(last.bytes).toString('utf8')) : null;
  if (leaf?.body.next !== undefined) return size - 1;
  throw new AppError(
    'conflict',
    `The ledger ${log.origin} names none that continues it: its key was lost or stolen, or it was sealed by an older version. Whoever runs a witness lists the present key by hand: assay ledger key`,
  );
}

// An older head will do, and after a retirement a witness that still lacks the new key has cosigned no newer one. The last head
// of a sealed log is shown once more, to those who did not answer when it was sealed.
async function cosignedHead(log: ReadableLog, index: number, witness: string | undefined) {
  const { newestCosigned } = await import('#src/ledger/store/store-cosignatures.ts');
  const find = () => newestCosigned(log.database, log.origin, { index, witness });
  let head = await find();
  const last = await log.signedHead();
  if (!head && index === last.size - 1) {
    await log.outside?.settle({ identity: { id: logIdOf(log.origin), origin: log.origin }, head: last });
    head = await find();
  }
  if (!head)
    throw new AppError(
      'unavailable',
      `No head that holds entry ${index} is cosigned${witness === undefined ? '' : ` by "${witness.slice(0, 200)}"`}, and a witness takes no proof under a head it has not cosigned. Show it the newest: assay ledger witness try NAME.`,
    );
  return head;
}

async function list(context: CommandContext, ledger: Ledger, json?: true): Promise<void> {
  await ledger.ring.refresh();
  for (const one of ledger.ring.all) context.print(json ? JSON.stringify(summary(one)) : line(one));
}

async function rotate(
  context: CommandContext,
  ledger: Ledger,
  { purpose, json }: { purpose: string; json?: true },
): Promise<void> {
  if (purpose !== 'log' && purpose !== 'bundle')
    throw new AppError('invalid_input', `--purpose is log or bundle, not "${purpose.slice(0, 40)}".`);
  const { rotateKey } = await import('#src/ledger/store/rotate-key.ts');
  const { dataDir } = await context.openDatabase();
  const made = await rotateKey(ledger, { purpose: purpose as KeyPurpose, actor: ACTOR, dataDir });
  if (json) return context.print(JSON.stringify(summary(made)));
  const old = ledger.ring.activeAt(made.purpose, made.index)[0];
  context.print(
    [
      `Entry ${made.index} announces the new ${made.purpose} key:`,
      made.vkey,
      purpose === 'log'
        ? `From now on it signs beside ${old ? keyId(old) : 'the old one'}. Give it to those who verify, and to the operators of witnesses the output of: assay ledger key proof ${keyId(made)}\nOnce they have taken it in: assay ledger key retire ${old ? keyId(old) : ''}`
        : `Bundles are signed with it from now on. The old one can be retired: assay ledger key retire ${old ? keyId(old) : ''}`,
      'Back up the data folder: without the file of the key the ledger cannot be signed.',
    ].join('\n'),
  );
}

async function retire(context: CommandContext, ledger: Ledger, wanted: string, json?: true): Promise<void> {
  const { retireKey } = await import('#src/ledger/store/rotate-key.ts');
  const { dataDir } = await context.openDatabase();
  const key = await retireKey(ledger, { wanted, actor: ACTOR, dataDir });
  context.print(
    json
      ? JSON.stringify(summary(key))
      : `Entry ${key.retiredIndex} retires the ${key.purpose} key ${keyId(key)}. What it signed before stays valid; its private half was removed from the data folder.${key.purpose === 'log' ? ` Tell the operators of witnesses: assay ledger key proof --retired ${keyId(key)}` : ''}`,
  );
}

function summary({ purpose, vkey, index, retiredIndex, key }: AnnouncedKey) {
  return { purpose, keyId: keyId({ key }), vkey, announcedBy: index, retiredBy: retiredIndex };
}

function line(one: AnnouncedKey): string {
  const state = one.retiredIndex === null ? 'signs' : `retired by entry ${one.retiredIndex}`;
  return `${one.purpose.padEnd(6)}  entry ${String(one.index).padEnd(8)}  ${state.padEnd(24)}  ${one.vkey}`;
}

function keyId({ key }: Pick<AnnouncedKey, 'key'>): string {
  return key.id.toString(16).padStart(8, '0');
}
