import type { ControlTest } from '#src/control-tests/define.ts';
import type { FactKindName } from '#src/facts/index.ts';
import { factsOfSource, pagesOfFacts, type SourceState, type StoredFact } from '#src/features/facts/index.ts';
import type { Instant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { noResults } from './control-state.ts';
import { providersOf } from './freshness.ts';
import { addCounts, countRows, judgeFact, judgeSource, type Outcome, type VerdictRow } from './judge.ts';
import type { Task } from './judge-plan.ts';
import {
  type ClosedVerdict,
  closeVerdicts,
  type OpenVerdict,
  openVerdicts,
  type StandingSource,
  standingRows,
} from './verdict-store.ts';

/* Judges the tasks of one source and writes the verdicts that differ. */

export type Judged = { task: Task; next: StandingSource; rowsWritten: number };

type Run = { number: number; at: Instant; sources: readonly SourceState[] };
/** What a task came to, before the freshness of the reading is laid over it. */
type Findings = { population: number; outcome: Outcome };

/** `shared` holds kinds read from other sources, so that they are loaded once in a run. */
export async function judgeTasks(
  tx: Executor,
  run: Run,
  source: SourceState,
  tasks: readonly Task[],
  shared: Map<FactKindName, StoredFact[]>,
): Promise<Judged[]> {
  const changes = new VerdictChanges(source.id);
  const findings = new Map<Task, Findings>();
  const whole = tasks.filter((task) => task.work.kind === 'whole');
  const standing = await standingRows(
    tx,
    source.id,
    whole.filter((task) => task.before !== null).map((task) => task.test.id),
  );
  const bySource = whole.filter((task) => task.test.partition === 'source');
  if (bySource.length > 0) {
    const facts = await loadFacts(tx, run, source, bySource, shared);
    for (const task of bySource) findings.set(task, judgeWhole(task, run.at, facts));
  }
  for (const [kind, sameKind] of groupByPopulation(whole.filter((task) => task.test.partition === 'fact')))
    for (const [task, found] of await judgeEachFact(tx, run, source, kind, sameKind)) findings.set(task, found);
  for (const [task, { outcome }] of findings)
    changes.replace(task.test, standing.get(task.test.id) ?? [], outcome.failure === null ? outcome.rows : null);
  for (const [task, found] of await judgeChangedFacts(tx, run, source, tasks, changes)) findings.set(task, found);
  await changes.write(tx, run.number);
  return tasks.map((task) => ({
    task,
    next: standingAfter(task, findings.get(task)),
    rowsWritten: changes.rowsOf(task.test),
  }));
}

async function loadFacts(
  tx: Executor,
  run: Run,
  source: SourceState,
  tasks: readonly Task[],
  shared: Map<FactKindName, StoredFact[]>,
): Promise<Map<FactKindName, StoredFact[]>> {
  const used = new Set(tasks.flatMap((task) => task.test.uses));
  const own = [...used].filter((kind) => source.kinds.has(kind));
  const facts = await factsOfSource(tx, source.id, source.number, own);
  for (const kind of used) {
    if (source.kinds.has(kind)) continue;
    let elsewhere = shared.get(kind);
    if (!elsewhere) {
      elsewhere = [];
      for (const provider of providersOf(kind, source, run.sources)) {
        const theirs = await factsOfSource(tx, provider.id, provider.number, [kind]);
        elsewhere.push(...(theirs.get(kind) ?? []));
      }
      elsewhere.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
      shared.set(kind, elsewhere);
    }
    facts.set(kind, elsewhere);
  }
  return facts;
}

function judgeWhole(task: Task, at: Instant, facts: ReadonlyMap<FactKindName, StoredFact[]>): Findings {
  const { test, source } = task;
  const seen: Partial<Record<FactKindName, StoredFact[]>> = {};
  for (const kind of test.uses) seen[kind] = facts.get(kind) ?? [];
  const population = seen[test.population]?.length ?? 0;
  if (population === 0) return { population, outcome: { rows: [], counts: noResults(), failure: null } };
  return { population, outcome: judgeSource(test, source.key, seen, at) };
}

async function judgeEachFact(
  tx: Executor,
  run: Run,
  source: SourceState,
  kind: FactKindName,
  tasks: readonly Task[],
): Promise<Map<Task, Findings>> {
  const findings = new Map<Task, Findings>();
  for (const task of tasks)
    findings.set(task, { population: 0, outcome: { rows: [], counts: noResults(), failure: null } });
  for await (const page of pagesOfFacts(tx, source.id, source.number, kind)) {
    for (const [task, found] of findings) {
      found.population += page.length;
      for (const fact of page) {
        const { rows, counts } = judgeFact(task.test, source.key, fact, run.at);
        found.outcome.rows.push(...rows);
        addCounts(found.outcome.counts, counts);
      }
    }
  }
  return findings;
}

/** Judges only the facts that changed; the counts of the rest are those of the run before. */
async function judgeChangedFacts(
  tx: Executor,
  run: Run,
  source: SourceState,
  tasks: readonly Task[],
  changes: VerdictChanges,
): Promise<Map<Task, Findings>> {
  const findings = new Map<Task, Findings>();
  const partly = tasks.flatMap((task) =>
    task.work.kind === 'facts' && task.before ? [{ task, before: task.before, changed: task.work.changes }] : [],
  );
  const keys = new Set(partly.flatMap(({ changed }) => changed.map((change) => change.key)));
  const standing = await standingRows(
    tx,
    source.id,
    partly.map(({ task }) => task.test.id),
    [...keys],
  );
  for (const { task, before, changed } of partly) {
    const earlier = groupByFact(standing.get(task.test.id) ?? []);
    const found: Findings = {
      population: before.population,
      outcome: { rows: [], counts: countsWithoutSource(before), failure: null },
    };
    for (const change of changed) {
      const rowsBefore = earlier.get(change.key) ?? [];
      if (change.before) {
        found.population -= 1;
        const usual = rowsBefore.length === 0 ? { ...noResults(), pass: 1 } : countRows(rowsBefore);
        addCounts(found.outcome.counts, usual, -1);
      }
      const judged = change.after ? judgeFact(task.test, source.key, change.after, run.at) : null;
      if (judged) {
        found.population += 1;
        addCounts(found.outcome.counts, judged.counts);
      }
      changes.replace(task.test, rowsBefore, judged?.rows ?? []);
    }
    findings.set(task, found);
  }
  return findings;
}

/** Lays the state of the reading over what was found: what the source is to the test from this run on. */
function standingAfter(task: Task, found: Findings | undefined): StandingSource {
  const { work, before, readiness } = task;
  if (work.kind === 'mask') {
    const counts = { ...noResults(), noData: 1 };
    return { status: work.status, counted: false, because: work.because, population: 0, counts };
  }
  const population = found?.population ?? before?.population ?? 0;
  const counts = { ...(found?.outcome.counts ?? (before ? countsWithoutSource(before) : noResults())) };
  const failure = found ? found.outcome.failure : before?.status === 'error' ? before.because : null;
  if (readiness.status === 'incomplete') {
    counts.noData += 1;
    return { status: 'incomplete', counted: population > 0, because: readiness.because, population, counts };
  }
  if (failure !== null) return { status: 'error', counted: false, because: failure, population, counts };
  const status = population === 0 ? 'empty' : 'read';
  return { status, counted: population > 0, because: '', population, counts };
}

/** Counts of the subjects alone, without the one that an incomplete source is itself. */
function countsWithoutSource(standing: StandingSource) {
  const counts = { ...standing.counts };
  if (standing.status === 'incomplete') counts.noData -= 1;
  return counts;
}

/** Collects what differs between the rows that stand and the rows that should. */
class VerdictChanges {
  private readonly closing: ClosedVerdict[] = [];
  private readonly opening: OpenVerdict[] = [];
  private readonly written = new Map<string, number>();
  private readonly sourceId: string;

  constructor(sourceId: string) {
    this.sourceId = sourceId;
  }

  /** `wanted` null leaves the standing rows alone: they do not count while the rule is broken. */
  replace(test: ControlTest, standing: readonly VerdictRow[], wanted: readonly VerdictRow[] | null): void {
    if (wanted === null) return;
    const sourceId = this.sourceId;
    const before = this.closing.length + this.opening.length;
    const left = new Map(standing.map((row) => [nameOf(row), row]));
    for (const row of wanted) {
      const name = nameOf(row);
      const stands = left.get(name);
      left.delete(name);
      if (stands && isSame(stands, row)) continue;
      if (stands) this.closing.push({ testId: test.id, sourceId, factKey: row.factKey, subject: row.subject });
      this.opening.push({ testId: test.id, sourceId, ...row });
    }
    for (const row of left.values())
      this.closing.push({ testId: test.id, sourceId, factKey: row.factKey, subject: row.subject });
    const wrote = this.closing.length + this.opening.length - before;
    this.written.set(test.id, (this.written.get(test.id) ?? 0) + wrote);
  }

  rowsOf(test: ControlTest): number {
    return this.written.get(test.id) ?? 0;
  }

  async write(tx: Executor, run: number): Promise<void> {
    await closeVerdicts(tx, run, this.closing);
    await openVerdicts(tx, run, this.opening);
  }
}

function nameOf(row: VerdictRow): string {
  return `${row.factKey}\u0000${row.subject}`;
}

function isSame(a: VerdictRow, b: VerdictRow): boolean {
  return (
    a.result === b.result &&
    a.because === b.because &&
    a.observed === b.observed &&
    a.expected === b.expected &&
    a.path === b.path &&
    a.line === b.line
  );
}

function groupByFact(rows: readonly VerdictRow[]): Map<string, VerdictRow[]> {
  const groups = new Map<string, VerdictRow[]>();
  for (const row of rows) {
    const group = groups.get(row.factKey);
    if (group) group.push(row);
    else groups.set(row.factKey, [row]);
  }
  return groups;
}

function groupByPopulation(tasks: readonly Task[]): Map<FactKindName, Task[]> {
  const groups = new Map<FactKindName, Task[]>();
  for (const task of tasks) {
    const group = groups.get(task.test.population);
    if (group) group.push(task);
    else groups.set(task.test.population, [task]);
  }
  return groups;
}
