import type { Retention } from '#src/features/retention/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext, CommandModule } from '../context.ts';

const EXAMPLES = `
Examples:
  assay retention list
  assay retention set statement 730
  assay retention set scan forever
  assay retention set event 760
  assay retention run

Classes: scan, records, file, statement, and event for what AI systems reported. Only content is destroyed; entries of
the ledger and their proofs stay, and so does what windows of monitors were decided on.
A server that runs does this every hour by itself.`;

export const register: CommandModule['register'] = (program, context) => {
  const retention = program
    .command('retention')
    .description('how long files of evidence and events are kept')
    .addHelpText('after', EXAMPLES);
  retention
    .command('list')
    .description('every class with its time, what is due, and the holds that stand')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => {
      const found = await read(context);
      context.print(json ? JSON.stringify(found, null, 2) : describe(found));
    });
  retention
    .command('set')
    .description('say how long a class is kept')
    .argument('<class>', 'scan, records, file, statement or event')
    .argument('<days>', 'a number of days, or forever')
    .action((cls: string, days: string) => set(context, cls, days));
  retention
    .command('run')
    .description('destroy now what is due')
    .action(() => run(context));
};

async function read(context: CommandContext): Promise<Retention> {
  const { openCommandServices } = await import('../command-services.ts');
  const { readRetention } = await import('#src/features/retention/index.ts');
  const { userNames } = await import('#src/features/users/index.ts');
  const { database, clock } = await openCommandServices(context);
  return readRetention(database.drizzle, (ids) => userNames(database.drizzle, ids), clock());
}

async function set(context: CommandContext, cls: string, days: string): Promise<void> {
  const { RetentionChange, RetentionClass } = await import('#src/features/retention/model.ts');
  const { setRetention } = await import('#src/features/retention/index.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const { openCommandServices } = await import('../command-services.ts');
  const known = RetentionClass.safeParse(cls);
  if (!known.success)
    throw new AppError('invalid_input', `"${cls}" is no class. Classes: ${RetentionClass.options.join(', ')}.`);
  const wanted = RetentionChange.safeParse({ keepDays: days === 'forever' ? null : Number(days) });
  if (!wanted.success)
    throw new AppError('invalid_input', `"${days}" is no time to keep something: give 1 to 36500 days, or forever.`);
  const { records, ledger } = await openCommandServices(context);
  await setRetention(records, known.data, wanted.data.keepDays, COMMAND_LINE);
  await ledger.integrate();
  context.print(
    `${cls}: ${wanted.data.keepDays === null ? 'kept without end' : `kept for ${wanted.data.keepDays} days`}.`,
  );
}

async function run(context: CommandContext): Promise<void> {
  const { runEventRetention, runRetention } = await import('#src/features/retention/index.ts');
  const { openCommandServices } = await import('../command-services.ts');
  const { records, blobs, ledger } = await openCommandServices(context);
  const items = await runRetention(records, blobs);
  const events = await runEventRetention(records, context.signal);
  await ledger.integrate();
  context.print(
    `${items} ${items === 1 ? 'item' : 'items'} of evidence lost ${items === 1 ? 'its' : 'their'} content, ${events} ${events === 1 ? 'event was' : 'events were'} erased.`,
  );
}

function describe({ rules, holds }: Retention): string {
  const lines = rules.map(({ class: cls, keepDays, items, due, held }) => {
    const kept = keepDays === null ? 'without end' : `${keepDays} days`;
    return `${cls.padEnd(10)} ${kept.padEnd(12)} ${items} items, ${due} due${held > 0 ? `, ${held} of them on hold` : ''}`;
  });
  for (const hold of holds)
    if (hold.releasedAt === null)
      lines.push(
        `hold ${hold.id} on ${hold.subject.kind} ${hold.subject.id} since ${hold.placedAt.slice(0, 10)}: ${hold.reason}`,
      );
  return lines.join('\n');
}
