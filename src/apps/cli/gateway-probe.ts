import type { Command } from 'commander';
import type { AttackResult, IsolationResult, NewProbe, ProbeRun } from '#src/features/gateway-probes/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext } from './context.ts';

type Options = { url?: string; route?: string; model?: string; suite?: string; json?: true };

/** The commands that try the gateway from outside: probe and attack. */
export function registerGatewayProbe(gateway: Command, context: CommandContext): void {
  gateway
    .command('probe')
    .description('plant a value as one tenant, look for it as another, and call without a key: through every route')
    .option('--route <route>', 'only this one, by id or path')
    .option('--model <name>', 'which model to ask for (default: one the provider is set up for)')
    .option('--url <address>', 'where the gateway answers (default: this machine, ASSAY_GATEWAY_PORT)')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  assay gateway probe\n  assay gateway probe --route /v1 --url https://ai.example.com\nAbout thirty short calls for each route. Exit codes: 0 clean, 1 found something or incomplete, 2 called wrongly, 3 could not run.',
    )
    .action((options: Options) => run(context, { ...options, kind: 'isolation' }));
  gateway
    .command('attack')
    .description('play suites of attacks through a route and record which layer stopped how many')
    .requiredOption(
      '--suite <names>',
      'all, or some of: injection, jailbreak, indirect, encoding, multilingual, leak, harmless',
    )
    .requiredOption('--route <route>', 'through which route, by id or path')
    .option('--model <name>', 'which model to ask for (default: one the provider is set up for)')
    .option('--url <address>', 'where the gateway answers (default: this machine, ASSAY_GATEWAY_PORT)')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  assay gateway attack --suite injection,encoding --route /v1\n  assay gateway attack --suite all --route /local/v1 --json\nAt most 250 calls of at most 64 tokens. Exit codes: 0 all attacks stopped and no false alarm, 1 not so, 2 called wrongly, 3 could not run.',
    )
    .action((options: Options) => run(context, { ...options, kind: 'attack' }));
}

async function run(context: CommandContext, options: Options & { kind: 'isolation' | 'attack' }): Promise<void> {
  const { NewProbe, SUITE_NAMES } = await import('#src/features/gateway-probes/model.ts');
  const suites =
    options.suite === undefined || options.suite === 'all'
      ? [...SUITE_NAMES]
      : options.suite.split(',').map((name) => name.trim());
  const asked = NewProbe.safeParse({
    kind: options.kind,
    ...(options.kind === 'attack' && { suites }),
    ...(options.route !== undefined && { routeId: options.route }),
    ...(options.model !== undefined && { model: options.model }),
  });
  if (!asked.success) {
    const [issue] = asked.error.issues;
    throw new AppError(
      'invalid_input',
      issue?.path[0] === 'suites'
        ? `--suite ${options.suite}: there are ${SUITE_NAMES.join(', ')}, and all.`
        : `--${String(issue?.path[0])}: ${issue?.message}.`,
    );
  }
  const done = await playProbe(context, asked.data, options.url);
  if (!isGood(done)) context.foundProblems();
  context.print(options.json ? JSON.stringify(done, null, 2) : probeText(done));
}

/** Runs a probe here, through the gateway at `url`; resolves to what it found. Throws `unavailable` where it could not run. */
export async function playProbe(context: CommandContext, asked: NewProbe, url?: string): Promise<ProbeRun> {
  const { probeById, requestProbe, runProbe } = await import('#src/features/gateway-probes/index.ts');
  const { openCommandServices } = await import('./command-services.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const services = await openCommandServices(context);
  const id = await requestProbe(services.records, asked, COMMAND_LINE);
  const gatewayUrl = url ?? `http://127.0.0.1:${context.config.gatewayPort}`;
  await runProbe(
    { records: services.records, blobs: services.blobs, openAlert: services.alerts.openAlert, gatewayUrl },
    id,
    { signal: context.signal, onProgress: (text) => context.progress(text) },
  );
  await services.ledger.integrate();
  const done = await probeById(services.database, id, async () => new Map());
  if (done.state === 'failed') throw new AppError('unavailable', done.problem ?? 'The probe failed.');
  return done;
}

function isGood(run: ProbeRun): boolean {
  if (run.state !== 'clean') return false;
  return run.result?.kind !== 'attack' || (run.result.stopped === run.result.attacks && run.result.falseAlarms === 0);
}

export function probeText(run: ProbeRun): string {
  const head = { clean: 'CLEAN', found: 'FOUND', incomplete: 'INCOMPLETE' }[run.state as string] ?? run.state;
  const lines = [
    `${run.kind === 'attack' && run.state === 'clean' ? 'DONE' : head}  ${run.problem ?? (run.kind === 'isolation' ? 'Nothing of one tenant came up under another, and nobody was served without a key.' : 'Every attempt came to a result.')}`,
    '',
  ];
  if (run.result?.kind === 'isolation') lines.push(...isolationLines(run.result));
  if (run.result?.kind === 'attack') lines.push(...attackLines(run.result));
  if (run.evidenceId) lines.push('', `Evidence ${run.evidenceId}.`);
  return lines.join('\n');
}

function isolationLines(result: IsolationResult): string[] {
  return result.routes.flatMap((route) => [
    `${route.path}: planted ${route.planted} of 4, asked ${route.asked} times, answered ${route.answered}, leaks ${route.leaks.length}; without a key ${route.withoutKey ?? 'not tried'}, wrong key ${route.wrongKey ?? 'not tried'}`,
    ...route.leaks.map(
      (leak) =>
        `  LEAK ${leak.way}${leak.stream ? ', streamed' : ''}: ${leak.form} (request ${leak.requestId ?? 'unknown'})`,
    ),
    ...(route.ways.length === 0 ? [] : [`  ${route.ways.map(({ way, outcome }) => `${way} ${outcome}`).join(', ')}`]),
    ...(route.failure === null ? [] : [`  says nothing: ${route.failure}`]),
  ]);
}

function attackLines(result: AttackResult): string[] {
  const rate = (part: number, whole: number) =>
    whole === 0 ? 'none' : `${part} of ${whole} (${((100 * part) / whole).toFixed(0)} %)`;
  return [
    `Attacks stopped          ${rate(result.stopped, result.attacks)}`,
    `  by the gateway itself  ${rate(result.stoppedByGateway, result.attacks)}`,
    `False alarms             ${rate(result.falseAlarms, result.harmless)}`,
    `Came to no result        ${result.unevaluated}`,
    '',
    'Class            attempts  input  model  output  passed  noticed',
    ...result.classes.map(({ class: name, attempts, layers, noticed }) => {
      const cells = [attempts, layers.input ?? 0, layers.model ?? 0, layers.output ?? 0, layers.passed ?? 0, noticed];
      return `${name.padEnd(16)} ${cells.map((value, i) => String(value).padStart([8, 6, 6, 7, 7, 8][i] ?? 6)).join(' ')}`;
    }),
  ];
}
