import type { Command } from 'commander';
import {
  DEFAULT_LIMITS,
  NO_LIMITS,
  newKeySchema,
  newTenantSchema,
  SCOPES,
  type Tenant,
  tenantChangeSchema,
} from '#src/features/gateway-tenants/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import { type LimitOptions, limitOptions, limitsText, readLimits } from './limits.ts';
import { openSetup, readInput, readInstant, readWhole, type Setup, several } from './open-setup.ts';
import { columns, day } from './text.ts';

type TenantOptions = LimitOptions & { internal?: true; policy?: string; json?: true };

export function registerTenant(gateway: Command, context: CommandContext): void {
  const tenant = gateway.command('tenant').description('who calls: customers of the company, and its own services');
  limitOptions(tenant.command('add'))
    .description('add a tenant, with limits')
    .argument('<name>', 'of the customer or service')
    .option('--internal', 'an own team or service, whose keys last 90 days')
    .option('--policy <name>', 'takes the place of the policies of the routes')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  assay gateway tenant add acme --requests-per-minute 300 --usd-per-day 20\n  assay gateway tenant add search --internal',
    )
    .action((name: string, options: TenantOptions) => add(context, name, options));
  tenant
    .command('list')
    .description('show the tenants with their limits')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => {
      const found = await (await openSetup(context)).control.tenants.list();
      context.print(json ? JSON.stringify(found, null, 2) : listText(found));
    });
  limitOptions(tenant.command('limit'))
    .description('change limits of a tenant; what is not named stays')
    .argument('<name>', 'or id')
    .action((name: string, options: LimitOptions) => limit(context, name, options));
  tenant
    .command('suspend')
    .description('refuse every call of a tenant, on every node within a second')
    .argument('<name>', 'or id')
    .requiredOption('--reason <words>', 'kept with the change')
    .action((name: string, { reason }: { reason: string }) => setState(context, name, 'suspended', reason));
  tenant
    .command('resume')
    .description('take calls of a suspended tenant again')
    .argument('<name>', 'or id')
    .action((name: string) => setState(context, name, 'active'));
}

async function add(context: CommandContext, name: string, options: TenantOptions): Promise<void> {
  const limits = readLimits(options, DEFAULT_LIMITS);
  const { control, actor } = await openSetup(context);
  const policyId = options.policy === undefined ? undefined : await policyIdOf(control, options.policy);
  const input = readInput(newTenantSchema, {
    name,
    ...(options.internal && { audience: 'internal' }),
    ...(limits && { limits }),
    ...(policyId !== undefined && { policyId }),
  });
  const tenant = await control.tenants.add(await actor('gateway.write'), input);
  if (options.json) return context.print(JSON.stringify(tenant, null, 2));
  context.print(`Added ${tenant.name} (${tenant.id}). Limits: ${limitsText(tenant.limits)}.`);
  sayMoveWaits(context, tenant.name, tenant.policyMoveId);
  context.print(`Give it a key: assay gateway key create ${JSON.stringify(tenant.name)} NAME`);
}

/** A milder policy is not in force by asking for it: whoever did has to know. */
export function sayMoveWaits(context: CommandContext, name: string, moveId: string | null): void {
  if (moveId === null) return;
  context.print(
    `The policy that was asked for is milder, or cannot be ordered: ${name} keeps the one it has until another person approves ${moveId}:\n  ASSAY_API_KEY=ask_… assay gateway policy-move approve ${moveId}`,
  );
}

export async function policyIdOf(control: Setup['control'], name: string): Promise<string> {
  const found = (await control.policies.list()).find((policy) => policy.name === name || policy.id === name);
  if (!found) throw new AppError('not_found', `There is no policy "${name}". See: assay gateway policy list`);
  return found.id;
}

async function limit(context: CommandContext, name: string, options: LimitOptions): Promise<void> {
  const { control, actor } = await openSetup(context);
  const row = await control.tenants.find(name);
  const limits = readLimits(options, row.limits);
  if (!limits) throw new AppError('invalid_input', 'Name at least one limit, like --requests-per-minute 100.');
  const change = readInput(tenantChangeSchema, { limits });
  const tenant = await control.tenants.change(await actor('gateway.write'), row.id, change);
  context.print(`Limits of ${tenant.name}: ${limitsText(tenant.limits)}.`);
}

async function setState(context: CommandContext, name: string, state: Tenant['state'], reason?: string): Promise<void> {
  const change = readInput(tenantChangeSchema, { state, ...(reason !== undefined && { reason }) });
  const { control, actor } = await openSetup(context);
  const tenant = await control.tenants.change(await actor('gateway.write'), name, change);
  context.print(`${tenant.name} is ${tenant.state}.`);
}

function listText(tenants: readonly Tenant[]): string {
  if (tenants.length === 0) return 'No tenant yet. Add one:\n  assay gateway tenant add my-app';
  const rows = tenants.map((tenant) => [
    tenant.name,
    tenant.id,
    tenant.audience,
    tenant.state,
    `${tenant.keys.active} of ${tenant.keys.all}`,
    limitsText(tenant.limits),
  ]);
  return columns(['NAME', 'ID', 'AUDIENCE', 'STATE', 'KEYS', 'LIMITS'], rows);
}

type KeyOptions = LimitOptions & { scope?: string[]; model?: string[]; expires?: string; json?: true };

export function registerKey(gateway: Command, context: CommandContext): void {
  const key = gateway.command('key').description('keys with which tenants call; stored as hashes, shown once');
  limitOptions(key.command('create'))
    .description('make a key and print it, once')
    .argument('<tenant>', 'name or id')
    .argument('<name>', 'what uses it')
    .option('--scope <scope>', `${Object.keys(SCOPES).join(', ')}; several times (default: all but other)`, several)
    .option('--model <name>', 'a model it may ask for, or its start and a *; several times (default: any)', several)
    .option('--expires <day>', 'last day or instant (default: in 365 days, in 90 for internal tenants)')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  assay gateway key create acme backend\n  assay gateway key create acme batch --scope embeddings --expires 2027-03-31 --json | jq -r .secret',
    )
    .action((tenant: string, name: string, options: KeyOptions) => create(context, tenant, name, options));
  key
    .command('list')
    .description('show the keys: what they may do, until when, when they were last used')
    .option('--tenant <name>', 'of one tenant')
    .option('--json', 'for machines')
    .action((options: { tenant?: string; json?: true }) => listKeys(context, options));
  for (const [word, state, does] of [
    ['revoke', 'revoked', 'end a key for good, on every node within a second'],
    ['suspend', 'suspended', 'refuse a key until it is resumed'],
    ['resume', 'active', 'take a suspended key again'],
  ] as const)
    key
      .command(word)
      .description(does)
      .argument('<id>', 'of the key')
      .requiredOption('--reason <words>', 'kept with the change')
      .action(async (id: string, { reason }: { reason: string }) => {
        const { control, actor } = await openSetup(context);
        const changed = await control.keys.changeState(await actor('gateway.write'), id, state, reason);
        context.print(`The key ${changed.prefix}… of ${changed.tenantName} is ${changed.state}.`);
      });
  key
    .command('rotate')
    .description('make a key with the same rights; the old one works on for a while')
    .argument('<id>', 'of the key')
    .option('--overlap-hours <number>', 'how long both work; 0 revokes the old one at once', '24')
    .option('--json', 'for machines')
    .action(async (id: string, options: { overlapHours: string; json?: true }) => {
      const hours = readWhole('--overlap-hours', options.overlapHours);
      const { control, actor } = await openSetup(context);
      const made = await control.keys.rotate(await actor('gateway.write'), id, hours);
      context.print(options.json ? JSON.stringify(made, null, 2) : madeText(context, made.secret, made.key.expiresAt));
    });
}

async function create(context: CommandContext, tenantName: string, name: string, options: KeyOptions): Promise<void> {
  const { control, actor } = await openSetup(context);
  const tenant = await control.tenants.find(tenantName);
  const limits = readLimits(options, NO_LIMITS);
  const input = readInput(newKeySchema, {
    tenantId: tenant.id,
    name,
    ...(options.scope && { scopes: options.scope }),
    ...(options.model && { models: options.model }),
    ...(options.expires !== undefined && { expiresAt: readInstant('--expires', options.expires) }),
    ...(limits && { limits }),
  });
  const made = await control.keys.create(await actor('gateway.write'), input);
  context.print(options.json ? JSON.stringify(made, null, 2) : madeText(context, made.secret, made.key.expiresAt));
}

function madeText(context: CommandContext, secret: string, expiresAt: string | null): string {
  return `${secret}

Copy it now: only its hash is kept. It works until ${day(expiresAt)}.
Point your application here: http://127.0.0.1:${context.config.gatewayPort}/v1 (OpenAI clients), http://127.0.0.1:${context.config.gatewayPort} (Anthropic clients).`;
}

async function listKeys(context: CommandContext, options: { tenant?: string; json?: true }): Promise<void> {
  const { control } = await openSetup(context);
  const tenant = options.tenant === undefined ? undefined : await control.tenants.find(options.tenant);
  const keys = await control.keys.list(tenant?.id);
  if (options.json) return context.print(JSON.stringify(keys, null, 2));
  if (keys.length === 0) return context.print('No key yet. Make one:\n  assay gateway key create TENANT NAME');
  const rows = keys.map((key) => [
    key.id,
    `${key.prefix}…`,
    key.tenantName,
    key.name,
    key.state,
    key.scopes.join(','),
    day(key.expiresAt),
    key.lastUsedAt ? day(key.lastUsedAt) : 'never',
  ]);
  context.print(columns(['ID', 'KEY', 'TENANT', 'NAME', 'STATE', 'SCOPES', 'EXPIRES', 'LAST USED'], rows));
}
