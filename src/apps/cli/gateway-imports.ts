import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { GatewayImport } from '#src/features/gateway-imports/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext } from './context.ts';

type Options = { kind?: string; json?: true };

const EXAMPLES = `
Examples:
  assay gateway import add edge kong.yaml
  assay gateway import add web nginx.conf conf.d/chat.conf
  assay gateway import add models config.yaml --kind litellm
  assay gateway import list

Reads Kong declarative files, resources of Envoy Gateway and Envoy AI Gateway, NGINX configuration and config.yaml of the LiteLLM
proxy. Kept is what they say of authentication and limits, route by route; the files and their keys are not.
Exit codes: 0 every route asks who calls and limits requests, 1 not so or not known, 2 called wrongly, 3 could not run.`;

/** What other gateways are set up for, read from their files. */
export function registerGatewayImports(gateway: Command, context: CommandContext): void {
  const imports = gateway
    .command('import')
    .description('what the configuration of other gateways says of authentication and limits')
    .addHelpText('after', EXAMPLES);
  imports
    .command('add')
    .description('read the files of a gateway, in place of what was read of it before')
    .argument('<name>', 'what you call the gateway')
    .argument('<files...>', 'its configuration')
    .option('--kind <kind>', 'kong, envoy, nginx or litellm (default: by what the files say)')
    .option('--json', 'for machines')
    .action((name: string, files: string[], options: Options) => add(context, name, files, options));
  imports
    .command('list')
    .description('show what was read of each gateway')
    .option('--json', 'for machines')
    .action((options: Options) => list(context, options));
  imports
    .command('remove')
    .description('forget a gateway that is no longer there')
    .argument('<name>')
    .action((name: string) => remove(context, name));
}

async function add(context: CommandContext, name: string, paths: string[], options: Options): Promise<void> {
  const { NewGatewayImport } = await import('#src/features/gateway-imports/model.ts');
  const { importConfig } = await import('#src/features/gateway-imports/index.ts');
  const { openCommandServices } = await import('./command-services.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const files = [];
  for (const path of paths) files.push(await readConfig(context.cwd, path));
  const asked = NewGatewayImport.safeParse({
    name,
    files,
    ...(options.kind !== undefined && { gateway: options.kind }),
  });
  if (!asked.success) {
    const [issue] = asked.error.issues;
    const [member, at] = issue?.path ?? [];
    const what =
      member === 'gateway' ? '--kind' : member === 'files' ? (paths[Number(at)] ?? 'the files') : String(member);
    throw new AppError('invalid_input', `${what}: ${issue?.message}.`);
  }
  const services = await openCommandServices(context);
  const imported = await importConfig(services, asked.data, COMMAND_LINE);
  await services.ledger.integrate();
  if (!isGood(imported)) context.foundProblems();
  context.print(options.json ? JSON.stringify(imported, null, 2) : textOf(imported));
}

async function readConfig(cwd: string, path: string): Promise<{ name: string; text: string }> {
  const { FILE_MAX_BYTES } = await import('#src/connectors/gateway-config/index.ts');
  const whole = resolve(cwd, path);
  const below = relative(cwd, whole);
  const name = below.startsWith('..') || isAbsolute(below) ? (path.split('/').at(-1) ?? path) : below;
  try {
    const { size } = await stat(whole);
    if (size > FILE_MAX_BYTES)
      throw new AppError('invalid_input', `${path}: it has ${size} bytes; at most ${FILE_MAX_BYTES} are read.`);
    return { name, text: await readFile(whole, 'utf8') };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('invalid_input', `${path} cannot be read.`, { cause });
  }
}

async function list(context: CommandContext, { json }: Options): Promise<void> {
  const { listImports } = await import('#src/features/gateway-imports/index.ts');
  const { openCommandServices } = await import('./command-services.ts');
  const page = await listImports(await openCommandServices(context));
  if (json) return context.print(JSON.stringify(page, null, 2));
  const empty = 'No other gateway was imported. Read the files of one: assay gateway import add edge kong.yaml';
  context.print(page.total === 0 ? empty : page.items.map(textOf).join('\n\n'));
}

async function remove(context: CommandContext, name: string): Promise<void> {
  const { removeImport } = await import('#src/features/gateway-imports/index.ts');
  const { openCommandServices } = await import('./command-services.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const services = await openCommandServices(context);
  await removeImport(services, name, COMMAND_LINE);
  await services.ledger.integrate();
  context.print(`${name} is forgotten. The evidence of what it was set up for stays.`);
}

function isGood({ cut, routes }: GatewayImport): boolean {
  return (
    cut === null &&
    routes.every((one) => one.isClosed || (one.authenticated.state === 'yes' && one.requestsLimited.state === 'yes'))
  );
}

const WORDS = { yes: 'yes', no: 'NO', unknown: 'not known' } as const;

function textOf({ name, gateway, importedAt, cut, routes }: GatewayImport): string {
  const lines = routes.map((one) => {
    const said = one.isClosed
      ? 'refuses every call'
      : (['authenticated', 'requestsLimited', 'tokensLimited'] as const)
          .map(
            (member, i) =>
              `${['authenticated', 'requests limited', 'tokens limited'][i]}: ${WORDS[one[member].state]} (${one[member].by})`,
          )
          .join('; ');
    return `  ${one.route}  ${one.file} line ${one.line}\n    ${said}`;
  });
  const head = `${name} (${gateway}), read ${importedAt.slice(0, 10)}: ${routes.length} ${routes.length === 1 ? 'route' : 'routes'}`;
  return [head, ...lines, ...(cut === null ? [] : [`  Not read: ${cut}`])].join('\n');
}
