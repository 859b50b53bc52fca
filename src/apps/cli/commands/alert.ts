import { Option } from 'commander';
import type { Services } from '#src/apps/services.ts';
import type { Alert, AlertDetail } from '#src/features/alerts/model.ts';
import type { Actor } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext, CommandModule } from '../context.ts';

const EXAMPLES = `
Examples:
  assay alert list                              what is not resolved, what is due first on top
  assay alert list --overdue --json             exit 1 when there is any
  assay alert show alt_01m…                     one alert with its whole life
  ASSAY_API_KEY=ask_… assay alert ack alt_01m… alt_01n…
  ASSAY_API_KEY=ask_… assay alert resolve alt_01m… --as fixed --reason "Prompt put back, run 214 passed"
Exit codes: 0 done, 1 list: alerts are overdue, 2 called wrongly, 3 could not run.
Who acknowledges and resolves is the person the API key belongs to; make one under Settings, API keys.`;

export const register: CommandModule['register'] = (program, context) => {
  const alert = program
    .command('alert')
    .description('list alerts, take them up, resolve them')
    .addHelpText('after', EXAMPLES);
  alert
    .command('list')
    .description('alerts by what is due first')
    .addOption(
      new Option('--state <state>', 'which')
        .choices(['unresolved', 'open', 'acknowledged', 'resolved'])
        .default('unresolved'),
    )
    .addOption(new Option('--severity <severity>', 'only this one').choices(['critical', 'high', 'medium', 'low']))
    .option('--overdue', 'only those whose clock ran out')
    .option('--limit <count>', 'at most this many, up to 200', '50')
    .option('--json', 'for machines')
    .action((options: ListOptions) => list(context, options));
  alert
    .command('show')
    .description('one alert with its reasons, life and messages')
    .argument('<id>', 'such as alt_01m…')
    .option('--json', 'for machines')
    .action((id: string, options: { json?: true }) => show(context, id, options));
  alert
    .command('ack')
    .description('acknowledge alerts')
    .argument('<id...>', 'such as alt_01m…')
    .option('--comment <text>', 'kept with it')
    .option('--json', 'for machines')
    .action((ids: string[], options: { comment?: string; json?: true }) => acknowledge(context, ids, options));
  alert
    .command('resolve')
    .description('say what an alert was')
    .argument('<id>', 'such as alt_01m…')
    .addOption(
      new Option('--as <resolution>', 'what it was')
        .choices(['fixed', 'false_positive', 'accepted_risk', 'expected_change', 'duplicate'])
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'what it was and what was done')
    .option('--accepted-until <day>', 'with accepted_risk: the last day, like 2027-01-31')
    .option('--json', 'for machines')
    .action((id: string, options: ResolveOptions) => resolve(context, id, options));
};

type ListOptions = {
  state: 'unresolved' | 'open' | 'acknowledged' | 'resolved';
  severity?: Alert['severity'];
  overdue?: true;
  limit: string;
  json?: true;
};
type ResolveOptions = {
  as: 'fixed' | 'false_positive' | 'accepted_risk' | 'expected_change' | 'duplicate';
  reason: string;
  acceptedUntil?: string;
  json?: true;
};

async function list(context: CommandContext, options: ListOptions): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200)
    throw new AppError('invalid_input', '--limit must be a whole number from 1 to 200.');
  const { listAlerts } = await import('#src/features/alerts/index.ts');
  const reading = await readingOf(context);
  const { state, severity } = options;
  const page = await listAlerts(
    reading,
    { state, severity, clock: options.overdue ? 'overdue' : undefined, sort: 'due', limit },
    '',
  );
  if (options.json) context.print(JSON.stringify(page, null, 2));
  else context.print(page.items.length === 0 ? 'No alert fits.' : page.items.map(line).join('\n'));
  if (!options.json && page.total > page.items.length)
    context.print(`${page.total - page.items.length} more; raise --limit or narrow them.`);
  if (options.overdue && page.total > 0) context.foundProblems();
}

function line(alert: Alert): string {
  const clock = alert.state === 'open' ? alert.acknowledge : alert.resolve;
  const todo = alert.state === 'open' ? 'acknowledge' : 'resolve';
  const due = alert.state === 'resolved' ? (alert.resolution ?? '') : `${todo} by ${clock.dueAt}`;
  const late = alert.state !== 'resolved' && clock.clock === 'breached' ? '  OVERDUE' : '';
  return `${alert.id}  ${alert.severity.padEnd(8)}  ${alert.state.padEnd(12)}  ${due}${late}\n    ${printable(alert.title)} (${printable(alert.subject.title)})`;
}

async function show(context: CommandContext, id: string, { json }: { json?: true }): Promise<void> {
  const { alertDetail } = await import('#src/features/alerts/index.ts');
  const detail = await alertDetail(await readingOf(context), id);
  context.print(json ? JSON.stringify(detail, null, 2) : describe(detail));
}

function describe({ alert, reasons, steps, deliveries }: AlertDetail): string {
  return [
    line(alert),
    `    owner ${alert.owner ? printable(alert.owner.name) : 'nobody'}, opened ${alert.openedAt}, seen ${alert.occurrences} times`,
    '',
    ...reasons.map((reason) => `  ${printable(reason)}`),
    '',
    ...steps.map((step) => `  ${step.at}  ${step.kind.padEnd(15)}  ${printable(step.by.name)}`),
    ...deliveries.map(
      (one) =>
        `  message ${one.event} to ${printable(one.channel.name)}: ${one.state}, ${one.receipt ?? one.lastError ?? ''}`,
    ),
  ].join('\n');
}

async function acknowledge(
  context: CommandContext,
  ids: string[],
  { comment, json }: { comment?: string; json?: true },
): Promise<void> {
  const { acknowledgeAlerts } = await import('#src/features/alerts/index.ts');
  const { services, actor } = await acting(context);
  const { records } = services;
  const outcome = await records.change('alerts', ['alert'], (tx) =>
    acknowledgeAlerts(tx, ids, comment, { at: new Date(records.clock()), actor, append: records.append }),
  );
  await services.ledger.integrate();
  if (json) context.print(JSON.stringify(outcome, null, 2));
  else
    context.print(
      `${outcome.acknowledgedIds.length} acknowledged, ${outcome.unchangedIds.length} were taken up or resolved before.`,
    );
}

async function resolve(context: CommandContext, id: string, options: ResolveOptions): Promise<void> {
  const { alertDetail, resolveAlert } = await import('#src/features/alerts/index.ts');
  const { ResolveAlert } = await import('#src/features/alerts/model.ts');
  const given = ResolveAlert.safeParse({
    resolution: options.as,
    reason: options.reason,
    ...(options.acceptedUntil !== undefined && { acceptedUntil: options.acceptedUntil }),
  });
  if (!given.success) throw new AppError('invalid_input', given.error.issues[0]?.message ?? 'Not well formed.');
  const { services, actor } = await acting(context);
  const { records } = services;
  await records.change('alerts', ['alert'], (tx) =>
    resolveAlert(tx, id, given.data, { at: new Date(records.clock()), actor, append: records.append }),
  );
  await services.ledger.integrate();
  const detail = await alertDetail(await readingOf(context), id);
  context.print(options.json ? JSON.stringify(detail.alert, null, 2) : line(detail.alert));
}

async function readingOf(context: CommandContext) {
  const { userNames } = await import('#src/features/users/index.ts');
  const { database } = await context.openDatabase();
  const executor = database.drizzle;
  return { executor, namesOf: (ids: readonly string[]) => userNames(executor, ids), at: new Date() };
}

/** The person behind ASSAY_API_KEY, who must be allowed to change alerts. */
async function acting(context: CommandContext): Promise<{ services: Services; actor: Actor }> {
  const { openServices } = await import('#src/apps/services.ts');
  const { callerOfKey } = await import('#src/features/users/index.ts');
  const { actorOf } = await import('#src/features/records/index.ts');
  const secret = process.env.ASSAY_API_KEY;
  if (secret === undefined || secret === '')
    throw new AppError(
      'invalid_input',
      'Alerts are acknowledged and resolved by a person. Set ASSAY_API_KEY to a key of yours (Settings, API keys).',
    );
  const { database, dataDir } = await context.openDatabase();
  const identity = await callerOfKey(database, Date.now, secret, 'alerts.write');
  const services = await openServices({ database, dataDir, clock: Date.now, log: context.log });
  return { services, actor: actorOf(identity) };
}

/** Titles may hold what outside systems wrote: no control characters reach the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}
