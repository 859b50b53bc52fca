import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type GatewayRoute,
  newRouteSchema,
  type Price,
  routeChangeSchema,
  type SetPrice,
  setPriceSchema,
} from '#src/features/gateway-policies/model.ts';
import { NO_LIMITS, newIssuerSchema } from '#src/features/gateway-tenants/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import { type LimitOptions, limitOptions, limitsText, readLimits } from './limits.ts';
import { openSetup, readInput, several } from './open-setup.ts';
import { policyIdOf, sayMoveWaits } from './tenant.ts';
import { columns } from './text.ts';

const PRICE_FILE_MAX = 1_048_576;

type RouteOptions = LimitOptions & { provider: string; policy?: string | false; alias?: string[]; json?: true };

export function registerRoute(gateway: Command, context: CommandContext): void {
  const route = gateway.command('route').description('which path leads to which provider, under which policy');
  route
    .command('list')
    .description('show the paths; ends with 1 when one has no policy in force')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => {
      const found = await (await openSetup(context)).control.routes.list();
      if (found.some(({ policyVersion }) => policyVersion === null)) context.foundProblems();
      context.print(json ? JSON.stringify(found, null, 2) : listText(found));
    });
  limitOptions(route.command('add'))
    .description('add a path')
    .argument('<path>', 'like /v1 or /support/v1')
    .requiredOption('--provider <name>', 'where it leads')
    .option('--policy <name>', 'what is checked on it')
    .option(
      '--alias <asked=answered>',
      'a model that is asked for and the one to ask for in its place; several times',
      several,
    )
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  assay gateway route add /support/v1 --provider openai --policy support --alias fast=gpt-4o-mini',
    )
    .action((path: string, options: RouteOptions) => add(context, path, options));
  limitOptions(route.command('set'))
    .description('change policy, aliases or limits of a path; what is not named stays')
    .argument('<path>', 'or id')
    .option('--policy <name>', 'what is checked on it')
    .option('--no-policy', 'nothing: calls are refused unless the tenant has a policy')
    .option('--alias <asked=answered>', 'all aliases from now on; several times', several)
    .action((path: string, options: RouteOptions) => change(context, path, options));
  route
    .command('remove')
    .description('remove a path: calls to it are refused from then on')
    .argument('<path>', 'or id')
    .action(async (path: string) => {
      const { control, actor } = await openSetup(context);
      await control.routes.remove(await actor('gateway.write'), path);
      context.print(`Removed ${path}.`);
    });
}

async function add(context: CommandContext, path: string, options: RouteOptions): Promise<void> {
  const { control, actor } = await openSetup(context);
  const provider = await control.providers.find(options.provider);
  const limits = readLimits(options, NO_LIMITS);
  const input = readInput(newRouteSchema, {
    path,
    providerId: provider.id,
    ...(typeof options.policy === 'string' && { policyId: await policyIdOf(control, options.policy) }),
    ...(options.alias && { modelAliases: aliases(options.alias) }),
    ...(limits && { limits }),
  });
  const route = await control.routes.add(await actor('gateway.write'), input);
  if (options.json) return context.print(JSON.stringify(route, null, 2));
  context.print(listText([route]));
  sayMoveWaits(context, route.path, route.policyMoveId);
}

async function change(context: CommandContext, path: string, options: RouteOptions): Promise<void> {
  const { control, actor } = await openSetup(context);
  const row = await control.routes.find(path);
  const limits = readLimits(options, row.limits ?? NO_LIMITS);
  const input = readInput(routeChangeSchema, {
    ...(options.policy === false && { policyId: null }),
    ...(typeof options.policy === 'string' && { policyId: await policyIdOf(control, options.policy) }),
    ...(options.alias && { modelAliases: aliases(options.alias) }),
    ...(limits && { limits }),
  });
  const route = await control.routes.change(await actor('gateway.write'), row.id, input);
  context.print(listText([route]));
  sayMoveWaits(context, route.path, route.policyMoveId);
}

function aliases(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const cut = pair.indexOf('=');
      if (cut < 1 || cut === pair.length - 1)
        throw new AppError('invalid_input', `--alias: "${pair}" is not two models like fast=gpt-4o-mini.`);
      return [pair.slice(0, cut), pair.slice(cut + 1)];
    }),
  );
}

function listText(routes: readonly GatewayRoute[]): string {
  if (routes.length === 0) return 'No path yet: a provider brings its own. See: assay gateway provider add --help';
  const rows = routes.map((route) => [
    route.path,
    route.providerName,
    route.policyVersion === null ? 'NONE IN FORCE' : `${route.policyName} ${route.policyVersion}`,
    route.screening.input,
    route.screening.output,
    route.onFailure ?? '–',
    route.limits === null ? '–' : limitsText(route.limits),
  ]);
  return columns(['PATH', 'PROVIDER', 'POLICY', 'PROMPTS', 'ANSWERS', 'ON FAILURE', 'LIMITS'], rows);
}

export function registerPrice(gateway: Command, context: CommandContext): void {
  const price = gateway.command('price').description('what models cost, for spend limits and reports');
  price
    .command('list')
    .description('show the prices; a model without one has an unknown spend')
    .option('--starter', 'the list Assay comes with, with sources and days, in place of the prices in force')
    .option('--json', 'for machines')
    .action(async ({ json, starter }: { json?: true; starter?: true }) => {
      if (starter) return listStarter(context, json);
      const found = await (await openSetup(context)).control.prices.prices();
      context.print(json ? JSON.stringify(found, null, 2) : pricesText(found));
    });
  price
    .command('import')
    .description('take over the list prices Assay comes with, or those of a file; prices that are set already stay')
    .option('--file <path>', 'a JSON list as "price list --json" prints it')
    .option('--replace', 'set them anew where one is set already')
    .addHelpText('after', '\nExamples:\n  assay gateway price list --starter\n  assay gateway price import')
    .action((options: { file?: string; replace?: true }) => importPrices(context, options));
  price
    .command('set')
    .description('set the price of a model')
    .argument('<provider>', 'name, or a kind: openai, anthropic, openai_compatible')
    .argument('<model>', 'or its start and a *')
    .requiredOption('--input <usd>', 'US dollars for a million tokens of prompts')
    .requiredOption('--output <usd>', 'US dollars for a million tokens of answers')
    .addHelpText('after', '\nExamples:\n  assay gateway price set openai "gpt-4o*" --input 2.50 --output 10')
    .action((provider: string, model: string, options: { input: string; output: string }) =>
      setPrice(context, provider, model, options),
    );
}

async function listStarter(context: CommandContext, json?: true): Promise<void> {
  const { STARTER_PRICES } = await import('#src/features/gateway-policies/index.ts');
  if (json) return context.print(JSON.stringify(STARTER_PRICES, null, 2));
  const rows = STARTER_PRICES.map((price) => [
    price.provider,
    price.model,
    String(price.inputMicroUsdPerMTok / 1_000_000),
    String(price.outputMicroUsdPerMTok / 1_000_000),
    price.seenOn,
    price.source,
  ]);
  context.print(columns(['PROVIDER', 'MODEL', 'USD/M IN', 'USD/M OUT', 'SEEN ON', 'SOURCE'], rows));
}

async function importPrices(context: CommandContext, options: { file?: string; replace?: true }): Promise<void> {
  const { STARTER_PRICES } = await import('#src/features/gateway-policies/index.ts');
  const given = options.file === undefined ? STARTER_PRICES : readPriceFile(context, options.file);
  const prices = given.map(({ provider, model, inputMicroUsdPerMTok, outputMicroUsdPerMTok }) =>
    readInput(setPriceSchema, { provider, model, inputMicroUsdPerMTok, outputMicroUsdPerMTok }),
  );
  const { control, actor } = await openSetup(context);
  const set = await control.prices.importPrices(await actor('gateway.write'), prices, options.replace === true);
  context.print(
    `Set ${set.length} of ${prices.length} prices; ${prices.length - set.length} were set already. Compare them with your contract.`,
  );
}

function readPriceFile(context: CommandContext, file: string): Partial<SetPrice>[] {
  let text: string;
  try {
    text = readFileSync(resolve(context.cwd, file), 'utf8');
  } catch (cause) {
    throw new AppError('not_found', `${file} cannot be read.`, { cause });
  }
  if (text.length > PRICE_FILE_MAX) throw new AppError('too_large', `${file} is longer than any list of prices.`);
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every((one) => typeof one === 'object' && one !== null)) return list;
  } catch {
    // Told below: what is no JSON is no list either.
  }
  throw new AppError('invalid_input', `${file} is no JSON list of prices. See: assay gateway price list --json`);
}

async function setPrice(
  context: CommandContext,
  provider: string,
  model: string,
  options: { input: string; output: string },
): Promise<void> {
  const { control, actor } = await openSetup(context);
  const named = (await control.providers.list()).find(({ name }) => name === provider);
  const price = readInput(setPriceSchema, {
    provider: named && !['openai', 'anthropic', 'openai_compatible'].includes(provider) ? named.id : provider,
    model,
    inputMicroUsdPerMTok: microUsd('--input', options.input),
    outputMicroUsdPerMTok: microUsd('--output', options.output),
  });
  await control.prices.setPrice(await actor('gateway.write'), price);
  context.print(`Set the price of ${model}.`);
}

function microUsd(option: string, text: string): number {
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text))
    throw new AppError('invalid_input', `${option}: "${text}" is not an amount of US dollars like 2.50.`);
  return Math.round(Number(text) * 1_000_000);
}

function pricesText(prices: readonly Price[]): string {
  if (prices.length === 0)
    return 'No price is known, so that spend is unknown and its limits never apply. Begin with list prices, or set one:\n  assay gateway price import\n  assay gateway price set openai "gpt-4o*" --input 2.50 --output 10';
  const rows = prices.map((price) => [
    price.provider,
    price.model,
    String(price.inputMicroUsdPerMTok / 1_000_000),
    String(price.outputMicroUsdPerMTok / 1_000_000),
    price.changedAt.slice(0, 10),
  ]);
  return columns(['PROVIDER', 'MODEL', 'USD/M IN', 'USD/M OUT', 'SINCE'], rows);
}

type IssuerOptions = { audience: string; jwksUrl: string; tenantClaim: string; algorithm?: string[] };

export function registerIssuer(gateway: Command, context: CommandContext): void {
  const issuer = gateway
    .command('issuer')
    .description('who else vouches for callers: issuers of JWTs that name a tenant');
  issuer
    .command('list')
    .description('show the issuers')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => {
      const found = await (await openSetup(context)).control.tenants.issuers();
      if (json) return context.print(JSON.stringify(found, null, 2));
      const rows = found.map(({ id, issuer: name, audience, tenantClaim }) => [id, name, audience, tenantClaim]);
      context.print(
        rows.length === 0
          ? 'No issuer: callers use keys.'
          : columns(['ID', 'ISSUER', 'AUDIENCE', 'TENANT CLAIM'], rows),
      );
    });
  issuer
    .command('add')
    .description('take tokens of an issuer')
    .argument('<issuer>', 'as it stands in the claim iss')
    .requiredOption('--audience <audience>', 'as it stands in the claim aud')
    .requiredOption('--jwks-url <url>', 'where its public keys are')
    .requiredOption('--tenant-claim <claim>', 'the claim that holds the id of the tenant')
    .option('--algorithm <name>', 'several times (default: RS256 and ES256)', several)
    .action(async (name: string, options: IssuerOptions) => {
      const { algorithm, ...fields } = options;
      const input = readInput(newIssuerSchema, {
        issuer: name,
        ...fields,
        ...(algorithm && { algorithms: algorithm }),
      });
      const { control, actor } = await openSetup(context);
      context.print(`Added ${await control.tenants.addIssuer(await actor('gateway.write'), input)}.`);
    });
  issuer
    .command('remove')
    .description('take no tokens of an issuer any more')
    .argument('<id>', 'of the issuer')
    .action(async (id: string) => {
      const { control, actor } = await openSetup(context);
      await control.tenants.removeIssuer(await actor('gateway.write'), id);
      context.print(`Removed ${id}.`);
    });
}
