import type { Command } from 'commander';
import { type Approval, ApprovalDecision, ApprovalQuery } from '#src/features/gateway-approvals/model.ts';
import type { CommandContext } from '../context.ts';
import { openSetup, readInput, readWhole } from './open-setup.ts';
import { clean, columns } from './text.ts';

const EXAMPLES = `
Examples:
  assay gateway approval list
  ASSAY_API_KEY=ask_… assay gateway approval show gap_01k…
  ASSAY_API_KEY=ask_… assay gateway approval approve gap_01k… --reason "Invoice 4711, checked with the customer"
  ASSAY_API_KEY=ask_… assay gateway approval refuse gap_01k… --reason "Wrong account"

Calls of tools for which the policy asks a person. An approval counts once, for this call of this caller, for an hour. It is
given by another person than the one who made the caller's key, so that ASSAY_API_KEY has to name one.`;

export function registerApproval(gateway: Command, context: CommandContext): void {
  const approval = gateway
    .command('approval')
    .description('tool calls that wait for a person: look at them, approve them, refuse them')
    .addHelpText('after', EXAMPLES);
  approval
    .command('list')
    .description('show the approvals, newest first')
    .option('--state <state>', 'waiting, approved, refused, used or expired (default: all)')
    .option('--key <id>', 'of one key')
    .option('-n, --number <count>', 'how many', '50')
    .option('--json', 'for machines')
    .action((options: ListOptions) => list(context, options));
  approval
    .command('show')
    .description('print one approval, and what the call would do while it waits')
    .argument('<id>', 'such as gap_01k…')
    .option('--json', 'for machines')
    .action((id: string, options: { json?: true }) => show(context, id, options));
  for (const [name, decision, what] of [
    ['approve', 'approved', 'let the call through, once'],
    ['refuse', 'refused', 'keep the call from going through'],
  ] as const)
    approval
      .command(name)
      .description(`${what}, as a person (ASSAY_API_KEY)`)
      .argument('<id>', 'such as gap_01k…')
      .requiredOption('--reason <words>', 'kept with the decision')
      .option('--json', 'for machines')
      .action((id: string, options: { reason: string; json?: true }) => decide(context, id, decision, options));
}

type ListOptions = { state?: string; key?: string; number: string; json?: true };

async function list(context: CommandContext, { number, json, ...filter }: ListOptions): Promise<void> {
  const query = readInput(ApprovalQuery, { ...filter, limit: Math.min(readWhole('-n', number), 200) });
  const { services, namesOf, actor } = await openSetup(context);
  await actor('gateway.read');
  const { listApprovals } = await import('#src/features/gateway-approvals/index.ts');
  const page = await listApprovals(services.database.drizzle, query, { namesOf, clock: services.clock });
  if (json) return context.print(JSON.stringify(page, null, 2));
  if (page.items.length === 0) return context.print('No tool call is like that.');
  const rows = page.items.map(({ id, state, tool, route, key, askedAt, expiresAt }) => [
    id,
    state,
    tool,
    route.path ?? route.id,
    key?.name ?? 'token',
    askedAt,
    state === 'waiting' ? `until ${expiresAt}` : '',
  ]);
  context.print(columns(['ID', 'STATE', 'TOOL', 'ROUTE', 'KEY', 'ASKED', ''], rows));
}

async function show(context: CommandContext, id: string, { json }: { json?: true }): Promise<void> {
  const { services, namesOf, actor } = await openSetup(context);
  await actor('gateway-approvals.decide');
  const { approvalById, approvalContent } = await import('#src/features/gateway-approvals/index.ts');
  const { drizzle } = services.database;
  const found = await approvalById(drizzle, id, { namesOf, clock: services.clock });
  const content = await approvalContent(drizzle, id, services.dataKeys);
  if (json) return context.print(JSON.stringify({ ...found, content }, null, 2));
  context.print(text(found));
  context.print(
    content.arguments === null ? 'Arguments  forgotten: it is decided' : `Arguments  ${clean(content.arguments)}`,
  );
}

function text({ id, state, tool, route, tenant, key, policy, askedAt, expiresAt, ...rest }: Approval): string {
  const lines = [
    `${id}  ${state}`,
    `Tool       ${clean(tool)}`,
    `Asked by   ${clean(`${tenant.name ?? tenant.id}, ${key?.name ?? 'a token'}`)}, route ${route.path ?? route.id}, ${askedAt}`,
    `Because    policy ${clean(policy.name ?? policy.id)}, version ${policy.version}: a person approves this tool`,
    `Expires    ${expiresAt}`,
  ];
  if (rest.decidedBy)
    lines.push(`Decided    ${clean(rest.decidedBy.name)}, ${rest.decidedAt}: ${clean(rest.reason ?? '')}`);
  if (rest.usedDecisionId) lines.push(`Used       ${rest.usedAt}, decision ${rest.usedDecisionId}`);
  return lines.join('\n');
}

async function decide(
  context: CommandContext,
  id: string,
  decision: ApprovalDecision['decision'],
  { reason, json }: { reason: string; json?: true },
): Promise<void> {
  const { services, namesOf, actor } = await openSetup(context);
  const by = await actor('gateway-approvals.decide');
  const { approvalById, approvalContent, decideApproval } = await import('#src/features/gateway-approvals/index.ts');
  const { records, dataKeys, database, clock } = services;
  const { digest } = await approvalContent(database.drizzle, id, dataKeys);
  const input = readInput(ApprovalDecision, { decision, digest, reason });
  await records.change('gateway', ['gateway-tool-use'], (tx) => decideApproval(tx, id, input, by, records));
  const found = await approvalById(database.drizzle, id, { namesOf, clock });
  if (json) context.print(JSON.stringify(found, null, 2));
  else if (decision === 'approved') context.print(`Approved. The same call passes once, until ${found.expiresAt}.`);
  else context.print('Refused. The caller is told so.');
}
