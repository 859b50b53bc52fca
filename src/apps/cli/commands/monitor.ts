import { resolve } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext, CommandModule } from '../context.ts';

type ImportOptions = {
  system?: string;
  source?: string;
  kind: string;
  at?: string;
  id?: string;
  sequence?: string;
  about?: string;
  model?: string;
  segment?: string;
  value?: string;
  json?: true;
};

export const register: CommandModule['register'] = (program, context) => {
  const monitor = program
    .command('monitor')
    .description('watch AI systems: past events from files, windows, decisions');
  monitor
    .command('import')
    .description('take events from a file: CSV, JSON Lines or Parquet; doing it twice changes nothing')
    .argument('<file>', 'such as predictions.csv')
    .option('--system <id or name>', 'the AI system the rows are about')
    .option('--kind <kind>', 'prediction, label, score, operation or evaluation', 'prediction')
    .option(
      '--at <column>',
      'when it happened: ISO 8601 with offset, or milliseconds (default: occurredAt, timestamp, time …)',
    )
    .option('--id <column>', 'id of the row (default: from the file and the line)')
    .option('--source <name>', 'who numbers the rows (default: the file)')
    .option('--sequence <column>', 'number of the row at its source')
    .option('--about <column>', 'id of the event a label or score speaks of')
    .option('--model <column>', 'version of the model')
    .option('--segment <columns>', 'groups, separated by commas')
    .option('--value <columns>', 'measured values, separated by commas (default: all other columns)')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  assay monitor import march.parquet --system "Support chat" --at created_at --segment language\n  assay monitor import labels.csv --system sys_01k… --kind label --about prediction_id\nExit codes: 0 all taken, 1 something was refused or a column changed its type, 2 called wrongly, 3 could not be read.',
    )
    .action((file: string, options: ImportOptions) => runImport(context, file, options));
  monitor
    .command('recompute')
    .description('decide stored windows again and compare every record bit for bit')
    .option('--window <id>', 'one window with the others of its system and time')
    .option('--all', 'every window there is')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExamples:\n  assay monitor recompute --all\n  assay monitor recompute --window win_01k…\nExit codes: 0 the same, 1 different, 2 called wrongly, 3 could not be read.',
    )
    .action((options: { window?: string; all?: true; json?: true }) => recompute(context, options));
  monitor
    .command('close')
    .description('close every window that is due now; a server that runs does this every minute')
    .option('--json', 'for machines')
    .addHelpText('after', '\nExamples:\n  assay monitor close')
    .action((options: { json?: true }) => close(context, options));
  monitor
    .command('list')
    .description('monitors, their thresholds and how their windows of the last 30 days ended')
    .option('--json', 'for machines')
    .addHelpText('after', '\nExamples:\n  assay monitor list\n  assay monitor list --json | jq ".[].counts"')
    .action((options: { json?: true }) => list(context, options));
};

async function runImport(context: CommandContext, file: string, options: ImportOptions): Promise<void> {
  const { openCommandServices } = await import('../command-services.ts');
  const { importFile, ingest, systemFinder } = await import('#src/features/events/index.ts');
  const { EventKind } = await import('#src/features/events/model.ts');
  const { closedUntil } = await import('#src/features/monitors/index.ts');
  const { actorText, COMMAND_LINE } = await import('#src/features/records/index.ts');
  const kind = EventKind.safeParse(options.kind);
  if (!kind.success)
    throw new AppError('invalid_input', `--kind ${options.kind}: give one of ${EventKind.options.join(', ')}.`);
  const { database, clock } = await openCommandServices(context);
  const columns = (text: string | undefined) =>
    text
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean);
  const systemOf = await systemFinder(database.drizzle);
  if (options.system !== undefined && systemOf(options.system) === undefined)
    throw new AppError(
      'invalid_input',
      `There is no AI system "${options.system}". Register it under Inventory, or use its id.`,
    );
  const { model, segment, value, ...named } = options;
  const mapping = {
    ...named,
    kind: kind.data,
    modelVersion: model,
    segments: columns(segment) ?? [],
    values: columns(value),
  };
  const { items, drift } = await importFile(resolve(context.cwd, file), mapping, { nowMs: clock(), systemOf });
  let seen = 0;
  const counted = async function* () {
    for await (const part of items) {
      if (context.signal.aborted) return;
      seen += part.length;
      context.progress(`${seen} rows`);
      yield part;
    }
  };
  const result = await ingest(
    { database, clock, closedUntil },
    { from: actorText(COMMAND_LINE), form: 'file', items: counted() },
  );
  const changed = drift();
  if (result.rejected > 0 || changed.length > 0 || !result.complete) context.foundProblems();
  if (options.json) {
    context.print(JSON.stringify({ ...result, drift: changed }, null, 2));
    return;
  }
  context.print(
    `${file}: ${result.accepted} of ${result.received} rows taken, ${result.duplicates} known already, ${result.rejected} refused${result.late > 0 ? `, ${result.late} for windows that were closed` : ''}.`,
  );
  for (const { line, field, message } of result.rejections.slice(0, 20))
    context.print(`  line ${line}${field === null ? '' : `, ${field}`}: ${message}`);
  if (result.rejections.length > 20) context.print(`  … and ${result.rejected - 20} more; --json lists up to 1,000.`);
  for (const { column, was, is, line, rows } of changed)
    context.print(
      `  column ${column} changes from ${was} to ${is} at line ${line} (${rows} rows): kept, and counted as unreadable where a number is watched.`,
    );
}

async function recompute(
  context: CommandContext,
  options: { window?: string; all?: true; json?: true },
): Promise<void> {
  if ((options.window === undefined) === (options.all === undefined))
    throw new AppError('invalid_input', 'Say what to recompute: --window with the id of a window, or --all.');
  const { openCommandServices } = await import('../command-services.ts');
  const { batchesToRecompute, recomputeBatch } = await import('#src/features/monitors/index.ts');
  const { drizzle } = (await openCommandServices(context)).database;
  const totals = { batches: 0, windows: 0, decisions: 0, same: 0, different: 0, otherCode: 0 };
  const differences: object[] = [];
  for (const batchId of await batchesToRecompute(drizzle, options.window)) {
    if (context.signal.aborted) return;
    const found = await recomputeBatch(drizzle, batchId);
    totals.batches++;
    totals.windows += found.windows;
    totals.decisions += found.decisions;
    totals[found.outcome === 'other_code' ? 'otherCode' : found.outcome]++;
    for (const difference of found.differences) differences.push({ batchId, ...difference });
    context.progress(`${totals.batches} batches`);
  }
  if (totals.different > 0) context.foundProblems();
  if (options.json) context.print(JSON.stringify({ ...totals, differences }, null, 2));
  else {
    context.print(
      `${totals.windows} windows with ${totals.decisions} decisions in ${totals.batches} batches: ${totals.same} batches the same, ${totals.different} different${totals.otherCode > 0 ? `, ${totals.otherCode} decided by other rules and checked by hash` : ''}.`,
    );
    for (const difference of differences.slice(0, 50)) context.print(`  ${JSON.stringify(difference)}`);
  }
}

async function close(context: CommandContext, options: { json?: true }): Promise<void> {
  const { openCommandServices } = await import('../command-services.ts');
  const { runMonitors } = await import('#src/features/monitors/index.ts');
  const { records, alerts, ledger } = await openCommandServices(context);
  const outcome = await runMonitors({ records, ...alerts }, { signal: context.signal });
  await ledger.integrate();
  context.print(
    options.json
      ? JSON.stringify(outcome)
      : `${outcome.closed} windows closed, ${outcome.missed} of them late and recorded as missed, ${outcome.corrected} corrected, ${outcome.remaining} still due.`,
  );
}

async function list(context: CommandContext, options: { json?: true }): Promise<void> {
  const { openCommandServices } = await import('../command-services.ts');
  const { listMonitors } = await import('#src/features/monitors/index.ts');
  const { userNames } = await import('#src/features/users/index.ts');
  const { database, clock } = await openCommandServices(context);
  const nowMs = clock();
  const namesOf = (ids: readonly string[]) => userNames(database.drizzle, ids);
  const monitors = await listMonitors(
    { executor: database.drizzle, namesOf, nowMs },
    {},
    { fromMs: nowMs - 30 * 86_400_000, toMs: nowMs },
  );
  if (options.json) {
    context.print(JSON.stringify(monitors, null, 2));
    return;
  }
  if (monitors.length === 0)
    context.print('There are no monitors yet. Propose one under Monitors, or with POST /api/v1/monitors.');
  for (const { id, systemName, current, proposed, counts, lastState } of monitors) {
    const { name, thresholds, window } = (current ?? proposed)?.definition ?? {
      name: id,
      thresholds: { warn: 0, fail: 0 },
      window: 'day',
    };
    const state = current ? (lastState ?? 'no window yet') : 'waits for approval';
    context.print(
      `${id}  ${systemName}: ${name}, each ${window}, warn ${thresholds.warn}, fail ${thresholds.fail}: ${state}; ${counts.expected} expected = ${counts.ok} ok + ${counts.breach} breach + ${counts.insufficient_data} insufficient data + ${counts.error} error + ${counts.missed} missed`,
    );
  }
}
