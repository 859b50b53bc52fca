import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { AppError } from '#src/kernel/errors.ts';
import type { NoteSigner } from '#src/ledger/log/note.ts';
import type { VerifierKey } from '#src/ledger/log/verifier-key.ts';
import type { CommandContext, CommandModule } from '../context.ts';

type Options = {
  data: string;
  name?: string;
  log?: string[];
  logs?: string;
  listen: { host: string; port: number };
  printKey?: true;
  trust?: string;
  json?: true;
};

const HELP = `
A witness watches that the history of a log only grows. It remembers the largest head it has seen of each log and signs a
new one only with proof that it continues that head. Run it where the operator of the log has no access.
It needs no database. What it remembers, and its key, are in the data folder: never put an older copy of that folder back.

Examples:
  $ assay witness --data ./witness --name witness.auditor.example/acme --log 'acme.example/ledger/5c0f…+1a2b3c4d+AX…'
  $ assay witness --data ./witness --logs ./logs.txt --listen 0.0.0.0:4402
  $ assay witness --data ./witness --print-key
  $ assay witness --data ./witness --logs ./logs.txt --trust ./key-change.tlog-proof

The file of --logs has one key of a log on each line, as "assay ledger key" prints it; lines that begin with # are notes.
When a log changes its key, or ends and is continued by another, its operator sends what "assay ledger key proof" prints.
--trust takes it in when this witness has cosigned the very head that proves it. A witness that runs takes in both, within seconds.
Guide: docs/guides/witness.md`;

export const register: CommandModule['register'] = (program, context) => {
  program
    .command('witness')
    .description('run a witness: a small service that cosigns the heads of logs, for an auditor or a customer to host')
    .requiredOption('--data <folder>', 'where its key and its memory are kept')
    .option('--name <name>', 'its name, like witness.auditor.example/acme; needed once, to make the key')
    .option('--log <vkey>', 'the public key of a log to follow; may be given again', collect)
    .option('--logs <file>', 'a file with such keys, one a line')
    .addOption(
      new Option('--listen <host:port>', 'where to listen')
        .argParser(readAddress)
        .default({ host: '127.0.0.1', port: 4402 }, '127.0.0.1:4402'),
    )
    .option('--print-key', 'print its public key on a line of its own, and end')
    .option(
      '--trust <file>',
      'take in the proof that a log announced or retired a key, or is continued by another, and end',
    )
    .option('--json', 'say the same for machines')
    .addHelpText('after', HELP)
    .action((options: Options) => runWitness(context, options));
};

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function readAddress(text: string): Options['listen'] {
  const match = /^(?:(\[[0-9a-fA-F:.]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2] ?? Number.NaN);
  if (!match || port > 65_535) throw new InvalidArgumentError('Expected host:port, like 0.0.0.0:4402 or [::]:4402.');
  return { host: match[1]?.replace(/[[\]]/g, '') ?? '127.0.0.1', port };
}

async function runWitness(context: CommandContext, options: Options): Promise<void> {
  const { openWitnessKey } = await import('#src/ledger/witness/witness-key.ts');
  const { formatVerifierKey } = await import('#src/ledger/log/verifier-key.ts');
  const { SyncFailed } = await import('#src/ledger/store/store-files.ts');
  const { makeFolders } = await import('#src/platform/make-folders.ts');
  const { storageError } = await import('#src/platform/storage-error.ts');
  const dataDir = resolve(context.cwd, options.data);
  try {
    makeFolders(dataDir, 0o700);
    const signer = openWitnessKey(join(dataDir, 'witness.key'), options.name);
    const vkey = formatVerifierKey(signer.key);
    if (options.printKey) context.print(options.json ? JSON.stringify({ name: signer.key.name, vkey }) : vkey);
    else if (options.trust !== undefined) await trust(context, options, options.trust, { dataDir, signer });
    else await serve(context, options, { dataDir, signer, vkey });
  } catch (error) {
    if (error instanceof SyncFailed)
      throw new AppError(
        'unavailable',
        `${error.message} The witness stops, so that it promises nothing it may forget.`,
      );
    throw storageError(error, `The folder ${dataDir} cannot be used`);
  }
}

async function serve(
  context: CommandContext,
  options: Options,
  { dataDir, signer, vkey }: { dataDir: string; signer: NoteSigner; vkey: string },
): Promise<void> {
  const { WitnessState } = await import('#src/ledger/witness/witness-state.ts');
  const { serveWitness } = await import('#src/ledger/witness/witness-server.ts');
  const { holdFolder } = await import('#src/ledger/witness/witness-lock.ts');
  const { createLog } = await import('#src/platform/log.ts');
  const { trustedKeys } = await import('#src/ledger/witness/witness-trust.ts');
  const { followTrust, stampOf } = await import('#src/ledger/witness/witness-follow.ts');
  const readLogs = await logsReader(context.cwd, options);
  const read = () => trustedKeys(dataDir, { given: readLogs(), own: signer.key });
  const files = { dataDir, logsFile: options.logs === undefined ? undefined : resolve(context.cwd, options.logs) };
  const stamp = stampOf(files);
  const { keys, sealed } = read();
  const held = await holdFolder(dataDir, Date.now());
  try {
    const state = new WitnessState({ dataDir, signer, logs: keys, sealed, clock: Date.now });
    // A service speaks of what it does; the log of a command is silent until something is wrong.
    const log = process.env.ASSAY_LOG_LEVEL ? context.log : createLog({ level: 'info', output: 2 });
    const { name } = signer.key;
    const server = await serveWitness({ state, vkey, name, log, ...options.listen });
    context.signal.addEventListener('abort', () => void server.close(), { once: true });
    const said = { name, vkey, url: server.url, logs: state.origins };
    context.print(options.json ? JSON.stringify(said) : describe(said));
    const stopped = new AbortController();
    const following = followTrust({ files, stamp, state, read, log }, stopped.signal);
    await server.ended.finally(() => stopped.abort());
    await following;
  } finally {
    held.release();
  }
}

async function trust(
  context: CommandContext,
  options: Options,
  file: string,
  { dataDir, signer }: { dataDir: string; signer: NoteSigner },
): Promise<void> {
  const { trustKeyChange } = await import('#src/ledger/witness/witness-trust.ts');
  const { InvalidFormat } = await import('#src/ledger/log/invalid-format.ts');
  const { formatVerifierKey } = await import('#src/ledger/log/verifier-key.ts');
  const given = (await logsReader(context.cwd, options))();
  try {
    const proof = readProof(resolve(context.cwd, file));
    const { kind, key, index, origin } = trustKeyChange(dataDir, proof, { given, own: signer.key });
    const vkey = formatVerifierKey(key);
    if (options.json) return context.print(JSON.stringify({ change: kind, log: origin, index, vkey }));
    const [what, then] = WHAT_A_CHANGE_DOES[kind];
    context.print(`Entry ${index} of ${origin} ${what}\n${vkey}\nThis witness ${then}, within seconds where it runs.`);
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    throw new AppError('invalid_input', `${file} changes nothing: ${error.message}`, { cause: error });
  }
}

const WHAT_A_CHANGE_DOES = {
  announced: ['announces the key', 'accepts heads signed with it'],
  retired: ['retires the key', 'accepts nothing signed with it alone'],
  sealed: ['ends the log, and names the first key of the log that continues it', 'follows that log'],
} as const;

const FILE_BYTES_MAX = 1024 * 1024;

function readProof(path: string): Uint8Array {
  try {
    if (statSync(path).size <= FILE_BYTES_MAX) return readFileSync(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
    throw new AppError('invalid_input', `--trust: ${path} cannot be read${code}.`, { cause });
  }
  throw new AppError('invalid_input', `--trust: ${path} is larger than 1 MiB, and no such proof.`);
}

const LOG_KEYS_MAX = 1_000;

/** Reads the keys of logs as they are listed now. The function it gives throws `AppError('invalid_input')`. */
async function logsReader(cwd: string, options: Options): Promise<() => VerifierKey[]> {
  const { ED25519, parseVerifierKey } = await import('#src/ledger/log/verifier-key.ts');
  const { InvalidFormat } = await import('#src/ledger/log/invalid-format.ts');
  const readKey = (text: string): VerifierKey => {
    try {
      const key = parseVerifierKey(text);
      if (key.type === ED25519) return key;
    } catch (error) {
      if (!(error instanceof InvalidFormat)) throw error;
      throw new AppError('invalid_input', `The key of a log cannot be used: ${error.message}`, { cause: error });
    }
    throw new AppError('invalid_input', `"${text.slice(0, 200)}" is the key of a witness, not of a log.`);
  };
  return () => {
    const listed = options.logs === undefined ? [] : readLines(resolve(cwd, options.logs));
    const texts = [...(options.log ?? []), ...listed];
    if (texts.length === 0)
      throw new AppError('invalid_input', 'The witness has no log to follow. Give the public key of one with --log.');
    if (texts.length > LOG_KEYS_MAX)
      throw new AppError(
        'invalid_input',
        `A witness follows at most ${LOG_KEYS_MAX} keys, and ${texts.length} are listed.`,
      );
    return texts.map(readKey);
  };
}

function readLines(file: string): string[] {
  try {
    if (statSync(file).size > FILE_BYTES_MAX)
      throw new AppError('invalid_input', `--logs: ${file} is larger than 1 MiB, and no list of keys.`);
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
    throw new AppError('invalid_input', `--logs: ${file} cannot be read${code}.`, { cause });
  }
}

function describe(said: { name: string; vkey: string; url: string; logs: readonly string[] }): string {
  const { name, vkey, url, logs } = said;
  return [
    `The witness ${name} listens on ${url}. Its key, to be given to logs and to those who check them:`,
    vkey,
    `It follows ${logs.length === 1 ? 'one log' : `${logs.length} logs`}:`,
    ...logs.map((origin) => `  ${origin}`),
  ].join('\n');
}
