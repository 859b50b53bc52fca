import type { Command } from 'commander';
import type { GatewayProvidersService } from '#src/features/gateway-providers/index.ts';
import {
  AUTH_STYLES,
  newProviderSchema,
  PROVIDER_KINDS,
  type Provider,
  providerChangeSchema,
  TEST_OUTCOMES,
} from '#src/features/gateway-providers/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import { type KeySource, keyOptions, openSetup, readInput, readKey, type Setup, several } from './open-setup.ts';
import { clean, columns, day } from './text.ts';

type AddOptions = KeySource & {
  kind: string;
  baseUrl?: string;
  auth?: string;
  model?: string[];
  allowPrivate?: true;
  starterPolicy?: true;
  json?: true;
};

const EXAMPLES = `
Examples:
  assay gateway provider add openai --kind openai --key-env OPENAI_API_KEY --starter-policy
  pass show anthropic | assay gateway provider add anthropic --kind anthropic --key-stdin
  assay gateway provider add ollama --kind openai_compatible --base-url http://127.0.0.1:11434/v1 --auth none --allow-private`;

export function registerProvider(gateway: Command, context: CommandContext): void {
  const provider = gateway
    .command('provider')
    .description('who answers the calls: OpenAI, Anthropic and what speaks their languages');
  keyOptions(provider.command('add'))
    .description('add a provider and the paths that lead to it; its key goes into the secret store')
    .argument('<name>', 'lower-case letters, digits and hyphens; part of its path')
    .requiredOption('--kind <kind>', Object.keys(PROVIDER_KINDS).join(', '))
    .option('--base-url <url>', 'where it is, as its own client is told (default: the usual one)')
    .option('--auth <style>', `how it wants its key: ${Object.keys(AUTH_STYLES).join(', ')}`)
    .option(
      '--model <name>',
      'a model that may be asked for, or its start and a *; several times (default: any)',
      several,
    )
    .option('--allow-private', 'it may be on a private network or this machine')
    .option('--starter-policy', 'put routes without a policy under the built-in starter policy')
    .option('--json', 'for machines')
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: AddOptions) => add(context, name, options));
  provider
    .command('list')
    .description('show the providers, whether a key is stored, and how the last test ended')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => {
      const { control } = await openSetup(context);
      const found = await control.providers.list();
      context.print(json ? JSON.stringify(found, null, 2) : listText(found));
    });
  provider
    .command('test')
    .description('ask a provider for its models with the stored key; ends with 1 when that does not work')
    .argument('<name>', 'or id')
    .option('--json', 'for machines')
    .action((name: string, { json }: { json?: true }) => testProvider(context, name, json));
  keyOptions(provider.command('key'))
    .description('store another key for a provider; the old one is destroyed')
    .argument('<name>', 'or id')
    .action((name: string, source: KeySource) => storeKey(context, name, source));
  provider
    .command('remove')
    .description('remove a provider, its key and the paths that lead to it: calls to them are refused from then on')
    .argument('<name>', 'or id')
    .option('--yes', 'do it')
    .action((name: string, { yes }: { yes?: true }) => remove(context, name, yes));
}

async function add(context: CommandContext, name: string, options: AddOptions): Promise<void> {
  const key = readKey(options);
  const input = readInput(newProviderSchema, {
    name,
    kind: options.kind,
    ...(options.baseUrl !== undefined && { baseUrl: options.baseUrl }),
    ...(options.auth !== undefined && { authStyle: options.auth }),
    ...(options.model && { models: options.model }),
    ...(options.allowPrivate && { allowPrivateAddress: true }),
    ...(key !== undefined && { key }),
  });
  const setup = await openSetup(context);
  const actor = await setup.actor('gateway.write');
  // Asked before anything is stored, so that the command does all of it or nothing.
  if (options.starterPolicy) await setup.actor('gateway.review');
  const provider = await setup.control.providers.add(actor, input);
  if (options.starterPolicy) await coverByStarter(setup);
  const routes = (await setup.control.routes.list()).filter(({ providerId }) => providerId === provider.id);
  if (options.json) return context.print(JSON.stringify({ provider, routes }, null, 2));
  context.print(`Added ${provider.name} (${provider.id}) at ${provider.baseUrl}.`);
  for (const { path, policyName, policyVersion } of routes)
    context.print(
      `  ${path}  ${policyVersion === null ? 'NO POLICY' : `policy ${policyName}, version ${policyVersion}`}`,
    );
  if (provider.keySetAt === null && provider.authStyle !== 'none')
    context.print(`No key is stored yet. Store one: assay gateway provider key ${provider.name} --key-stdin`);
  if (routes.some(({ policyVersion }) => policyVersion === null))
    context.print(
      'Calls to a path without a policy are refused. Use the built-in one: assay gateway policy adopt-starter --cover-routes',
    );
}

/** Adopts the starter policy, or takes the one that was, and puts routes without a policy under it. */
export async function coverByStarter({ control, actor }: Setup): Promise<string[]> {
  const by = await actor('gateway.review');
  const known = (await control.policies.list()).find(({ name }) => name === 'starter');
  const { id } = known ?? (await control.policies.adoptStarter(by));
  return control.routes.coverBare(by, id);
}

async function testProvider(context: CommandContext, name: string, json?: true): Promise<void> {
  const { control, actor } = await openSetup(context);
  const { lastTest } = await control.providers.test(await actor('gateway.write'), name);
  if (!lastTest) throw new AppError('internal', 'The test was not kept.');
  if (lastTest.outcome !== 'works') context.foundProblems();
  if (json) return context.print(JSON.stringify(lastTest, null, 2));
  context.print(`${TEST_OUTCOMES[lastTest.outcome]}: ${clean(lastTest.message)}`);
  if (lastTest.models.length > 0) context.print(lastTest.models.slice(0, 10).map(clean).join('\n'));
}

async function storeKey(context: CommandContext, name: string, source: KeySource): Promise<void> {
  const key = readKey(source);
  if (key === undefined) throw new AppError('invalid_input', 'Say where the key is: --key-env NAME, or --key-stdin.');
  const input = readInput(providerChangeSchema, { key });
  const { control, actor } = await openSetup(context);
  const provider = await control.providers.change(await actor('gateway.write'), name, input);
  context.print(`Stored another key for ${provider.name}. Try it: assay gateway provider test ${provider.name}`);
}

async function remove(context: CommandContext, name: string, yes?: true): Promise<void> {
  const { control, actor } = await openSetup(context);
  const by = await actor('gateway.write');
  const provider = await named(control.providers, name);
  if (!yes)
    throw new AppError(
      'invalid_input',
      `This removes ${provider.name}, its key and ${provider.routes.join(' and ') || 'no path'}. Say --yes to do it.`,
    );
  await control.providers.remove(by, provider.id);
  context.print(`Removed ${provider.name}. Its key was destroyed.`);
}

async function named(providers: GatewayProvidersService, name: string): Promise<Provider> {
  const { id } = await providers.find(name);
  return providers.read(id);
}

function listText(providers: readonly Provider[]): string {
  if (providers.length === 0)
    return 'No provider yet. Add one:\n  assay gateway provider add openai --kind openai --key-env OPENAI_API_KEY';
  const rows = providers.map((provider) => [
    provider.name,
    provider.kind,
    provider.baseUrl,
    provider.authStyle === 'none' ? 'none needed' : provider.keySetAt ? `since ${day(provider.keySetAt)}` : 'MISSING',
    provider.lastTest
      ? `${TEST_OUTCOMES[provider.lastTest.outcome]}, ${day(provider.lastTest.testedAt)}`
      : 'never tested',
    provider.routes.join(' '),
  ]);
  return columns(['NAME', 'KIND', 'ADDRESS', 'KEY', 'LAST TEST', 'PATHS'], rows);
}
