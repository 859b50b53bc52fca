import type { CommandModule } from '../context.ts';
import { registerGatewayRecord } from '../gateway-record.ts';

const EXAMPLES = `
Examples:
  assay gateway --workers 2`;

/** The first word of everything about the gateway. Features add their subcommands here, one `register…` line each. */
export const register: CommandModule['register'] = (program, context) => {
  const gateway = program
    .command('gateway')
    .description('run the AI gateway and look after what it needs')
    .addHelpText('after', EXAMPLES);
  registerGatewayRecord(gateway, context);
};
