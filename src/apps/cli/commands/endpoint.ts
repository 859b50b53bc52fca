import type { Endpoint } from '#src/features/endpoint-probes/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext, CommandModule } from '../context.ts';

const EXAMPLES = `
Examples:
  assay endpoint list
  assay endpoint probe itm_01k… --url https://api.example.com/v1/chat
  assay endpoint probe itm_01k… --url http://10.0.0.7:8000/v1/models --method GET --allow-private

Endpoints are those of the inventory (assay scan --record). A probe calls the address without credentials and with some that
cannot be valid, keeps what came as evidence, and is made anew each day by the server.
Exit codes: 0 refused both times, 1 not so, 2 called wrongly, 3 could not run.`;

type Options = { url: string; method: string; allowPrivate?: true; json?: true };

/** Inference endpoints beside the gateway: where they answer, and what a stranger gets there. */
export const register: CommandModule['register'] = (program, context) => {
  const endpoint = program
    .command('endpoint')
    .description('inference endpoints beside the gateway, and whether they refuse strangers')
    .addHelpText('after', EXAMPLES);
  endpoint
    .command('list')
    .description('show every endpoint of the inventory with its probe')
    .option('--json', 'for machines')
    .action((options: { json?: true }) => list(context, options));
  endpoint
    .command('probe')
    .description('say where an endpoint answers, and probe it there')
    .argument('<item>', 'of the inventory, such as itm_01k…')
    .requiredOption('--url <address>', 'where it answers, without credentials and query')
    .option('--method <method>', 'GET or POST', 'POST')
    .option('--allow-private', 'it is on a private network or this machine')
    .option('--json', 'for machines')
    .action((item: string, options: Options) => probe(context, item, options));
};

async function list(context: CommandContext, { json }: { json?: true }): Promise<void> {
  const { openCommandServices } = await import('../command-services.ts');
  const { listEndpoints } = await import('#src/features/endpoint-probes/index.ts');
  const page = await listEndpoints(await openCommandServices(context));
  if (json) return context.print(JSON.stringify(page, null, 2));
  const empty = 'The inventory holds no inference endpoint. Record a scan first: assay scan . --record';
  context.print(page.total === 0 ? empty : page.items.map(line).join('\n'));
}

async function probe(context: CommandContext, item: string, options: Options): Promise<void> {
  const { EndpointAddress } = await import('#src/features/endpoint-probes/model.ts');
  const { probeEndpoint } = await import('#src/features/endpoint-probes/index.ts');
  const { openCommandServices } = await import('../command-services.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const address = EndpointAddress.safeParse({
    url: options.url,
    method: options.method,
    allowPrivateAddress: options.allowPrivate === true,
  });
  if (!address.success) {
    const [issue] = address.error.issues;
    throw new AppError('invalid_input', `--${String(issue?.path[0])}: ${issue?.message}.`);
  }
  const services = await openCommandServices(context);
  const probed = await probeEndpoint(services, item, address.data, COMMAND_LINE);
  await services.ledger.integrate();
  const statuses = [probed.probe?.withoutKey, probed.probe?.wrongKey];
  if (!statuses.every((status) => status === 401 || status === 403)) context.foundProblems();
  context.print(options.json ? JSON.stringify(probed, null, 2) : line(probed));
}

function line({ itemId, title, probe: found }: Endpoint): string {
  if (found === null) return `${itemId}  ${title}: never probed`;
  const got = `without a key ${found.withoutKey ?? 'no answer'}, wrong key ${found.wrongKey ?? 'no answer'}`;
  return `${itemId}  ${title}: ${found.method} ${found.url} on ${found.probedAt.slice(0, 10)}: ${got}${found.problem === null ? '' : ` (${found.problem})`}`;
}
