import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import type { DecisionQuery, DecisionSummary, RecordState } from '#src/features/gateway-decisions/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { WindowProofReport } from '#src/ledger/log/window-proof.ts';
import type { CommandContext } from './context.ts';

/** The commands over the record of the gateway: prove, verify, decisions, record. */
export function registerGatewayRecord(gateway: Command, context: CommandContext): void {
  gateway
    .command('prove')
    .description('prove that one decision is in the record: its bytes, its window, the ledger entry of the window')
    .argument('<id>', 'of the decision, such as dec_01k…')
    .option('--out <file>', 'write the proof file, for others to check with "gateway verify"')
    .option('--json', 'print the proof file')
    .addHelpText('after', '\nExamples:\n  assay gateway prove dec_01kbb2… --out call.proof.json')
    .action((id: string, options: { out?: string; json?: true }) => prove(context, id, options));
  gateway
    .command('verify')
    .description('check a proof file; needs no database and no network')
    .argument('<file>', 'the proof file')
    .option(
      '--policy <file>',
      'whom you trust: a C2SP tlog-policy file (default: the key in the file, which proves less)',
    )
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  assay gateway verify call.proof.json --policy my-policy\nExit codes: 0 right, 1 wrong, 2 called wrongly, 3 could not be read.',
    )
    .action((file: string, options: { policy?: string; json?: true }) => verify(context, file, options));
  gateway
    .command('decisions')
    .description('list what the gateway decided, newest first')
    .option('-n, --number <count>', 'how many', '20')
    .option('--outcome <outcome>', 'allowed, changed, refused or not_evaluated')
    .option('--tenant <id>', 'of one tenant')
    .option('--route <id>', 'of one route')
    .option('--from <instant>', 'not before, such as 2026-11-23T00:00:00Z (default: a day ago)')
    .option('--to <instant>', 'before (default: now)')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      '\nExamples:\n  assay gateway decisions --outcome refused -n 50\n  assay gateway decisions --json | jq .id',
    )
    .action((options: ListOptions) => list(context, options));
  gateway
    .command('record')
    .description('how complete the record is: days held, windows sealed, numbers that are missing')
    .option('--json', 'for machines')
    .action((options: { json?: true }) => showRecord(context, options));
}

async function prove(context: CommandContext, id: string, options: { out?: string; json?: true }): Promise<void> {
  const path = options.out === undefined ? undefined : resolve(context.cwd, options.out);
  if (path !== undefined && existsSync(path))
    throw new AppError('conflict', `${options.out} exists already. Choose another name, or delete it first.`);
  const { openCommandLedger } = await import('./command-ledger.ts');
  const { proveDecision } = await import('#src/features/gateway-decisions/index.ts');
  const { utf8Bytes } = await import('#src/ledger/log/bytes.ts');
  const { verifyWindowProof } = await import('#src/ledger/log/window-proof.ts');
  const ledger = await openCommandLedger(context);
  const { database } = await context.openDatabase();
  await ledger.integrate();
  const proof = await proveDecision({ database, ledger }, id);
  const text = `${JSON.stringify(proof, null, 2)}\n`;
  // What is handed out has been checked the way its reader will check it.
  const report = verifyWindowProof(utf8Bytes(text));
  if (path !== undefined) await write(path, options.out ?? '', text);
  if (options.json) context.print(text.trimEnd());
  else context.print(reportText(id, report, { bytes: proof.record, written: options.out }));
  if (!report.ok) context.foundProblems();
}

async function write(path: string, name: string, text: string): Promise<void> {
  const { storageError } = await import('#src/platform/storage-error.ts');
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw storageError(error, `${name} could not be written`);
  }
}

/** Reads a proof file and says what holds. Ends the command with 1 when something does not. */
export async function verify(
  context: Pick<CommandContext, 'cwd' | 'print' | 'foundProblems'>,
  file: string,
  options: { policy?: string; json?: true },
): Promise<void> {
  const { verifyWindowProof, WINDOW_PROOF_BYTES_MAX } = await import('#src/ledger/log/window-proof.ts');
  const { parsePolicy } = await import('#src/ledger/log/policy.ts');
  const { InvalidFormat } = await import('#src/ledger/log/invalid-format.ts');
  const bytes = readBounded(resolve(context.cwd, file), file, WINDOW_PROOF_BYTES_MAX);
  let policy: ReturnType<typeof parsePolicy> | undefined;
  try {
    if (options.policy !== undefined)
      policy = parsePolicy(readBounded(resolve(context.cwd, options.policy), options.policy, 1_048_576));
  } catch (error) {
    if (error instanceof InvalidFormat) throw new AppError('invalid_input', `${options.policy}: ${error.message}`);
    throw error;
  }
  const report = verifyWindowProof(bytes, policy);
  if (options.json) {
    const { key, ...rest } = report;
    const { formatVerifierKey } = await import('#src/ledger/log/verifier-key.ts');
    context.print(JSON.stringify({ ...rest, key: key && formatVerifierKey(key) }, null, 2));
  } else context.print(reportText(basename(file), report, {}));
  if (!report.ok) context.foundProblems();
}

function readBounded(path: string, name: string, bytesMax: number): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
    throw new AppError('not_found', `${name} cannot be read${code}.`, { cause });
  }
  if (bytes.length > bytesMax) throw new AppError('too_large', `${name} has more than ${bytesMax} bytes.`);
  return bytes;
}

function reportText(
  name: string,
  report: WindowProofReport,
  { bytes, written }: { bytes?: string; written?: string | undefined },
): string {
  const { record } = report;
  const lines = [
    report.ok ? `RIGHT  ${name} is in the record, unchanged.` : `WRONG  ${name}\n       ${report.problem}`,
  ];
  if (record) {
    const at = typeof record.occurredAt === 'number' ? new Date(record.occurredAt).toISOString() : 'unknown';
    lines.push('', `Decision  ${word(record.id)}, ${word(record.outcome)}, ${at}`);
    lines.push(
      `Call      tenant ${word(record.tenantId)}, route ${word(record.routeId)}, model ${word(record.modelAsked)}`,
    );
  }
  if (report.windowId) lines.push(`Window    ${word(report.windowId)}, root ${report.root}`);
  if (report.origin) lines.push(`Log       ${word(report.origin)}, entry ${report.entryIndex}`);
  lines.push('', report.ok ? 'Checked' : 'Found to hold before that');
  for (const sentence of report.checked) lines.push(`  + ${sentence}`);
  if (report.checked.length === 0) lines.push('  nothing');
  if (report.ok && report.keyFromFile)
    lines.push(
      '',
      'The key came with the proof itself. Give --policy with the key you got elsewhere to rule out a forged log.',
    );
  if (bytes !== undefined) lines.push('', bytes);
  if (written !== undefined) lines.push('', `Written to ${written}.`);
  return lines.join('\n');
}

/** A value out of a file, without anything a terminal would act on. */
function word(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  return String(value)
    .slice(0, 200)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

type ListOptions = {
  number: string;
  outcome?: string;
  tenant?: string;
  route?: string;
  from?: string;
  to?: string;
  json?: true;
};

async function list(context: CommandContext, options: ListOptions): Promise<void> {
  const { DecisionQuery } = await import('#src/features/gateway-decisions/model.ts');
  const { listDecisions } = await import('#src/features/gateway-decisions/index.ts');
  const { number, json, ...rest } = options;
  if (!/^[1-9]\d{0,4}$/.test(number))
    throw new AppError('invalid_input', `-n ${number} is not a number of decisions between 1 and 99999.`);
  const { database } = await context.openDatabase();
  let left = Number(number);
  let cursor: string | undefined;
  while (left > 0 && !context.signal.aborted) {
    const parsed = DecisionQuery.safeParse({ ...rest, cursor, limit: Math.min(left, 500) });
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new AppError('invalid_input', `--${String(issue?.path[0])}: ${issue?.message}.`);
    }
    const page = await listDecisions(database.drizzle, parsed.data satisfies DecisionQuery, Date.now);
    for (const item of page.items) context.print(json ? JSON.stringify(item) : decisionLine(item));
    left -= page.items.length;
    cursor = page.nextCursor;
    if (cursor === undefined) {
      if (page.items.length === 0 && !json)
        context.print('No decision was found. Widen --from, or send a call through the gateway.');
      return;
    }
  }
}

function decisionLine(item: DecisionSummary): string {
  const found = [item.refusal, ...item.found].filter((name) => name !== null).join(' ');
  return `${item.occurredAt}  ${item.id}  ${item.outcome.padEnd(13)}  ${word(item.tenantId)}  ${word(item.modelAsked)}  ${(item.totalUs / 1000).toFixed(0)} ms  ${word(found)}`.trimEnd();
}

async function showRecord(context: CommandContext, { json }: { json?: true }): Promise<void> {
  const { recordState } = await import('#src/features/gateway-decisions/index.ts');
  const { database } = await context.openDatabase();
  const state = await recordState(database.drizzle);
  if (state.missing > 0) context.foundProblems();
  context.print(json ? JSON.stringify(state) : recordText(state));
}

function recordText(state: RecordState): string {
  const lines = [
    state.missing === 0
      ? 'COMPLETE  No number of any node is missing.'
      : `MISSING   ${state.missing} decisions were numbered and did not arrive.`,
    `Decisions  ${state.decisions} since the beginning; ${state.days.length} days held, kept for ${state.retentionDays}`,
    `Windows    ${state.windows.sealed} sealed, ${state.windows.open} open${state.windows.oldestOpenFrom ? ` since ${state.windows.oldestOpenFrom}` : ''}`,
  ];
  for (const node of state.nodes.slice(0, 20)) {
    const gaps = node.gaps.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
    lines.push(
      `Node       ${word(node.id)}: ${node.decisions} decisions up to number ${node.newest}${gaps ? `, missing ${gaps}` : ''}`,
    );
  }
  return lines.join('\n');
}
