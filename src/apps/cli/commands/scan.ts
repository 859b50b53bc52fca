import { dirname, resolve } from 'node:path';
import { Option } from 'commander';
import type { ScanProgress, ScanResult } from '#src/connectors/source-tree/index.ts';
import type { Finding, Severity } from '#src/features/scans/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext, CommandModule } from '../context.ts';

type Format = 'table' | 'json' | 'cyclonedx';
type Options = {
  json?: true;
  format?: Format;
  record?: true;
  out?: string;
  failOn?: Severity;
  includeIgnored?: true;
};

const EXAMPLES = `
Examples:
  assay scan .                                  what AI is in this repository
  assay scan . --record                         and keep it: inventory, tests, evidence
  assay scan . --format cyclonedx --out bom.json
  assay scan . --fail-on high                   in CI: exit 1 when a test of that severity fails
Exit codes: 0 done, 1 findings at or above --fail-on, 2 called wrongly, 3 could not run.
Nothing of the tree is run or imported, and nothing leaves this machine.`;

export const register: CommandModule['register'] = (program, context) => {
  program
    .command('scan')
    .description('find the AI systems in a source tree')
    .argument('<path>', 'folder or git clone')
    .addOption(new Option('--format <format>', 'how to print it').choices(['table', 'json', 'cyclonedx']))
    .option('--json', 'the same as --format json')
    .option('--record', 'store facts, inventory, evidence and verdicts; works with and without a running server')
    .option('--out <file>', 'write the result to a file in place of the terminal')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 when a control test of this severity or a higher one fails').choices([
        'critical',
        'high',
        'medium',
        'low',
      ]),
    )
    .option('--include-ignored', 'read what .gitignore leaves out, too')
    .addHelpText('after', EXAMPLES)
    .action((path: string, options: Options) => scan(context, path, options, program.version() ?? ''));
};

async function scan(context: CommandContext, path: string, options: Options, version: string): Promise<void> {
  const format = formatOf(options);
  // An unset variable in a script must not become the folder it happens to run in.
  if (path === '')
    throw new AppError('invalid_input', 'The path is empty. Give a folder or file, or "." for this folder.');
  // Looked at before the work: a result that cannot be written would otherwise be found out after recording.
  const target = options.out === undefined ? null : await findTarget(context, options.out);
  const { scanTree } = await import('#src/connectors/source-tree/index.ts');
  const { CONTROL_TESTS } = await import('#src/control-tests/index.ts');
  const { findingsOf, SEVERITIES } = await import('#src/features/scans/index.ts');
  const root = resolve(context.cwd, path);
  const result = await scanTree(root, {
    signal: context.signal,
    now: Date.now,
    onProgress: (progress) => context.progress(progressText(progress)),
    ...(options.includeIgnored && { includeIgnored: true }),
  });
  context.progress('');
  if (!result.stats.complete && result.stats.files === 0)
    throw new AppError(
      'unavailable',
      `Nothing of ${path} could be read: ${result.stats.incompleteBecause[0] ?? 'no permission'}. Nothing was judged or recorded.`,
    );
  const findings = findingsOf(result, CONTROL_TESTS);
  const recorded = options.record ? await record(context, result, root) : null;
  const text = await render(format, { result, findings, recorded, version });
  if (target) await writeResult(target, text);
  else context.print(text);
  // A table already ends with it; a file or a machine's format leaves the person without a word.
  if (recorded && (format === 'table' ? options.out !== undefined : context.interactive))
    process.stderr.write(`${recorded.text}\n`);
  const limit = options.failOn === undefined ? -1 : SEVERITIES.indexOf(options.failOn);
  if (findings.some((finding) => SEVERITIES.indexOf(finding.severity) <= limit)) context.foundProblems();
}

function formatOf({ json, format }: Options): Format {
  if (json && format !== undefined && format !== 'json')
    throw new AppError('invalid_input', `--json and --format ${format} contradict each other. Give one of them.`);
  return json ? 'json' : (format ?? 'table');
}

function progressText(progress: ScanProgress): string {
  const of = progress.filesTotal === null ? '' : ` of ${progress.filesTotal.toLocaleString('en-US')}`;
  const words = { listing: 'Listing', reading: 'Reading', relating: 'Relating' }[progress.phase];
  const current = progress.current === null ? '' : `  ${progress.current.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')}`;
  return `${words} ${progress.filesDone.toLocaleString('en-US')}${of} files, ${progress.detections} found${current}`;
}

type Recorded = { evidenceId: string; ledgerIndex: number | null; summary: unknown; text: string };

async function record(context: CommandContext, result: ScanResult, root: string): Promise<Recorded> {
  const { openCommandServices } = await import('../command-services.ts');
  const { recordCommandScan } = await import('#src/features/scans/index.ts');
  const { indexesOf } = await import('#src/features/ledger/index.ts');
  const { evidencePendingId } = await import('#src/features/evidence/index.ts');
  const { recordedText } = await import('../scan-text.ts');
  const services = await openCommandServices(context);
  const { database } = services;
  context.progress('Recording');
  const { summary, evidenceId } = await recordCommandScan(services, result, root);
  // A running server would sequence it too; without one it gets its place in the ledger here.
  await services.ledger.integrate();
  const pendingId = await evidencePendingId(database.drizzle, evidenceId);
  const ledgerIndex = (await indexesOf(database.drizzle, [pendingId])).get(pendingId) ?? null;
  const titles = new Map(services.tests.map((test) => [test.id, test.title]));
  const text = recordedText(summary, { id: evidenceId, ledgerIndex }, (id) => titles.get(id) ?? id);
  return { evidenceId, ledgerIndex, summary, text };
}

async function render(
  format: Format,
  parts: { result: ScanResult; findings: readonly Finding[]; recorded: Recorded | null; version: string },
): Promise<string> {
  const { result, findings, recorded, version } = parts;
  if (format === 'cyclonedx') {
    const { toCycloneDx } = await import('#src/connectors/source-tree/cyclonedx.ts');
    return JSON.stringify(toCycloneDx(result, { version, at: result.finishedAt }), null, 2);
  }
  if (format === 'json') {
    const { text: _, ...stored } = recorded ?? { text: '' };
    return JSON.stringify({ ...result, findings, ...(recorded && { recorded: stored }) }, null, 2);
  }
  const { scanText } = await import('../scan-text.ts');
  const table = scanText(result, findings, process.stdout.columns);
  return recorded ? `${table}\n\n${recorded.text}` : table;
}

/** Where `--out` leads. `replace` is false for what is no regular file, such as a device or a pipe: that is written into. */
type Target = { given: string; path: string; replace: boolean };

async function findTarget(context: CommandContext, given: string): Promise<Target> {
  const { realpath, stat } = await import('node:fs/promises');
  const path = resolve(context.cwd, given);
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) throw new AppError('invalid_input', `--out ${given} is a folder. Name a file in it.`);
  if (found) return { given, path: await realpath(path), replace: found.isFile() };
  const folder = await stat(dirname(path)).catch(() => null);
  if (!folder?.isDirectory())
    throw new AppError(
      'invalid_input',
      `--out ${given}: its folder does not exist. Make it first, or name another file.`,
    );
  return { given, path, replace: true };
}

async function writeResult({ given, path, replace }: Target, text: string): Promise<void> {
  const { rename, rm, writeFile } = await import('node:fs/promises');
  const { storageError } = await import('#src/platform/storage-error.ts');
  if (!replace) return writeFile(path, `${text}\n`);
  const temporary = `${path}.${process.pid}.part`;
  try {
    await writeFile(temporary, `${text}\n`);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw storageError(error, `${given} could not be written`, 'name another file');
  }
}
