import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, parse as parsePath, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { COMMAND_LINE, ledgerActor } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { BundleRange } from '#src/ledger/bundle/bundle-format.ts';
import type { BundleReport } from '#src/ledger/bundle/bundle-report.ts';
import type { Disclose } from '#src/ledger/store/export.ts';
import type { ReadableLog } from '#src/ledger/store/former-log.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import type { CommandContext, CommandModule } from '../context.ts';

type ExportOptions = {
  out: string;
  from?: string;
  to?: string;
  series?: string[];
  files: boolean;
  withhold?: string[];
  disclose: string;
  log?: string;
  since?: string;
  until?: string;
  verifier?: string;
  json?: true;
};
type VerifyOptions = { policy?: string; tsaCa?: string; mirror?: string[]; json?: true };

export const register: CommandModule['register'] = (program, context) => {
  const bundle = program.command('bundle').description('hand evidence over, and check what was handed over');
  bundle
    .command('export')
    .description('write the ledger with its evidence files into one file that verifies by itself')
    .requiredOption('--out <file>', 'where to write it, for example evidence.zip')
    .option('--from <index>', 'first entry (default: the first of the ledger)')
    .option('--to <index>', 'last entry, included (default: the newest)')
    .option('--series <id...>', 'instead of or besides a range: every entry of these series, such as a test id')
    .option('--no-files', 'leave the evidence files out; they are declared withheld')
    .option('--withhold <sha256...>', 'leave out these evidence files only; they are declared withheld')
    .option(
      '--disclose <what>',
      'personal values to put in: nothing, files (so that they can be opened), everything',
      'nothing',
    )
    .option('--since <day>', 'instead of indexes: entries recorded on this day (UTC) or later')
    .option('--until <day>', 'entries recorded on this day (UTC) or before')
    .option(
      '--log <id>',
      'a ledger that was sealed (assay ledger list), or all: one bundle each, of all that has such entries; default: the present one',
    )
    .option('--verifier <file>', 'write the verifier beside it, one HTML file for readers who install nothing')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  assay bundle export --out evidence.zip\n  assay bundle export --from 0 --to 999 --out first.zip\n  assay bundle export --series model-revision-pinned --out one-test.zip\n  assay bundle export --disclose files --out for-the-auditor.zip\n  assay bundle export --log all --since 2026-01-01 --until 2026-12-31 --out window.zip\n\nWhat people hand in is encrypted: without --disclose files a reader can verify it and not open it.',
    )
    .action((options: ExportOptions) => exportTo(context, options));
  bundle
    .command('verify')
    .description('check a bundle, or the folder it was unpacked into; needs no database and no network')
    .argument('<file...>', 'the bundle; of logs that continue one another, all of them: what joins them is told')
    .option(
      '--policy <file>',
      'whom you trust: a C2SP tlog-policy file (default: the key in the bundle, which proves less)',
    )
    .option('--tsa-ca <file>', 'the time-stamp authorities you trust, PEM (default: those in the bundle)')
    .option('--mirror <path>', 'a folder or git repository that mirrors the log; may be given again', collect)
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  assay bundle verify evidence.zip --policy my-policy\n  assay bundle verify evidence.zip --policy my-policy --tsa-ca root.pem --mirror /mnt/mirror\n  assay bundle verify window.zip window-0011….zip --policy both-keys\nExit codes: 0 right, 1 wrong, 2 called wrongly, 3 could not be read.',
    )
    .action((files: string[], options: VerifyOptions) => runBundlesVerify(context, files, options));
  bundle
    .command('verifier')
    .description('write the verifier: one HTML file that checks bundles in a browser, from disk, without a network')
    .requiredOption('--out <file>', 'where to write it, for example verifier.html')
    .addHelpText('after', '\nExamples:\n  assay bundle verifier --out verifier.html')
    .action(async ({ out }: { out: string }) => {
      await writeVerifier(context, out);
      context.print(`${out}: open it in a browser and drop a bundle on it. It needs no network.`);
    });
};

/** Builds it first where its sources changed. */
async function writeVerifier(context: CommandContext, out: string): Promise<void> {
  const { installationRoot } = await import('#src/platform/root.ts');
  const { readVerifier } = await import('#src/features/bundles/index.ts');
  const { storageError } = await import('#src/platform/storage-error.ts');
  const build: { ensureBuilt(target: string): Promise<unknown> } = await import(
    pathToFileURL(join(installationRoot(), 'scripts/build.mjs')).href
  );
  await build.ensureBuilt('verifier').catch((cause: Error) => {
    throw new AppError('unavailable', cause.message, { cause });
  });
  try {
    await writeFile(resolve(context.cwd, out), await readVerifier(), { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new AppError('conflict', `${out} exists already. Choose another name, or delete it first.`);
    throw storageError(error, `${out} could not be written`);
  }
}

type Target = { path: string; name: string; of: ReadableLog | undefined; range: BundleRange | undefined };

async function exportTo(context: CommandContext, options: ExportOptions): Promise<void> {
  refuseTaken(context, options.out);
  const { openCommandLedger } = await import('../command-ledger.ts');
  const ledger = await openCommandLedger(context);
  const targets = options.log === 'all' ? await targetsOfAll(context, ledger, options) : [];
  if (options.log !== 'all') {
    const of = options.log === undefined ? undefined : await formerLog(ledger, options.log);
    const range = await askedRange(options, of ?? ledger);
    if (range === null) throw nothingRecorded(options);
    targets.push({ path: resolve(context.cwd, options.out), name: options.out, of, range });
  }
  const told: { json: object; text: string }[] = [];
  for (const target of targets) told.push(await exportOne(context, ledger, target, options));
  if (options.verifier !== undefined) await writeVerifier(context, options.verifier);
  if (options.json) context.print(JSON.stringify(options.log === 'all' ? told.map(({ json }) => json) : told[0]?.json));
  else
    context.print(
      [...told.map(({ text }) => text), ...(await leftBefore(ledger, options)), ...togetherText(targets)].join('\n'),
    );
}

/** One bundle for each log that has something of what was asked for: the present one under the name given. */
async function targetsOfAll(context: CommandContext, ledger: Ledger, options: ExportOptions): Promise<Target[]> {
  if (options.from !== undefined || options.to !== undefined || options.series)
    throw new AppError(
      'invalid_input',
      'Every ledger counts its entries from 0: with --log all, say --since and --until in place of --from, --to and --series.',
    );
  const targets: Target[] = [];
  for (const id of [null, ...(await ledger.formerLogs()).map((log) => (log.head === null ? '' : log.id))]) {
    if (id === '') continue;
    const of = id === null ? undefined : ((await ledger.formerLog(id)) ?? undefined);
    const range = await askedRange(options, of ?? ledger);
    if (range === null) continue;
    const name = id === null ? options.out : besides(options.out, id);
    refuseTaken(context, name);
    targets.push({ path: resolve(context.cwd, name), name, of, range });
  }
  if (targets.length === 0) throw nothingRecorded(options);
  return targets;
}

function besides(out: string, id: string): string {
  const { dir, name, ext } = parsePath(out);
  return join(dir, `${name}-${id}${ext}`);
}

function refuseTaken({ cwd }: CommandContext, name: string): void {
  if (existsSync(resolve(cwd, name)))
    throw new AppError('conflict', `${name} exists already. Choose another name, or delete it first.`);
}

function nothingRecorded({ since, until }: ExportOptions): AppError {
  const days = [since && `from ${since} on`, until && `until ${until}`].filter(Boolean).join(', ');
  return new AppError('not_found', `Nothing was recorded ${days}. Nothing was exported.`);
}

// Whoever asked for the present ledger alone hears what it does not reach back to.
async function leftBefore(ledger: Ledger, { log }: ExportOptions): Promise<string[]> {
  if (log !== undefined) return [];
  const [former] = await ledger.formerLogs();
  if (!former) return [];
  const sealed = former.sealedAt.toISOString();
  return [
    `This ledger continues ${former.origin}, sealed ${sealed}: entries recorded before are not in the bundle.`,
    'For a window that reaches back: assay bundle export --log all --since DAY --out FILE',
  ];
}

function togetherText(targets: readonly Target[]): string[] {
  if (targets.length < 2) return [];
  return [`Verify them together: assay bundle verify ${targets.map(({ name }) => name).join(' ')}`];
}

async function exportOne(
  context: CommandContext,
  ledger: Ledger,
  { path, name, of, range }: Target,
  options: ExportOptions,
): Promise<{ json: object; text: string }> {
  const { storageError } = await import('#src/platform/storage-error.ts');
  const { makeId } = await import('#src/kernel/id.ts');
  const bundleId = makeId('bnd', Date.now(), randomBytes(10));
  const requestedAt = new Date();
  const temporary = `${path}.part`;
  const out = createWriteStream(temporary, { mode: 0o600 });
  const stop = () => out.destroy(new Error('interrupted'));
  context.signal.addEventListener('abort', stop, { once: true });
  try {
    const exported = await ledger.exportBundle({
      out,
      bundleId,
      exportedBy: ledgerActor(COMMAND_LINE),
      withBlobs: options.files,
      withhold: readDigests(options.withhold ?? []),
      disclose: readDisclose(options.disclose),
      ...(options.series && { series: options.series }),
      ...(range && { range }),
      ...(of && { of }),
      onProgress: (bytes) => context.progress(`${(bytes / 1_048_576).toFixed(1)} MiB written`),
    });
    await putInPlace(temporary, path);
    const { noteCommandExport } = await import('#src/features/bundles/index.ts');
    await noteCommandExport(ledger.database, {
      id: bundleId,
      requestedAt,
      finishedAt: new Date(),
      withBlobs: options.files,
      disclose: readDisclose(options.disclose),
      series: options.series ?? null,
      range: range ?? null,
      actor: COMMAND_LINE,
      exported,
    });
    const key = (of ?? ledger).vkey;
    return {
      json: { bundle: bundleId, file: path, ...exported, key },
      text: `${name}: ${exported.entries} entries, ${exported.sizeBytes} bytes, SHA-256 ${exported.sha256}\nLevel ${exported.assurance.level}. ${exported.assurance.stillPossible}\nLog key ${key}`,
    };
  } catch (error) {
    await rm(temporary, { force: true });
    throw storageError(error, `${name} could not be written`, 'name another file');
  } finally {
    context.signal.removeEventListener('abort', stop);
  }
}

async function formerLog(ledger: Ledger, name: string): Promise<ReadableLog | undefined> {
  if (name === ledger.origin || ledger.origin.endsWith(`/${name}`)) return undefined;
  const former = await ledger.formerLog(name);
  if (former) return former;
  throw new AppError(
    'not_found',
    `There is no ledger ${name.slice(0, 200)} in the database. List them: assay ledger list`,
  );
}

// "Exported" means that a power cut does not take it away again.
async function putInPlace(temporary: string, path: string): Promise<void> {
  await syncPath(temporary);
  await rename(temporary, path);
  try {
    await syncPath(dirname(path));
  } catch (error) {
    // Whether it lasts is not known, and nothing was there before.
    await rm(path, { force: true });
    throw error;
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// People count the last entry in; the ledger's ranges leave their end out. Null: nothing was recorded in these days.
async function askedRange(
  { from, to, since, until }: ExportOptions,
  log: Pick<ReadableLog, 'signedHead' | 'reader'>,
): Promise<BundleRange | undefined | null> {
  if (since !== undefined || until !== undefined) {
    if (from !== undefined || to !== undefined)
      throw new AppError(
        'invalid_input',
        'Say a window by days (--since, --until) or by indexes (--from, --to), not by both.',
      );
    const window = {
      since: since === undefined ? undefined : readDay('--since', since),
      before: until === undefined ? undefined : new Date(readDay('--until', until).getTime() + DAY_MS),
    };
    return log.reader.rangeRecorded(window, (await log.signedHead()).size);
  }
  if (from === undefined && to === undefined) return undefined;
  return {
    from: from === undefined ? 0 : readIndex('--from', from),
    to: to === undefined ? (await log.signedHead()).size : readIndex('--to', to) + 1,
  };
}

function readDay(option: string, text: string): Date {
  const day = new Date(`${text}T00:00:00.000Z`);
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)) return day;
  throw new AppError('invalid_input', `${option} ${text} is not a day, such as 2026-11-23.`);
}

function readDisclose(text: string): Disclose {
  if (text === 'nothing' || text === 'files' || text === 'everything') return text;
  throw new AppError('invalid_input', `--disclose ${text} is none of nothing, files, everything.`);
}

function readDigests(texts: readonly string[]): Set<string> {
  const wrong = texts.find((text) => !/^[0-9a-f]{64}$/.test(text));
  if (wrong !== undefined)
    throw new AppError('invalid_input', `--withhold ${wrong} is not a SHA-256 of 64 lower-case hex digits.`);
  return new Set(texts);
}

function readIndex(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new AppError('invalid_input', `${option} ${text} is not the index of an entry, such as 0 or 42.`);
  return Number(text);
}

async function runBundlesVerify(
  context: Pick<CommandContext, 'cwd' | 'print' | 'foundProblems'>,
  files: readonly string[],
  options: VerifyOptions,
): Promise<void> {
  const [only] = files;
  if (files.length === 1 && only !== undefined) return runBundleVerify(context, only, options);
  const { linkBundles } = await import('#src/ledger/bundle/succession.ts');
  const { bundleLinksText, bundleReportText } = await import('../report-text.ts');
  const verified: { file: string; report: BundleReport }[] = [];
  for (const file of files) verified.push({ file, report: await verifyPath(context, file, options) });
  const right = verified.filter(({ report }) => report.ok);
  const links = linkBundles(right.map(({ file, report }) => ({ name: basename(file), ...report.facts })));
  const reports = verified.map(({ file, report }) => bundleReportText(basename(file), report));
  context.print(
    options.json
      ? JSON.stringify({ bundles: verified, links }, null, 2)
      : [...reports, bundleLinksText(links)].join('\n\n'),
  );
  if (right.length < verified.length || links.some(({ state }) => state === 'contradicts')) context.foundProblems();
}

/** Verifies a bundle on disk and prints the report. Ends the command with 1 when something is wrong. */
export async function runBundleVerify(
  context: Pick<CommandContext, 'cwd' | 'print' | 'foundProblems'>,
  file: string,
  options: VerifyOptions,
): Promise<void> {
  const { bundleReportText } = await import('../report-text.ts');
  const report = await verifyPath(context, file, options);
  context.print(options.json ? JSON.stringify(report, null, 2) : bundleReportText(basename(file), report));
  if (!report.ok) context.foundProblems();
}

async function verifyPath(
  context: Pick<CommandContext, 'cwd'>,
  file: string,
  options: VerifyOptions,
): Promise<BundleReport> {
  const { openBundlePath } = await import('#src/ledger/store/store-bundle-source.ts');
  const { verifyBundle } = await import('#src/ledger/bundle/verify-bundle.ts');
  const policy = options.policy === undefined ? undefined : await readPolicy(context, options.policy);
  const trustedAuthorities = options.tsaCa === undefined ? undefined : readCertificates(context, options.tsaCa);
  const mirrors = (options.mirror ?? []).map((path) => resolve(context.cwd, path));
  const { source, close } = await openBundlePath(resolve(context.cwd, file));
  try {
    return await verifyBundle(source, {
      ...(policy !== undefined && { policy }),
      ...(trustedAuthorities !== undefined && { trustedAuthorities }),
      mirrorsHolding: (head) => mirrorsHolding(mirrors, head),
    });
  } finally {
    await close();
  }
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

// Only the text is compared: a mirror may have taken the head before a cosignature came.
async function mirrorsHolding(paths: readonly string[], head: { size: number; text: string }): Promise<string[]> {
  const { openFolderMirror } = await import('#src/ledger/mirror/mirror-folder.ts');
  const { openGitMirror } = await import('#src/ledger/mirror/mirror-git.ts');
  const holding: string[] = [];
  for (const path of paths) {
    if (!existsSync(path)) throw new AppError('not_found', `The mirror ${path} cannot be read.`);
    const isGit = existsSync(join(path, 'HEAD'));
    const mirror = isGit ? openGitMirror({ path, keys: () => [] }) : openFolderMirror({ folder: path, keys: () => [] });
    const note = await mirror.noteOf(head.size, head.text.split('\n')[0]);
    if (note?.startsWith(`${head.text}\n`)) holding.push(path);
  }
  return holding;
}

function readCertificates(context: Pick<CommandContext, 'cwd'>, file: string): string {
  try {
    return readFileSync(resolve(context.cwd, file), 'utf8');
  } catch (cause) {
    throw new AppError('not_found', `The certificates ${file} cannot be read.`, { cause });
  }
}

async function readPolicy(context: Pick<CommandContext, 'cwd'>, file: string): Promise<Uint8Array> {
  const { parsePolicy } = await import('#src/ledger/log/policy.ts');
  const { InvalidFormat } = await import('#src/ledger/log/invalid-format.ts');
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(resolve(context.cwd, file));
  } catch (cause) {
    throw new AppError('not_found', `The policy file ${file} cannot be read.`, { cause });
  }
  try {
    parsePolicy(bytes);
  } catch (error) {
    if (error instanceof InvalidFormat) throw new AppError('invalid_input', `${file}: ${error.message}`);
    throw error;
  }
  return bytes;
}
