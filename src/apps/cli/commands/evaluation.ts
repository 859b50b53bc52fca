import { Option } from 'commander';
import type { Comparison, EvaluationRun } from '#src/features/evaluations/model.ts';
import type { Actor } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext, CommandModule } from '../context.ts';
import type { RunOptions } from '../evaluation-run.ts';

const EXAMPLES = `
Examples:
  assay evaluation list
  assay evaluation run "Support answers" --provider openai --model gpt-x   ends with the word of the gate
  assay evaluation run "Support answers" --endpoint http://127.0.0.1:4401/v1 --key-env GATEWAY_KEY --model support
  assay evaluation run --resume evr_01…                         goes on where a run was left
  assay evaluation robustness "Support answers" "Support answers, robust" --kinds typos,suffix
  assay evaluation import results.json                          promptfoo, lm-eval, inspect or OpenAI evals
  assay evaluation import samples_gsm8k.jsonl --model org/m@sha --suite "Support answers"
  assay evaluation compare evr_01… evr_02…
  assay evaluation gate "Support answers" --model org/m@sha     in CI, before a release
  assay evaluation release "Support chat" --model org/m --digest sha256:…    every suite the system needs
Exit codes: 0 done, 1 run, gate and release: the model does not pass (also where nothing was decided); compare: it got
worse, 2 called wrongly, 3 could not run.`;
const KINDS = ['openai', 'anthropic'] as const;
const PERTURBATIONS = ['typos', 'case', 'spacing', 'paraphrase', 'encoding', 'suffix'] as const;
const FORMATS = ['auto', 'promptfoo', 'lm-eval', 'inspect', 'openai-evals'] as const;

export const register: CommandModule['register'] = (program, context) => {
  const evaluation = program
    .command('evaluation')
    .description('run, import, compare and gate evaluations')
    .addHelpText('after', EXAMPLES);
  evaluation
    .command('list')
    .description('runs, newest first')
    .option('--model <model>', 'only of this model')
    .option('--json', 'for machines')
    .action((options: { model?: string; json?: true }) => list(context, options));
  evaluation
    .command('run')
    .description('ask a model the approved items of a suite, and hold the thresholds against its answers')
    .argument('[suite]', 'name or id')
    .option('--provider <provider>', 'name or id of a provider of the gateway')
    .option('--endpoint <url>', 'another endpoint, such as https://host/v1; the gateway itself, too')
    .addOption(new Option('--kind <kind>', 'how the endpoint is spoken to').choices(KINDS).default('openai'))
    .option('--key-env <name>', 'variable of the environment that holds the key of the endpoint')
    .option('--model <model>', 'model, or route of the gateway')
    .option('--digest <digest>', 'digest of the model')
    .option('--resume <run>', 'go on with this run; what is known is not asked again')
    .option('--detach', 'leave it to the server')
    .option('--json', 'for machines')
    .action(async (suite: string | undefined, options: RunOptions) => {
      const { runEvaluation } = await import('../evaluation-run.ts');
      await runEvaluation(context, suite, options);
    });
  evaluation
    .command('robustness')
    .description('propose a suite of variants of an approved one; a second person approves it like any other')
    .argument('<suite>', 'name or id of the approved suite')
    .argument('<name>', 'of the new one')
    .requiredOption('--kinds <kinds>', `some of ${PERTURBATIONS.join(', ')}`)
    .option('--seed <seed>', 'the same one gives the same variants', '0')
    .action((suite: string, name: string, options: { kinds: string; seed: string }) =>
      robustness(context, { suite, name, ...options }),
    );
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
  evaluation
    .command('release')
    .description('may this model go into this AI system? Asks every suite the system needs, and keeps the answer')
    .argument('<system>', 'name or id of the AI system')
    .requiredOption('--model <model>', 'as named in the runs')
    .option('--digest <digest>', 'digest of the model; robustness and memorization are asked of this very one')
    .option('--json', 'for machines')
    .action((system: string, options: ReleaseOptions) => release(context, system, options));
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
  const { importResultsFile, recordImport, runById } = await import('#src/features/evaluations/index.ts');
  const { openServices } = await import('#src/apps/services.ts');
  const { userNames } = await import('#src/features/users/index.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const imported = await importResultsFile(resolve(context.cwd, file), options.format);
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

async function robustness(
  context: CommandContext,
  asked: { suite: string; name: string; kinds: string; seed: string },
): Promise<void> {
  const { addRobustnessSuite } = await import('#src/features/evaluations/index.ts');
  const { RobustnessOf } = await import('#src/features/evaluations/model.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const { openCommandServices } = await import('../command-services.ts');
  const { suite, name } = asked;
  const given = RobustnessOf.safeParse({
    name,
    kinds: asked.kinds.split(',').map((kind) => kind.trim()),
    seed: Number(asked.seed),
  });
  if (!given.success) {
    const [first] = given.error.issues;
    throw new AppError('invalid_input', `${first?.path.join('.') || 'kinds'}: ${first?.message ?? 'cannot be read'}.`);
  }
  const services = await openCommandServices(context);
  const { items } = await addRobustnessSuite(services.records, suite, given.data, COMMAND_LINE);
  await services.ledger.integrate();
  context.print(`"${printable(name)}" is proposed with ${items} items. A second person approves it.`);
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
  if ([...comparison.scores, ...comparison.variants].some((score) => score.finding === 'worse'))
    context.foundProblems();
}

function describe(comparison: Comparison): string {
  return [
    `${comparison.pairs} items in both${comparison.sameDataset ? ', the same data set' : ', NOT the same data set'}; ${comparison.onlyBefore} only before, ${comparison.onlyAfter} only after`,
    ...comparison.scores.map((score) => differenceLine(score.scorer, score)),
    ...(comparison.variants.length === 0 ? [] : ['Variants, each against its plain item:']),
    ...comparison.variants.map((score) => differenceLine(`${score.variant} ${score.scorer}`, score)),
  ].join('\n');
}

function differenceLine(name: string, score: Comparison['scores'][number]): string {
  const number = (value: number | null) => (value === null ? '-' : value.toFixed(4));
  return `  ${name.padEnd(20)} ${number(score.meanBefore)} -> ${number(score.meanAfter)}  difference ${number(score.difference)}, p ${number(score.pAdjusted)} (${score.test}), n ${score.n}, could show ${number(score.minimumDetectable)}: ${score.finding.replaceAll('_', ' ')}`;
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

type ReleaseOptions = { model: string; digest?: string; json?: true };

async function release(context: CommandContext, system: string, options: ReleaseOptions): Promise<void> {
  const { decideRelease, releaseById } = await import('#src/features/evaluations/index.ts');
  const { AskRelease } = await import('#src/features/evaluations/model.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const { userNames } = await import('#src/features/users/index.ts');
  const { openCommandServices } = await import('../command-services.ts');
  const asked = AskRelease.safeParse({ system, model: options.model, modelDigest: options.digest ?? null });
  if (!asked.success) {
    const [first] = asked.error.issues;
    throw new AppError('invalid_input', `${first?.path.join('.')}: ${first?.message ?? 'cannot be read'}.`);
  }
  const services = await openCommandServices(context);
  const { drizzle } = services.database;
  const id = await decideRelease(services.records, asked.data, COMMAND_LINE);
  await services.ledger.integrate();
  const decided = await releaseById(drizzle, id, (ids) => userNames(drizzle, ids));
  if (options.json) context.print(JSON.stringify(decided, null, 2));
  else
    context.print(
      [
        `${decided.id}  ${printable(decided.model)} into ${printable(decided.system.name)}`,
        ...decided.checks.map(
          (check) =>
            `  ${check.purpose.padEnd(13)} ${check.verdict.padEnd(8)} ${check.suite ? `${printable(check.suite.name)}: ` : ''}${check.because}`,
        ),
        `${decided.verdict}: ${printable(decided.because)}`,
      ].join('\n'),
    );
  // No data is not a pass.
  if (decided.verdict !== 'pass') context.foundProblems();
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
