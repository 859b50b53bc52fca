import type { Command } from 'commander';
import {
  CaptureChange,
  type CaptureStatus,
  type CaptureSubject,
  PayloadErasure,
  PayloadReason,
} from '#src/features/gateway-payloads/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext } from './context.ts';
import { openSetup, readInput, readWhole } from './gateway-setup/open-setup.ts';
import { columns, day } from './gateway-setup/text.ts';

const EXAMPLES = `
Examples:
  assay gateway capture on search --days 30 --reason "Complaint 12"
  assay gateway capture on --route /v1 --days 7 --reason "Pilot, agreed with all customers"
  ASSAY_API_KEY=ask_… assay gateway capture approve gpc_01k…
  assay gateway capture off search --reason "Complaint settled"
  assay gateway capture status

Only text after redaction is kept, encrypted under a key of its tenant. For a customer, or a path, a second person
approves: set ASSAY_API_KEY to an API key of theirs.`;

/** The commands over captured payloads: capture, payload. */
export function registerGatewayPayloads(gateway: Command, context: CommandContext): void {
  const capture = gateway
    .command('capture')
    .description('keep redacted prompts and answers of a tenant or a path; off by default')
    .addHelpText('after', EXAMPLES);
  capture
    .command('on')
    .description('keep payloads for a number of days')
    .argument('[tenant]', 'name or id')
    .option('--route <path>', 'a path, whoever calls it, in place of a tenant')
    .requiredOption('--days <number>', 'how long, 1 to 3650')
    .requiredOption('--reason <words>', 'kept with the change')
    .action((tenant: string | undefined, options: ChangeOptions & { days: string }) =>
      change(context, tenant, options, readWhole('--days', options.days)),
    );
  capture
    .command('off')
    .description('keep nothing more; what is kept already goes when its time is over, or with "gateway payload erase"')
    .argument('[tenant]', 'name or id')
    .option('--route <path>', 'a path in place of a tenant')
    .requiredOption('--reason <words>', 'kept with the change')
    .action((tenant: string | undefined, options: ChangeOptions) => change(context, tenant, options, 0));
  for (const [word, decision] of [
    ['approve', 'approved'],
    ['refuse', 'refused'],
  ] as const)
    capture
      .command(word)
      .description(`${word} what somebody else asked for`)
      .argument('<request>', 'its id (gpc_…)')
      .action(async (id: string) => {
        const { control, actor } = await openSetup(context);
        context.print(statusText(await control.capture.decide(await actor('payloads.approve'), id, { decision })));
      });
  capture
    .command('status')
    .description('where payloads are kept, what waits, and what was missed; ends with 1 when something was lost')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => {
      const { control } = await openSetup(context);
      const status = await control.capture.status();
      if (status.subjects.some(({ counts }) => counts && counts.lost + counts.queueFull + counts.noStore > 0))
        context.foundProblems();
      context.print(json ? JSON.stringify(status, null, 2) : statusText(status));
    });
  const payload = gateway.command('payload').description('what was asked and answered in one call');
  payload
    .command('open', { isDefault: true })
    .description('read the payload of a decision; each reading is an entry of the ledger')
    .argument('<id>', 'of the decision, such as dec_01k…')
    .requiredOption('--reason <words>', 'why it is read; kept with the entry')
    .option('--json', 'the document, byte for byte: its SHA-256 is the one in the decision')
    .addHelpText('after', '\nExamples:\n  assay gateway payload dec_01kbb2… --reason "Complaint 12"')
    .action((id: string, options: { reason: string; json?: true }) => open(context, id, options));
  payload
    .command('state')
    .description('whether a payload is there, without reading it')
    .argument('<id>', 'of the decision')
    .option('--json', 'for machines')
    .action((id: string, options: { json?: true }) => state(context, id, options));
  payload
    .command('erase')
    .description('destroy payloads for good: of a tenant with its key, of a decision, or of an end user')
    .option('--tenant <name>', 'all of a tenant')
    .option('--decision <id>', 'of one decision')
    .option(
      '--person <name>',
      'of an end user, as the caller names them in "user", "safety_identifier" or metadata.user_id',
    )
    .requiredOption('--reason <code>', 'request, consent-withdrawn, no-longer-needed, unlawful or law')
    .requiredOption('--basis <text>', 'the rule it rests on, such as "request 2026-14"')
    .option('--confirm', 'without it nothing is erased')
    .action((options: EraseOptions) => erase(context, options));
}

type ChangeOptions = { route?: string; reason: string };

async function change(
  context: CommandContext,
  tenant: string | undefined,
  { route, reason }: ChangeOptions,
  keepDays: number,
): Promise<void> {
  const name = route ?? tenant;
  if (name === undefined || (route !== undefined && tenant !== undefined))
    throw new AppError('invalid_input', 'Name a tenant, or a path with --route; not both.');
  const { control, actor } = await openSetup(context);
  const input = readInput(CaptureChange, { keepDays, reason });
  const kind = route === undefined ? 'tenant' : 'route';
  const status = await control.capture.change(await actor('payloads.write'), kind, name, input);
  const subject = status.subjects.find((one) => one.kind === kind && (one.id === name || one.name === name));
  context.print(
    subject?.waiting
      ? `Waits for a second person: ASSAY_API_KEY=… assay gateway capture approve ${subject.waiting.id}`
      : keepDays === 0
        ? `Nothing more of ${subject?.name} is kept.`
        : `What is asked of ${subject?.name} is kept for ${keepDays} days, after redaction.`,
  );
}

function statusText({ subjects }: CaptureStatus): string {
  const shown = subjects.filter(
    ({ keepDays, waiting, counts }) => keepDays > 0 || waiting || (counts?.stored ?? 0) > 0,
  );
  if (shown.length === 0) return 'No payload is kept. See: assay gateway capture --help';
  const rows = shown.map((one) => [
    one.name,
    one.keepDays === 0 ? 'off' : `${one.keepDays} days`,
    one.waiting
      ? `${one.waiting.keepDays} days wait for a second person (${one.waiting.id})`
      : day(one.since?.at ?? null),
    ...countsText(one),
  ]);
  return columns(['OF', 'KEPT', 'SINCE', 'STORED', 'CAPTURED 24H', 'MISSED 24H', 'LOST 24H'], rows);
}

function countsText({ counts }: CaptureSubject): string[] {
  if (!counts) return ['by tenant', '', '', ''];
  const missed = [
    counts.notRedacted > 0 ? `${counts.notRedacted} not redacted` : '',
    counts.queueFull > 0 ? `${counts.queueFull} queue full` : '',
    counts.noStore > 0 ? `${counts.noStore} no store` : '',
  ].filter(Boolean);
  return [String(counts.stored), String(counts.captured), missed.join(', ') || '0', String(counts.lost)];
}

async function open(context: CommandContext, id: string, options: { reason: string; json?: true }): Promise<void> {
  const { openPayload } = await import('#src/features/gateway-payloads/index.ts');
  const { services, actor } = await openSetup(context);
  const { reason } = readInput(PayloadReason, { reason: options.reason });
  const { database, records, clock, dataKeys, ledger } = services;
  const opened = await openPayload(
    { database, append: records.append, clock, dataKeys },
    id,
    reason,
    await actor('payloads.open'),
  );
  await ledger.integrate();
  if (!opened.isInDecision) context.foundProblems();
  if (options.json) return context.print(opened.document);
  const { request, answer, model } = opened.payload;
  const lines = [
    opened.isInDecision
      ? `RIGHT  This is the payload the decision names: SHA-256 ${opened.sha256}`
      : `WRONG  The decision does not name this payload (SHA-256 ${opened.sha256})`,
    `Model  ${clean(model ?? 'none')}`,
    '',
    'ASKED',
    ...textLines(request.texts),
    ...(request.cutCharacters > 0 ? [`  ${request.cutCharacters} characters more were not kept`] : []),
    '',
    answer === null ? 'ANSWERED  nothing was kept' : answer.whole ? 'ANSWERED' : 'ANSWERED, in part',
    ...textLines(answer?.texts ?? []),
    ...((answer?.cutCharacters ?? 0) > 0 ? [`  ${answer?.cutCharacters} characters more were not kept`] : []),
    '',
    'That you read this is an entry of the ledger.',
  ];
  context.print(lines.join('\n'));
}

function textLines(texts: readonly { field: string; role?: string | undefined; text: string }[]): string[] {
  return texts.map(({ field, role, text }) => `  ${role ? `${role}, ` : ''}${clean(field)}: ${clean(text)}`);
}

/** A text of somebody else, without anything a terminal would act on. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (sign) => (sign === '\n' ? '\n    ' : '\ufffd'));
}

async function state(context: CommandContext, id: string, { json }: { json?: true }): Promise<void> {
  const { payloadState } = await import('#src/features/gateway-payloads/index.ts');
  const { services } = await openSetup(context);
  const found = await payloadState(services.database.drizzle, id, services.clock());
  if (json) return context.print(JSON.stringify(found, null, 2));
  const why = found.why === null ? '' : ` (${found.why.replaceAll('_', ' ')})`;
  const until = found.state === 'captured' ? `, kept until ${found.keepUntil?.slice(0, 10)}` : '';
  context.print(`${found.state}${why}${until}${found.onHold ? ', on hold' : ''}`);
}

type EraseOptions = {
  tenant?: string;
  decision?: string;
  person?: string;
  reason: string;
  basis: string;
  confirm?: true;
};

async function erase(context: CommandContext, options: EraseOptions): Promise<void> {
  const { tenant, decision, person, reason, basis } = options;
  if ([tenant, decision, person].filter((one) => one !== undefined).length !== 1)
    throw new AppError('invalid_input', 'Name one of --tenant, --decision and --person.');
  const { erasePayloads } = await import('#src/features/gateway-payloads/index.ts');
  const { gatewaySalt } = await import('#src/apps/gateway/salt.ts');
  const { services, control, actor } = await openSetup(context);
  const of =
    tenant !== undefined
      ? { kind: 'tenant', id: (await control.tenants.find(tenant)).id }
      : decision !== undefined
        ? { kind: 'decision', id: decision }
        : { kind: 'person', name: person };
  const input = readInput(PayloadErasure, { of, reason, basis });
  if (!options.confirm) return context.print('Nothing was erased. To destroy for good, run it again with --confirm.');
  const { database, records, clock, dataKeys, secrets, ledger } = services;
  const { erased, onHold } = await erasePayloads(
    { database, append: records.append, clock, dataKeys, salt: () => gatewaySalt(secrets) },
    input,
    await actor('payloads.erase'),
  );
  await ledger.integrate();
  context.print(
    `${erased} ${erased === 1 ? 'payload is' : 'payloads are'} destroyed${onHold > 0 ? `; ${onHold} stay under a legal hold` : ''}.`,
  );
}
