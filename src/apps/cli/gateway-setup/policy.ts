import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import {
  type DryRun,
  decisionSchema,
  draftSchema,
  emergencyReviewSchema,
  newPolicySchema,
  type Policy,
  type PolicyChange,
  type PolicyDetail,
  type PolicyDocument,
  policyDocumentSchema,
} from '#src/features/gateway-policies/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { CommandContext } from '../context.ts';
import { playProbe, probeText } from '../gateway-probe.ts';
import { openSetup, readInput, readInstant, readWhole } from './open-setup.ts';
import { coverByStarter } from './provider.ts';
import { clean, columns } from './text.ts';

const FILE_BYTES_MAX = 1_048_576;

const EXAMPLES = `
Examples:
  assay gateway policy adopt-starter --cover-routes
  assay gateway policy show starter --json > policy.json
  assay gateway policy apply policy.json --name support --note "Block at 0.4 instead of 0.5"
  assay gateway policy dry-run support --version 2
  assay gateway policy test support 2 --route /v1
  ASSAY_API_KEY=ask_… assay gateway policy approve support 2

A policy file is YAML or JSON: what "show --json" prints. A version is approved by another person than its authors, so that
approve needs the API key of one in ASSAY_API_KEY; or sign in and approve it in the web app. It needs a test run that passed.`;

export function registerPolicy(gateway: Command, context: CommandContext): void {
  const policy = gateway
    .command('policy')
    .description('what is checked in prompts and answers, as versions that a second person approves')
    .addHelpText('after', EXAMPLES);
  registerReading(policy, context);
  registerWriting(policy, context);
  registerTesting(policy, context);
}

function registerReading(policy: Command, context: CommandContext): void {
  policy
    .command('list')
    .description('show the policies: which version is in force, on which paths')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => {
      const found = await (await openSetup(context)).control.policies.list();
      context.print(json ? JSON.stringify(found, null, 2) : listText(found));
    });
  policy
    .command('show')
    .description('print what a policy says, as JSON that "apply" takes')
    .argument('<name>', 'or id')
    .option('--version <number>', 'another version than the one in force')
    .option('--at <instant>', 'the version that was in force then')
    .option('--json', 'the document alone')
    .action((name: string, options: ShowOptions) => show(context, name, options));
  policy
    .command('diff')
    .description('what differs between two versions, and what it loosens; ends with 1 when something is loosened')
    .argument('<name>', 'or id')
    .argument('[from]', 'version (default: the one in force)')
    .argument('[to]', 'version (default: the newest)')
    .option('--json', 'for machines')
    .action((name: string, from: string | undefined, to: string | undefined, { json }: { json?: true }) =>
      diff(context, name, { from, to, json }),
    );
  policy
    .command('dry-run')
    .description('what a version, or a file, would have done to the calls that were recorded')
    .argument('<name>', 'or id')
    .option('--version <number>', 'the version to try (default: the newest)')
    .option('--file <file>', 'a policy file in its place')
    .option('--days <number>', 'how far to go back', '7')
    .option('--json', 'for machines')
    .action((name: string, options: DryRunOptions) => dryRun(context, name, options));
}

function registerWriting(policy: Command, context: CommandContext): void {
  policy
    .command('adopt-starter')
    .description('put the policy that comes with Assay in force')
    .option('--cover-routes', 'and put every path without a policy under it')
    .option('--json', 'for machines')
    .action((options: { coverRoutes?: true; json?: true }) => adopt(context, options));
  policy
    .command('apply')
    .description('store a policy file as the next version and submit it for approval')
    .argument('<file>', 'YAML or JSON')
    .requiredOption('--name <name>', 'of the policy; made when there is none')
    .requiredOption('--note <words>', 'what changes and why')
    .option('--draft', 'do not submit it yet')
    .option('--json', 'for machines')
    .action((file: string, options: ApplyOptions) => apply(context, file, options));
  policy
    .command('approve')
    .description('put a submitted version in force, as the second person (ASSAY_API_KEY)')
    .argument('<name>', 'or id')
    .argument('<version>', 'number')
    .option('--from <instant>', 'when it comes into force (default: at once)')
    .option('--emergency <words>', 'why it cannot wait for a test run that passes; another person reviews it later')
    .action((name: string, version: string, { from, emergency }: { from?: string; emergency?: string }) =>
      decide(context, name, version, {
        decision: 'approved',
        ...(emergency !== undefined && { emergency }),
        ...(from !== undefined && { inForceFrom: readInstant('--from', from) }),
      }),
    );
  policy
    .command('refuse')
    .description('refuse a submitted version, as the second person (ASSAY_API_KEY)')
    .argument('<name>', 'or id')
    .argument('<version>', 'number')
    .requiredOption('--reason <words>', 'kept with the decision')
    .action((name: string, version: string, { reason }: { reason: string }) =>
      decide(context, name, version, { decision: 'refused', reason }),
    );
}

function registerTesting(policy: Command, context: CommandContext): void {
  policy
    .command('test')
    .description('play all attack suites under a version, in force or not; ends with 1 when the run does not pass')
    .argument('<name>', 'or id')
    .argument('[version]', 'number (default: the newest)')
    .requiredOption('--route <route>', 'through which route, by id or path')
    .option('--model <name>', 'which model to ask for (default: one the provider is set up for)')
    .option('--url <address>', 'where the gateway answers (default: this machine, ASSAY_GATEWAY_PORT)')
    .option('--json', 'for machines')
    .action((name: string, version: string | undefined, options: TestOptions) => test(context, name, version, options));
  policy
    .command('review-emergency')
    .description('look at a version that was approved in an emergency, as another person than its approver')
    .argument('<name>', 'or id')
    .argument('<version>', 'number')
    .requiredOption('--note <words>', 'what was found')
    .action(async (name: string, version: string, { note }: { note: string }) => {
      const number = readWhole('version', version);
      const { control, actor } = await openSetup(context);
      const by = await actor('gateway.review');
      const { digest } = await control.policies.version(name, number);
      const review = readInput(emergencyReviewSchema, { digest, note });
      const detail = await control.policies.reviewEmergency(by, name, number, review);
      const reviewed = detail.versions.find((one) => one.version === number);
      context.print(`Version ${number} of ${detail.name} is reviewed. ${reviewed?.testRun?.because ?? ''}`.trim());
    });
}

type TestOptions = { route: string; model?: string; url?: string; json?: true };

async function test(
  context: CommandContext,
  name: string,
  version: string | undefined,
  { route, model, url, json }: TestOptions,
): Promise<void> {
  const { control } = await openSetup(context);
  const row = await control.policies.version(name, version === undefined ? undefined : readWhole('version', version));
  const policy = { id: row.policyId, version: row.version };
  const run = await playProbe(context, { kind: 'attack', routeId: route, policy, ...(model && { model }) }, url);
  const detail = await control.policies.detail(row.policyId);
  const shown = detail.versions.find((one) => one.version === row.version);
  // What was frozen when the version was approved stays; what counts here is the run just made.
  const testRun = shown?.testRun?.runId === run.id ? shown.testRun : null;
  if (testRun?.verdict !== 'pass') context.foundProblems();
  if (json) return context.print(JSON.stringify({ run, testRun }, null, 2));
  context.print(probeText(run));
  context.print(
    testRun === null
      ? `\nVersion ${row.version} of ${detail.name} keeps the run it was approved on.`
      : `\n${testRun.verdict === 'pass' ? 'PASS' : testRun.verdict === 'fail' ? 'FAIL' : 'NO DATA'}  Version ${row.version} of ${detail.name}: ${testRun.because}`,
  );
}

type ShowOptions = { version?: string; at?: string; json?: true };

async function show(context: CommandContext, name: string, options: ShowOptions): Promise<void> {
  const { control } = await openSetup(context);
  if (options.at !== undefined) {
    const at = readInstant('--at', options.at);
    const found = await control.policies.at(name, Date.parse(at));
    if (!found) throw new AppError('not_found', `No version of "${name}" was in force at ${at}.`);
    return printVersion(context, { document: found.document, version: found.version.version }, options.json);
  }
  const detail = await control.policies.detail(name);
  const version = options.version === undefined ? detail.inForceVersion : readWhole('--version', options.version);
  const row = await control.policies.version(name, version ?? undefined);
  printVersion(context, row, options.json);
}

function printVersion(context: CommandContext, row: { document: PolicyDocument; version: number }, json?: true): void {
  if (!json) context.print(`Version ${row.version}`);
  context.print(JSON.stringify(row.document, null, 2));
}

async function diff(
  context: CommandContext,
  name: string,
  { from, to, json }: { from: string | undefined; to: string | undefined; json: true | undefined },
): Promise<void> {
  const { diffPolicy } = await import('#src/features/gateway-policies/index.ts');
  const { control } = await openSetup(context);
  const detail = await control.policies.detail(name);
  const before = from === undefined ? detail.inForceVersion : readWhole('from', from);
  const old = before === null ? null : await control.policies.version(name, before);
  const fresh = await control.policies.version(name, to === undefined ? undefined : readWhole('to', to));
  const changes = diffPolicy(old?.document ?? null, fresh.document);
  if (changes.some(({ effect }) => effect === 'loosened')) context.foundProblems();
  if (json) return context.print(JSON.stringify({ from: old?.version ?? null, to: fresh.version, changes }, null, 2));
  context.print(`${old ? `Version ${old.version}` : 'No policy'} → version ${fresh.version}`);
  context.print(changes.length === 0 ? 'Nothing differs.' : changesText(changes));
}

function changesText(changes: readonly PolicyChange[]): string {
  const rows = changes.map(({ effect, what, before, after }) => [
    effect === 'loosened' ? 'LOOSENED' : effect,
    what,
    before,
    after,
  ]);
  return columns(['EFFECT', 'WHAT', 'BEFORE', 'AFTER'], rows);
}

type DryRunOptions = { version?: string; file?: string; days: string; json?: true };

async function dryRun(context: CommandContext, name: string, options: DryRunOptions): Promise<void> {
  const document = options.file === undefined ? undefined : readPolicyFile(context, options.file);
  const days = readWhole('--days', options.days);
  const { control } = await openSetup(context);
  const version =
    options.version === undefined
      ? (await control.policies.version(name)).version
      : readWhole('--version', options.version);
  const ran = await control.dryRun(name, {
    ...(document ? { document } : { version }),
    fromMs: Date.now() - days * DAY_MS,
  });
  context.print(options.json ? JSON.stringify(ran, null, 2) : dryRunText(ran));
}

function dryRunText(ran: DryRun): string {
  if (ran.calls === 0)
    return `No call was recorded under this policy between ${ran.fromAt} and ${ran.toAt}: there is nothing to try it on.`;
  const counts = (['allowed', 'changed', 'refused', 'not_evaluated'] as const).map((outcome) => [
    outcome,
    String(ran.recorded[outcome]),
    String(ran.would[outcome]),
  ]);
  const lines = [
    `${ran.calls} calls${ran.complete ? '' : ' (the newest; there were more)'} between ${ran.fromAt} and ${ran.toAt}`,
    columns(['OUTCOME', 'RECORDED', 'WOULD BE'], counts),
  ];
  if (ran.differences.length > 0)
    lines.push(
      '',
      columns(
        ['CHECK', 'IN', 'WAS', 'WOULD BE', 'CALLS'],
        ran.differences.map((line) => [line.detector, line.direction, line.from, line.to, String(line.calls)]),
      ),
    );
  if (ran.unknown.length > 0)
    lines.push(
      '',
      'What the record cannot say:',
      ...ran.unknown.map(({ what, calls }) => `  ${clean(what)} (${calls} calls)`),
    );
  return lines.join('\n');
}

async function adopt(context: CommandContext, options: { coverRoutes?: true; json?: true }): Promise<void> {
  const setup = await openSetup(context);
  const covered = options.coverRoutes ? await coverByStarter(setup) : [];
  if (!options.coverRoutes) await setup.control.policies.adoptStarter(await setup.actor('gateway.review'));
  const detail = await setup.control.policies.detail('starter');
  if (options.json) return context.print(JSON.stringify({ policy: detail, covered }, null, 2));
  context.print(`The starter policy is in force, version ${detail.inForceVersion}.`);
  context.print(covered.length > 0 ? `Now under it: ${covered.join(' ')}` : 'No path was put under it.');
}

type ApplyOptions = { name: string; note: string; draft?: true; json?: true };

async function apply(context: CommandContext, file: string, options: ApplyOptions): Promise<void> {
  const document = readPolicyFile(context, file);
  const { control, actor } = await openSetup(context);
  const by = await actor('gateway.write');
  const known = (await control.policies.list()).find(({ name, id }) => name === options.name || id === options.name);
  const { note } = options;
  let detail = known
    ? await control.policies.draft(by, known.id, readInput(draftSchema, { document, note }))
    : await control.policies.create(by, readInput(newPolicySchema, { name: options.name, document, note }));
  const version = detail.openVersion ?? 1;
  if (!options.draft) detail = await control.policies.submit(by, detail.id, version);
  if (options.json) return context.print(JSON.stringify(detail, null, 2));
  const [open] = detail.versions;
  context.print(`Version ${version} of ${detail.name} is ${open?.state}, digest ${open?.digest}.`);
  if (open && open.changes.length > 0) context.print(changesText(open.changes));
  if (!options.draft)
    context.print(
      `A second person approves it in the web app, or: ASSAY_API_KEY=… assay gateway policy approve ${detail.name} ${version}`,
    );
}

/** A policy as it stands in a file. Throws `invalid_input` that names the line or the field. */
function readPolicyFile(context: CommandContext, file: string): PolicyDocument {
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(context.cwd, file));
  } catch (cause) {
    throw new AppError('not_found', `The policy file ${file} cannot be read.`, { cause });
  }
  if (bytes.length > FILE_BYTES_MAX)
    throw new AppError('too_large', `${file} is larger than ${FILE_BYTES_MAX} bytes: that is no policy.`);
  const parsed = parseDocument(bytes.toString('utf8'), { uniqueKeys: true });
  const [wrong] = parsed.errors;
  if (wrong) throw new AppError('invalid_input', `${file}: ${wrong.message.split('\n')[0]}`);
  let value: unknown;
  try {
    value = parsed.toJS({ maxAliasCount: 0 });
  } catch {
    throw new AppError('invalid_input', `${file}: aliases are not read here. Write out what they stand for.`);
  }
  try {
    return readInput(policyDocumentSchema, z.record(z.string(), z.unknown()).catch({}).parse(value));
  } catch (error) {
    if (error instanceof AppError) throw new AppError(error.code, `${file}: ${error.message}`);
    throw error;
  }
}

async function decide(context: CommandContext, name: string, version: string, decision: object): Promise<void> {
  const number = readWhole('version', version);
  const { control, actor } = await openSetup(context);
  const by = await actor('gateway.review');
  const { digest } = await control.policies.version(name, number);
  const detail = await control.policies.decide(by, name, number, readInput(decisionSchema, { digest, ...decision }));
  const decided = detail.versions.find((one) => one.version === number);
  context.print(`Version ${number} of ${detail.name} is ${decided?.state}${inForceText(decided)}.`);
  if (decided?.emergency)
    context.print(`It was approved in an emergency: another person reviews it by ${decided.emergency.reviewDueAt}.`);
}

function inForceText(version: PolicyDetail['versions'][number] | undefined): string {
  if (!version?.inForceFrom) return '';
  return version.inForce ? ' and in force' : `; it comes into force at ${version.inForceFrom}`;
}

function listText(policies: readonly Policy[]): string {
  if (policies.length === 0)
    return 'No policy yet, so that every call is refused. Adopt the one that comes with Assay:\n  assay gateway policy adopt-starter --cover-routes';
  const rows = policies.map((policy) => [
    policy.name,
    policy.inForceVersion === null ? 'NONE' : `version ${policy.inForceVersion}`,
    policy.openVersion === null ? '–' : `version ${policy.openVersion} ${policy.openState}`,
    policy.routes.join(' ') || '–',
    String(policy.tenants),
  ]);
  return columns(['NAME', 'IN FORCE', 'OPEN', 'PATHS', 'TENANTS'], rows);
}
