import { openSecrets, type Secrets } from '#src/platform/secrets.ts';
import type { CommandContext, CommandModule } from '../context.ts';

const EXAMPLES = `
Examples:
  assay secrets list
  assay secrets rotate-key
  ASSAY_MASTER_KEY=<new> ASSAY_MASTER_KEY_PREVIOUS=<old> assay secrets rotate-key

Secrets are encrypted in the database; the master key that opens them is in keys/master.json of the data folder, or in
ASSAY_MASTER_KEY. A backup of one without the other opens nothing.`;

export const register: CommandModule['register'] = (program, context) => {
  const secrets = program
    .command('secrets')
    .description('look after the credentials Assay keeps')
    .addHelpText('after', EXAMPLES);
  secrets
    .command('list')
    .description('show which secrets are stored, never what they are')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => {
      const found = await (await open(context)).list();
      if (json) context.print(JSON.stringify(found, null, 2));
      else if (found.length === 0) context.print('No secret is stored.');
      else for (const { name, createdAt, rotatedAt } of found) context.print(line(name, rotatedAt ?? createdAt));
    });
  secrets
    .command('rotate-key')
    .description('put every secret under a new master key; the server may run meanwhile')
    .action(async () => {
      const count = await (await open(context)).rotateMasterKey(context.config.previousMasterKey);
      context.print(`${count} ${count === 1 ? 'secret is' : 'secrets are'} now under the new master key.`);
    });
};

async function open({ config, openDatabase }: CommandContext): Promise<Secrets> {
  const { database, dataDir } = await openDatabase();
  return openSecrets(database, dataDir, config.masterKey);
}

function line(name: string, changedAt: Date): string {
  return `${changedAt.toISOString().slice(0, 10)}  ${name}`;
}
