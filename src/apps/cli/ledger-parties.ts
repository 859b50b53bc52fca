import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { NewLedgerParty, type PartyKind } from '#src/features/ledger-parties/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext } from './context.ts';

type Common = { every?: string; json?: true };
type MirrorOptions = Common & {
  name: string;
  folder?: string;
  tiles?: true;
  git?: string;
  remote?: string;
  allowPrivate?: true;
};

const NAMES: Record<PartyKind, { word: string; description: string; example: string }> = {
  witness: {
    word: 'witness',
    description: 'witnesses: they cosign a head only if the log grew',
    example:
      "assay ledger witness add --url https://witness.auditor.example --key 'witness.auditor.example/acme+0f1e2d3c+BA…'",
  },
  timestamp: {
    word: 'timestamp',
    description: 'time-stamp authorities (RFC 3161): they sign when a head was seen',
    example: 'assay ledger timestamp add --name tsa --url https://tsa.example/rfc3161 --trusted root.pem --every 3600',
  },
  mirror: {
    word: 'mirror',
    description: 'mirrors: folders or git repositories that keep every head',
    example:
      'assay ledger mirror add --name share --folder /mnt/auditor/ledger --tiles\n  assay ledger mirror add --name git --git /srv/ledger.git --remote git@git.example:ledger.git',
  },
};

/** `ledger witness|timestamp|mirror add|list|remove|try`. */
export function registerParties(ledger: Command, context: CommandContext): void {
  const witness = group(ledger, context, 'witness');
  addCommand(witness, 'witness')
    .requiredOption('--url <address>', 'where it takes checkpoints')
    .requiredOption('--key <vkey>', 'its public key, as "assay witness --print-key" prints it')
    .option('--allow-private', 'let calls reach a private network or this machine')
    .action((options: Common & { url: string; key: string; allowPrivate?: true }) =>
      add(context, options, {
        settings: { kind: 'witness', url: options.url, vkey: options.key, allowPrivateAddress: options.allowPrivate },
      }),
    );
  const timestamp = group(ledger, context, 'timestamp');
  addCommand(timestamp, 'timestamp')
    .requiredOption('--name <name>', 'a name of your own choice')
    .requiredOption('--url <address>', 'where it takes requests')
    .requiredOption('--trusted <file>', 'its root certificate, PEM')
    .option('--policy <oid>', 'the policy to ask for')
    .option('--allow-private', 'let calls reach a private network or this machine')
    .action((options: Common & { name: string; url: string; trusted: string; policy?: string; allowPrivate?: true }) =>
      add(context, options, {
        name: options.name,
        settings: {
          kind: 'timestamp',
          url: options.url,
          trusted: readText(context, options.trusted),
          policy: options.policy,
          allowPrivateAddress: options.allowPrivate,
        },
      }),
    );
  const mirror = group(ledger, context, 'mirror');
  addCommand(mirror, 'mirror')
    .requiredOption('--name <name>', 'a name of your own choice')
    .option('--folder <path>', 'a folder, such as a share somebody else keeps')
    .option('--tiles', 'put the whole log into the folder, not only its heads')
    .option('--git <path>', 'a bare git repository; made when it is not there')
    .option('--remote <address>', 'where every commit is pushed to')
    .option('--allow-private', 'let the remote be in a private network or on this machine')
    .action((options: MirrorOptions) => addMirror(context, options));
}

function group(ledger: Command, context: CommandContext, kind: PartyKind): Command {
  const { word, description } = NAMES[kind];
  const made = ledger.command(word).description(description);
  made
    .command('list')
    .description('those that are set up: what they have seen, what failed, when they are asked next')
    .option('--json', 'one JSON object a line')
    .action(({ json }: Common) => list(context, kind, json));
  made
    .command('remove')
    .description('ask it no longer; what it signed stays')
    .argument('<name>', 'its name or id')
    .option('--json', 'for machines')
    .action((name: string, { json }: Common) => remove(context, kind, name, json));
  made
    .command('try')
    .description('show it the newest head now')
    .argument('<name>', 'its name or id')
    .option('--json', 'for machines')
    .action((name: string, { json }: Common) => tryParty(context, kind, name, json));
  return made;
}

function addCommand(parent: Command, kind: PartyKind): Command {
  return parent
    .command('add')
    .description('set one up and show it the newest head')
    .option('--every <seconds>', 'the least time between two heads it is shown')
    .option('--json', 'for machines')
    .addHelpText('after', `\nExample:\n  ${NAMES[kind].example}`);
}

async function addMirror(context: CommandContext, options: MirrorOptions): Promise<void> {
  const { folder, git, remote, name, tiles, allowPrivate } = options;
  const path = folder ?? git;
  if (path === undefined || (folder !== undefined && git !== undefined))
    throw new AppError('invalid_input', 'Say where with either --folder or --git.');
  const place = folder === undefined ? 'git' : 'folder';
  await add(context, options, {
    name,
    settings: {
      kind: 'mirror',
      place,
      path: resolve(context.cwd, path),
      tiles,
      remote,
      allowPrivateAddress: allowPrivate,
    },
  });
}

async function add(
  context: CommandContext,
  { every, json }: Common,
  asked: { name?: string; settings: Record<string, unknown> },
): Promise<void> {
  const parsed = NewLedgerParty.safeParse({
    ...asked,
    ...(every !== undefined && { everySeconds: Number(every) }),
  });
  const issue = parsed.error?.issues[0];
  if (!parsed.success)
    throw new AppError('invalid_input', `${issue?.path.join('.') || 'The settings'}: ${issue?.message ?? 'wrong'}.`);
  const { addParty } = await import('#src/features/ledger-parties/index.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const opened = await open(context);
  const row = await addParty({ ...opened, clock: Date.now }, parsed.data, COMMAND_LINE);
  await opened.ledger.integrate();
  await show(context, opened, row.kind, row.id, json, 'Added');
}

async function tryParty(context: CommandContext, kind: PartyKind, name: string, json?: true): Promise<void> {
  const opened = await open(context);
  await opened.ledger.integrate();
  await show(context, opened, kind, name, json, 'Asked');
}

type Opened = Awaited<ReturnType<typeof open>>;

async function open(context: CommandContext) {
  const { openCommandParties } = await import('./command-ledger.ts');
  const { database, dataDir } = await context.openDatabase();
  return { ...(await openCommandParties(context)), database, dataDir };
}

async function show(
  context: CommandContext,
  { parties, database }: Opened,
  kind: PartyKind,
  name: string,
  json: true | undefined,
  done: string,
): Promise<void> {
  const { partyByName } = await import('#src/features/ledger-parties/index.ts');
  const row = await partyByName(database.drizzle, kind, name);
  const outcome = await parties.tryNow(row, context.signal);
  await parties.close();
  if (outcome.kind === 'problem') context.foundProblems();
  const said = outcome.kind === 'seen' ? `It has seen the head of ${outcome.size} entries.` : outcome.sentence;
  context.print(json ? JSON.stringify({ id: row.id, name: row.name, ...outcome }) : `${done}: ${row.name}. ${said}`);
}

async function list(context: CommandContext, kind: PartyKind, json?: true): Promise<void> {
  const { listParties, presentParty } = await import('#src/features/ledger-parties/index.ts');
  const { database } = await context.openDatabase();
  const rows = (await listParties(database.drizzle)).filter((row) => row.kind === kind);
  for (const row of rows) {
    const party = presentParty(row, (id) => ({ kind: 'service', id, name: id }));
    if (json) context.print(JSON.stringify(party));
    else context.print(partyText(party));
  }
  if (rows.length === 0 && !json) context.print(`None is set up. For example:\n  ${NAMES[kind].example}`);
}

function partyText(party: ReturnType<typeof import('#src/features/ledger-parties/index.ts').presentParty>): string {
  const seen =
    party.lastSize === null ? 'has seen nothing yet' : `has seen ${party.lastSize} entries at ${party.lastAt}`;
  const lines = [`${party.name}  ${party.place}  every ${party.everySeconds} s  ${seen}`];
  if (party.problem !== null)
    lines.push(
      `  fails since ${party.problemSince} (${party.failures} times, next try ${party.nextTryAt}): ${party.problem}`,
    );
  return lines.join('\n');
}

async function remove(context: CommandContext, kind: PartyKind, name: string, json?: true): Promise<void> {
  const { partyByName, removeParty } = await import('#src/features/ledger-parties/index.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const { ledger, database } = await open(context);
  const { id } = await partyByName(database.drizzle, kind, name);
  const row = await removeParty({ database, clock: Date.now }, id, COMMAND_LINE);
  await ledger.integrate();
  context.print(json ? JSON.stringify({ id, name: row.name }) : `Removed: ${row.name}. What it signed stays.`);
}

function readText(context: CommandContext, file: string): string {
  try {
    return readFileSync(resolve(context.cwd, file), 'utf8');
  } catch (cause) {
    throw new AppError('invalid_input', `${file} cannot be read.`, { cause });
  }
}
