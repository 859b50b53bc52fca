import { randomBytes } from 'node:crypto';
import { Option } from 'commander';
import type { Incident, IncidentDetail } from '#src/features/incidents/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { CommandContext, CommandModule } from '../context.ts';

const EXAMPLES = `
Examples:
  assay incident list --state open             exit 1 when there is any
  assay incident show inc_01m…                 one incident with its times and timeline
  ASSAY_API_KEY=ask_… assay incident close inc_01m… --root-cause "…" --lessons "…" --retest evr_01m…
Exit codes: 0 done, 1 list --state open: some are open, 2 called wrongly or not ready to close, 3 could not run.
Who closes an incident is the person the API key belongs to; make one under Settings, API keys.`;

export const register: CommandModule['register'] = (program, context) => {
  const incident = program
    .command('incident')
    .description('list incidents, show their timeline, close them')
    .addHelpText('after', EXAMPLES);
  incident
    .command('list')
    .description('incidents, newest first')
    .addOption(new Option('--state <state>', 'which').choices(['open', 'closed']))
    .option('--json', 'for machines')
    .action((options: { state?: Incident['state']; json?: true }) => list(context, options));
  incident
    .command('show')
    .description('one incident with its times and timeline')
    .argument('<id>', 'such as inc_01m…')
    .option('--json', 'for machines')
    .action((id: string, options: { json?: true }) => show(context, id, options));
  incident
    .command('close')
    .description('close an incident; what is stated already need not be given again')
    .argument('<id>', 'such as inc_01m…')
    .option('--root-cause <text>', 'why it happened')
    .option('--lessons <text>', 'what is done differently from now on')
    .option('--change <ref>', 'pull request, commit or model version')
    .option('--retest <ref>', 'window or evaluation run that passed')
    .option('--json', 'for machines')
    .action((id: string, options: CloseOptions) => close(context, id, options));
};

type CloseOptions = { rootCause?: string; lessons?: string; change?: string; retest?: string; json?: true };

async function list(context: CommandContext, options: { state?: Incident['state']; json?: true }): Promise<void> {
  const { listIncidents } = await import('#src/features/incidents/index.ts');
  const { executor, namesOf } = await open(context);
  const page = await listIncidents(executor, { state: options.state, limit: 200 }, namesOf, Date.now());
  if (options.json) context.print(JSON.stringify(page, null, 2));
  else context.print(page.items.length === 0 ? 'No incident fits.' : page.items.map(line).join('\n'));
  if (options.state === 'open' && page.total > 0) context.foundProblems();
}

function line(incident: Incident): string {
  const { times } = incident;
  const took = incident.state === 'closed' ? `resolved after ${hours(times.toResolveMs)}` : 'open';
  const missing = incident.missing.length > 0 ? `, ${incident.missing.length} missing before it can close` : '';
  return `${incident.id}  ${incident.severity.padEnd(8)}  detected ${times.detectedAt}, ${took}${missing}\n    ${printable(incident.title)}`;
}

async function show(context: CommandContext, id: string, { json }: { json?: true }): Promise<void> {
  const { incidentDetail } = await import('#src/features/incidents/index.ts');
  const { executor, namesOf } = await open(context);
  const detail = await incidentDetail(executor, id, namesOf);
  context.print(json ? JSON.stringify(detail, null, 2) : describe(detail));
}

function describe({ incident, steps }: IncidentDetail): string {
  const { times } = incident;
  return [
    line(incident),
    `    detected after ${hours(times.toDetectMs)}, acknowledged after ${hours(times.toAcknowledgeMs)}, resolved after ${hours(times.toResolveMs)}`,
    ...incident.missing.map((one) => `    missing: ${printable(one)}`),
    '',
    ...steps.map(
      (step) =>
        `  ${step.at}  ${step.kind.padEnd(16)}  ${printable(step.by?.name ?? '')}${step.words ? `  ${printable(step.words)}` : ''}`,
    ),
  ].join('\n');
}

async function close(context: CommandContext, id: string, options: CloseOptions): Promise<void> {
  const { changeIncident, incidentDetail } = await import('#src/features/incidents/index.ts');
  const { ChangeIncident } = await import('#src/features/incidents/model.ts');
  const { callerOfKey } = await import('#src/features/users/index.ts');
  const { actorOf } = await import('#src/features/records/index.ts');
  const { openCommandServices } = await import('../command-services.ts');
  const secret = process.env.ASSAY_API_KEY;
  if (secret === undefined || secret === '')
    throw new AppError(
      'invalid_input',
      'Incidents are closed by a person. Set ASSAY_API_KEY to a key of yours (Settings, API keys).',
    );
  const given = ChangeIncident.safeParse({
    state: 'closed',
    rootCause: options.rootCause,
    lessons: options.lessons,
    changeRef: options.change,
    retestRef: options.retest,
  });
  if (!given.success) {
    const [first] = given.error.issues;
    throw new AppError('invalid_input', `${first?.path.join('.')}: ${first?.message}`);
  }
  const services = await openCommandServices(context);
  const { records, database } = services;
  const actor = actorOf(await callerOfKey(database, Date.now, secret, 'incidents.write'));
  const at = new Date(records.clock());
  const changeId = makeId('chg', at.getTime(), randomBytes(10));
  await records.change('incidents', ['incident'], (tx) =>
    changeIncident(tx, id, given.data, { at, actor, append: records.append, changeId }),
  );
  await services.ledger.integrate();
  const { executor, namesOf } = await open(context);
  const detail = await incidentDetail(executor, id, namesOf);
  context.print(options.json ? JSON.stringify(detail.incident, null, 2) : line(detail.incident));
}

async function open(context: CommandContext) {
  const { userNames } = await import('#src/features/users/index.ts');
  const { database } = await context.openDatabase();
  const executor = database.drizzle;
  return { executor, namesOf: (ids: readonly string[]) => userNames(executor, ids) };
}

const hours = (ms: number | null) => (ms === null ? '-' : `${(ms / 3_600_000).toFixed(1)} h`);

/** Titles may hold what outside systems wrote: no control characters reach the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}
