import { Option } from 'commander';
import type { Comparison, EvaluationRun } from '#src/features/evaluations/model.ts';
import type { Actor } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext, CommandModule } from '../context.ts';

const EXAMPLES = `
Examples:
  assay evaluation list
  assay evaluation import results.json                          promptfoo, lm-eval, inspect or OpenAI evals
  assay evaluation import samples_gsm8k.jsonl --model org/m@sha --suite "Support answers"
  assay evaluation compare evr_01… evr_02…
  assay evaluation gate "Support answers" --model org/m@sha     in CI, before a release
Exit codes: 0 done, 1 gate: the model does not pass (also where no run was made); compare: it got worse,
2 called wrongly, 3 could not run.`;
const FORMATS = ['auto', 'promptfoo', 'lm-eval', 'inspect', 'openai-evals'] as const;

export const register: CommandModule['register'] = (program, context) => {
  const evaluation = program
    .command('evaluation')
    .description('import, compare and gate evaluation runs')
    .addHelpText('after', EXAMPLES);
  evaluation
    .command('list')
    .description('runs, newest first')
    .option('--model <model>', 'only of this model')
    .option('--json', 'for machines')
    .action((options: { model?: string; json?: true }) => list(context, options));
  evaluation
    .command('import')
    .description('keep the results of another evaluation program')
    .argument('<file>', 'its result file')
    .addOption(new Option('--format <format>', 'what wrote it').choices(FORMATS).default('auto'))
    .option('--suite <suite>', 'hold the approved thresholds of this suite against it')
    .option('--model <model>', 'name of the model, where the file does not say it')
    .option('--digest <digest>', 'digest of the model')
    .option('--json', 'for machines')
    .action((file: string, options: ImportOptions) => importFile(context, file, options));
  evaluation
    .command('compare')
    .description('two runs item by item, with paired tests')
    .argument('<before>', 'run, such as evr_01…')
    .argument('<after>', 'run')
    .option('--json', 'for machines')
    .action((before: string, after: string, options: { json?: true }) => compare(context, { before, after }, options));
  evaluation
    .command('gate')
    .description('may this model go on, as far as the suite can tell?')
    .argument('<suite>', 'name or id')
    .requiredOption('--model <model>', 'as named in the run')
    .option('--digest <digest>', 'the run must be over this digest')
    .option('--json', 'for machines')
    .action((suite: string, options: { model: string; digest?: string; json?: true }) => gate(context, suite, options));
};

type ImportOptions = {
  format: (typeof FORMATS)[number];
  suite?: string;
  model?: string;
  digest?: string;
  json?: true;
};

async function list(context: CommandContext, options: { model?: string; json?: true }): Promise<void> {
  const { listRuns } = await import('#src/features/evaluations/index.ts');
  const { executor, namesOf } = await open(context);
  const page = await listRuns(executor, { limit: 100, ...(options.model && { model: options.model }) }, namesOf);
  if (options.json) context.print(JSON.stringify(page, null, 2));
  else context.print(page.items.length === 0 ? 'No run yet.' : page.items.map(line).join('\n'));
}

function line(run: EvaluationRun): string {
  const scores = run.scores
    .map((score) => `${score.scorer} ${score.mean === null ? 'no data' : score.mean.toFixed(3)} (n ${score.n})`)
    .join(', ');
  const state = run.state === 'finished' ? (run.verdict ?? '') : run.state;
  return `${run.id}  ${state.padEnd(8)}  ${printable(run.title)} over ${printable(run.model)}\n    ${scores || `${run.done} of ${run.items} items`}`;
}

async function importFile(context: CommandContext, file: string, options: ImportOptions): Promise<void> {
  const { resolve } = await import('node:path');
  const { readFile, stat } = await import('node:fs/promises');
  const { IMPORT_BYTES_MAX, importResults, recordImport, runById } = await import('#src/features/evaluations/index.ts');
  const { openServices } = await import('#src/apps/services.ts');
  const { userNames } = await import('#src/features/users/index.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const path = resolve(context.cwd, file);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw new AppError('invalid_input', `${file} is not a file that is there.`);
  if (found.size > IMPORT_BYTES_MAX)
    throw new AppError(
      'invalid_input',
      `${file} is larger than ${IMPORT_BYTES_MAX / 1_048_576} MiB. Split it by task.`,
    );
  const text = new TextDecoder('utf-8').decode(await readFile(path));
  const imported = importResults(text, options.format);
  const { database, dataDir } = await context.openDatabase();
  const services = await openServices({ database, dataDir, clock: Date.now, log: context.log });
  const actor: Actor = COMMAND_LINE;
  const ids = await recordImport(services, imported, {
    actor,
    ...(options.suite !== undefined && { suite: options.suite }),
    ...(options.model !== undefined && { model: options.model }),
    ...(options.digest !== undefined && { modelDigest: options.digest }),
  });
  await services.ledger.integrate();
  const namesOf = (people: readonly string[]) => userNames(database.drizzle, people);
  const runs = await Promise.all(ids.map((id) => runById(database.drizzle, id, namesOf)));
  if (options.json) context.print(JSON.stringify({ format: imported.format, runs }, null, 2));
  else context.print([`${imported.format}: ${runs.length} runs`, ...runs.map(line)].join('\n'));
}

async function compare(
  context: CommandContext,
  ids: { before: string; after: string },
  { json }: { json?: true },
): Promise<void> {
  const { compareRuns } = await import('#src/features/evaluations/index.ts');
  const { executor, namesOf } = await open(context);
  const comparison = await compareRuns(executor, ids, namesOf);
  context.print(json ? JSON.stringify(comparison, null, 2) : describe(comparison));
  if (comparison.scores.some((score) => score.finding === 'worse')) context.foundProblems();
}

function describe(comparison: Comparison): string {
  const number = (value: number | null) => (value === null ? '-' : value.toFixed(4));
  return [
    `${comparison.pairs} items in both${comparison.sameDataset ? ', the same data set' : ', NOT the same data set'}; ${comparison.onlyBefore} only before, ${comparison.onlyAfter} only after`,
    ...comparison.scores.map(
      (score) =>
        `  ${score.scorer.padEnd(20)} ${number(score.meanBefore)} -> ${number(score.meanAfter)}  difference ${number(score.difference)}, p ${number(score.pAdjusted)} (${score.test}), n ${score.n}, could show ${number(score.minimumDetectable)}: ${score.finding.replaceAll('_', ' ')}`,
    ),
  ].join('\n');
}

async function gate(
  context: CommandContext,
  suite: string,
  options: { model: string; digest?: string; json?: true },
): Promise<void> {
  const { gateVerdict } = await import('#src/features/evaluations/index.ts');
  const { executor } = await open(context);
  const { model, digest } = options;
  const verdict = await gateVerdict(executor, { suite, model, digest }, new Date());
  if (options.json) context.print(JSON.stringify(verdict, null, 2));
  else context.print(`${verdict.verdict}: ${verdict.because}${verdict.runId ? ` (${verdict.runId})` : ''}`);
  // No data is not a pass.
  if (verdict.verdict !== 'pass') context.foundProblems();
}

async function open(context: CommandContext) {
  const { userNames } = await import('#src/features/users/index.ts');
  const { database } = await context.openDatabase();
  const executor = database.drizzle;
  return { executor, namesOf: (ids: readonly string[]) => userNames(executor, ids) };
}

/** Names come from files of others: no control characters reach the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}
