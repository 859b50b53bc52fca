import type { CommandModule } from '../context.ts';
import { registerGatewayImports } from '../gateway-imports.ts';
import { registerGatewayPayloads } from '../gateway-payloads.ts';
import { registerGatewayProbe } from '../gateway-probe.ts';
import { registerGatewayRecord } from '../gateway-record.ts';
import { registerGatewayRun } from '../gateway-run.ts';
import { registerGatewaySetup } from '../gateway-setup/index.ts';

const EXAMPLES = `
Examples:
  assay gateway provider add openai --kind openai --key-env OPENAI_API_KEY --starter-policy
  assay gateway tenant add my-app
  assay gateway key create my-app backend
  assay gateway                   one process, on ASSAY_GATEWAY_PORT
  assay gateway --workers 0       one process a core; limits are counted together
  REDIS_URL=redis://… assay gateway   limits shared with gateways on other machines

Without a further word it runs the gateway alone, beside a server or on a machine of its own (DATABASE_URL).`;

/** The first word of everything about the gateway. Features add their subcommands here, one `register…` line each. */
export const register: CommandModule['register'] = (program, context) => {
  const gateway = program
    .command('gateway')
    .description('run the AI gateway and look after what it needs')
    .addHelpText('after', EXAMPLES);
  registerGatewayRun(gateway, context);
  registerGatewaySetup(gateway, context);
  registerGatewayRecord(gateway, context);
  registerGatewayPayloads(gateway, context);
  registerGatewayProbe(gateway, context);
  registerGatewayImports(gateway, context);
};
