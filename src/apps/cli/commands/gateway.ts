import type { CommandModule } from '../context.ts';
import { registerGatewayRecord } from '../gateway-record.ts';
import { registerGatewaySetup } from '../gateway-setup/index.ts';

const EXAMPLES = `
Examples:
  assay gateway provider add openai --kind openai --key-env OPENAI_API_KEY --starter-policy
  assay gateway tenant add my-app
  assay gateway key create my-app backend
  assay gateway --workers 2`;

/** The first word of everything about the gateway. Features add their subcommands here, one `register…` line each. */
export const register: CommandModule['register'] = (program, context) => {
  const gateway = program
    .command('gateway')
    .description('run the AI gateway and look after what it needs')
    .addHelpText('after', EXAMPLES);
  registerGatewaySetup(gateway, context);
  registerGatewayRecord(gateway, context);
};
