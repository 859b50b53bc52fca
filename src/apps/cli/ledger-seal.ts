import type { Command } from 'commander';
import { AppError } from '#src/kernel/errors.ts';
import type { Sealed, SealReason } from '#src/ledger/store/seal.ts';
import { refuseWhileServed } from './command-ledger.ts';
import type { CommandContext } from './context.ts';

const HELP = `
Reasons:
  ended            the log is to end, for example before a move to another organization
  key-stolen       somebody else may hold the key: it signs a last head, and never again
  key-lost         the file of the key is gone: nothing can be signed, the last signed head stands
  backup-restored  the database is an older one than heads that are known outside, and the newer one is gone
  database-lost    the database is gone, and only the data folder is left

The new ledger has a new origin and new keys; its entry 0 holds the last head of the old one. Nothing is removed.
Hand the new key to those who verify: assay ledger key

Example:
  assay ledger seal --reason key-stolen --yes`;

export function registerSeal(ledger: Command, context: CommandContext): void {
  ledger
    .command('seal')
    .description('end this ledger for good, and start a new one that continues it (the server must be stopped)')
    .requiredOption('--reason <reason>', 'why, as below; it becomes part of the new ledger')
    .option('--yes', 'really do it')
    .option('--json', 'for machines')
    .addHelpText('after', HELP)
    .action((options: { reason: string; yes?: true; json?: true }) => seal(context, options));
}

async function seal(context: CommandContext, options: { reason: string; yes?: true; json?: true }): Promise<void> {
  const { SEAL_REASONS, sealLedger } = await import('#src/ledger/store/seal.ts');
  const reason = SEAL_REASONS.find((one) => one === options.reason);
  if (!reason)
    throw new AppError(
      'invalid_input',
      `--reason ${options.reason.slice(0, 40)} is none of ${SEAL_REASONS.join(', ')}.`,
    );
  if (!options.yes)
    throw new AppError(
      'invalid_input',
      'Sealing cannot be undone: the ledger takes no entry any more, and a new one with another origin and key begins. Say it again with --yes.',
    );
  const { database, dataDir } = await context.openDatabase();
  await refuseWhileServed(dataDir);
  const { publicUrl } = context.config;
  const host = publicUrl === undefined ? 'assay.local' : new URL(publicUrl).hostname;
  const { openSealParties } = await import('../open-ledger.ts');
  const parties = openSealParties({ database, dataDir, clock: Date.now, log: context.log });
  const sealed = await sealLedger(
    {
      database,
      dataDir,
      clock: Date.now,
      host,
      headSources: [parties.headSource],
      settle: (identity, head) => parties.settle({ identity, head }),
    },
    { reason, actor: { kind: 'service', id: 'command-line' } },
  );
  await parties.close();
  const { openCommandLedger } = await import('./command-ledger.ts');
  const started = await openCommandLedger(context);
  await started.integrate();
  context.print(options.json ? JSON.stringify({ ...sealed, vkey: started.vkey }) : sealedText(sealed, reason, started));
}

function sealedText({ previous, origin }: Sealed, reason: SealReason, started: { vkey: string }): string {
  const lines = previous
    ? [
        `Sealed: ${previous.origin}, ${previous.size} entries (${reason}).`,
        previous.finalHeadSigned
          ? 'Its last entry is log.sealed, under a final signed head.'
          : 'It could not be signed any more; its last signed head stands.',
        ...(previous.lostFrom === null ? [] : [`Entries from ${previous.lostFrom} on were signed and are lost.`]),
      ]
    : [];
  return [...lines, `Continued by: ${origin}`, 'Its key, for those who verify:', started.vkey].join('\n');
}
