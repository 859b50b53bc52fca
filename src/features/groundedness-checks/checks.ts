import { randomBytes } from 'node:crypto';
import { and, eq, lt, sql } from 'drizzle-orm';
import { markHoursLate } from '#src/features/events/index.ts';
import { type JudgedAnswer, labelTextKey, offerForLabels } from '#src/features/labels/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import type { Log } from '#src/platform/log.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import { sampleNumber, stratumOf } from '#src/statistics/declared-sample.ts';
import { type AskJudge, openJudges } from './ask-judge.ts';
import type { Entailment } from './entailment.ts';
import { type Judged, judgeAnswer } from './judge-answer.ts';
import { LexicalThread } from './lexical-thread.ts';
import type { CheckRule, NotJudged } from './model.ts';
import { groundednessCheck, groundednessJudgeUse } from './tables.ts';

/** An answer that could be held against what it was given. */
export type AnswerToCheck = {
  eventId: string;
  systemId: string;
  modelVersion: string | null;
  segment: Readonly<Record<string, string>>;
  occurredAtMs: number;
  /** Null where it was not kept to its end. */
  answer: string | null;
  context: readonly string[];
  /** Where people may read the texts: as the sender offers them, or as the captured payload of the event. Null: nowhere. */
  labels: { by: 'sender'; question: string | null } | { by: 'payload' } | null;
};

export type Admitted = { id: string; eventId: string; reason: NotJudged | null };

export type GroundednessChecks = {
  /** Takes a sampled answer that nobody waits for. Never throws and never waits. */
  take(rules: readonly CheckRule[], answer: AnswerToCheck): void;
  /** The same for answers whose sender waits until they are written down; resolves to those that were not there before. */
  admit(chosen: readonly { rule: CheckRule; answer: AnswerToCheck }[]): Promise<Admitted[]>;
  /** Answers that are held and not yet judged. */
  readonly waiting: number;
  /** Resolves when everything taken so far is judged, or said not to be. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

/** What is held at once, in all stages together. */
export const QUEUE_LIMITS = { answers: 1_000, characters: 32 * 1024 * 1024 };
const AT_ONCE = 4;
const WRITE_EVERY_MS = 250;
const RETRY_MS = 5_000;
const BATCH_MAX = 500;
// Rows without texts; beyond it the gap in the record of checks shows what is missing.
const ARRIVING_MAX = 50_000;
const WORDS_TIMEOUT_MS = 10_000;
const WAIT_MAX_MS = 10 * 60_000;
/** A check that waits longer than this is in no queue any more. */
const LOST_AFTER_MS = WAIT_MAX_MS + 5 * 60_000;
const USE_KEPT_DAYS = 2;

type Held = {
  rule: CheckRule;
  answer: AnswerToCheck;
  answerCharacters: number;
  contextCharacters: number;
  reason: NotJudged | null;
};
type Job = Held & { id: string; admittedMs: number; context: string };

/** The rules that choose this answer, by the hash of its event's id alone. */
export function choosingRules(
  rules: readonly CheckRule[],
  {
    systemId,
    eventId,
    segment,
    modelVersion,
  }: Pick<AnswerToCheck, 'systemId' | 'eventId' | 'segment' | 'modelVersion'>,
): CheckRule[] {
  const labelOf = (key: string) =>
    key === 'model_version' ? (modelVersion ?? undefined) : Object.hasOwn(segment, key) ? segment[key] : undefined;
  return rules.filter(
    (rule) =>
      rule.systemId === systemId && sampleNumber(eventId, rule.sampling.salt) < stratumOf(rule.sampling, labelOf).rate,
  );
}

/**
 * Judges answers one after the other beside everything else: what is chosen is first written down as waiting, so that an answer
 * lost with this process shows as lost. What does not fit the queue is written down as not judged.
 */
export function openGroundednessChecks(parts: {
  database: Database;
  clock: () => number;
  log: Log;
  secrets: Pick<Secrets, 'get' | 'getOrCreate'>;
  /** Closed with it. */
  entailment: Entailment | null;
  queue?: Partial<typeof QUEUE_LIMITS>;
}): GroundednessChecks {
  const { database, clock, log } = parts;
  const most = { ...QUEUE_LIMITS, ...parts.queue };
  const words = new LexicalThread(WORDS_TIMEOUT_MS);
  const judges = openJudges({ executor: database.drizzle, secrets: parts.secrets, clock });
  const means = {
    compareWords: (answer: string, context: string) => words.check(answer, context),
    entailment: parts.entailment,
    askJudge: judges.ask satisfies AskJudge,
  };
  let arriving: Held[] = [];
  let dropped = 0;
  const queue: Job[] = [];
  let answers = 0;
  let characters = 0;
  let underWay = 0;
  let writing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;
  let idlers: (() => void)[] = [];

  const hold = (rule: CheckRule, answer: AnswerToCheck): Held => {
    const answerCharacters = answer.answer?.length ?? 0;
    const contextCharacters = answer.context.reduce((sum, one) => sum + one.length, 0);
    const told = { rule, answerCharacters, contextCharacters };
    // Without its texts it takes no room.
    const bare = { ...answer, answer: null, context: [] };
    if (answer.answer === null) return { ...told, answer: bare, reason: 'no_text' };
    if (answers >= most.answers || characters + answerCharacters + contextCharacters > most.characters)
      return { ...told, answer: bare, reason: 'queue_full' };
    answers++;
    characters += answerCharacters + contextCharacters;
    return { ...told, answer, reason: null };
  };
  const letGo = ({ answerCharacters, contextCharacters, reason }: Held) => {
    if (reason !== null) return;
    answers--;
    characters -= answerCharacters + contextCharacters;
  };

  const write = async (held: readonly Held[]): Promise<Admitted[]> => {
    const admitted = await insertRows(database, held, clock());
    const known = new Map(admitted.map((one) => [`${one.sampling} ${one.eventId}`, one]));
    for (const one of held) {
      const key = `${one.rule.digest} ${one.answer.eventId}`;
      const row = known.get(key);
      // The second of two under one id finds it taken.
      known.delete(key);
      if (row && one.reason === null)
        queue.push({ ...one, id: row.id, admittedMs: clock(), context: one.answer.context.join('\n\n') });
      else letGo(one);
    }
    pump();
    return admitted;
  };

  const pump = () => {
    while (underWay < AT_ONCE && queue.length > 0) {
      const job = queue.shift() as Job;
      underWay++;
      void work(job).finally(() => {
        underWay--;
        letGo(job);
        pump();
        told();
      });
    }
  };
  const work = async (job: Job): Promise<void> => {
    const startedMs = performance.now();
    const texts = { answer: job.answer.answer ?? '', context: job.context };
    const judged: Judged =
      clock() - job.admittedMs > WAIT_MAX_MS
        ? { state: 'not_judged', method: '', reason: 'timeout' }
        : await judgeAnswer(means, job.rule, texts);
    // What is under way when the process ends is told as lost by the next one.
    if (isClosed) return;
    if (judged.state === 'not_judged' && judged.cause !== undefined)
      log.warn({ err: judged.cause, check: job.id }, 'a sampled answer was not judged');
    const textsSha256 = sha256Hex(canonicalJson([texts.answer.toWellFormed(), texts.context.toWellFormed()]));
    const tookMs = Math.round(performance.now() - startedMs);
    try {
      const key = job.answer.labels && job.rule.labelRate > 0 ? await labelTextKey(parts.secrets) : null;
      await finishRow(database, job, judged, { known: { textsSha256, tookMs }, labelKey: key }, clock());
    } catch (error) {
      // It stays written down as waiting, and is told as lost.
      log.error({ err: error, check: job.id }, 'what came of a check could not be written');
    }
  };
  const told = () => {
    if (arriving.length > 0 || queue.length > 0 || underWay > 0 || writing) return;
    for (const resolve of idlers) resolve();
    idlers = [];
  };

  const schedule = (afterMs: number) => {
    if (timer || isClosed) return;
    timer = setTimeout(() => {
      timer = null;
      void flush();
    }, afterMs);
    timer.unref();
  };
  const flush = (): Promise<void> => {
    writing ??= writeArriving().finally(() => {
      writing = null;
      told();
    });
    return writing;
  };
  const writeArriving = async (): Promise<void> => {
    while (arriving.length > 0) {
      const batch = arriving.slice(0, BATCH_MAX);
      try {
        await write(batch);
      } catch (error) {
        log.error(
          { err: error, waiting: arriving.length },
          'sampled answers could not be written down; it is tried again',
        );
        schedule(RETRY_MS);
        return;
      }
      arriving = arriving.slice(batch.length);
    }
    if (dropped > 0)
      log.error({ answers: dropped }, 'sampled answers were dropped: too many waited to be written down');
    dropped = 0;
  };

  return {
    take: (rules, answer) => {
      for (const rule of rules) {
        if (isClosed || arriving.length >= ARRIVING_MAX) {
          dropped++;
          continue;
        }
        arriving.push(hold(rule, answer));
      }
      if (arriving.length > 0) schedule(WRITE_EVERY_MS);
    },
    admit: async (chosen) => {
      const held = chosen.map(({ rule, answer }) => hold(rule, answer));
      try {
        return await write(held);
      } catch (error) {
        for (const one of held) letGo(one);
        throw error;
      }
    },
    get waiting() {
      return answers;
    },
    idle: async () => {
      await flush();
      if (queue.length === 0 && underWay === 0) return;
      await new Promise<void>((resolve) => idlers.push(resolve));
    },
    close: async () => {
      await flush().catch(() => undefined);
      isClosed = true;
      if (timer) clearTimeout(timer);
      // What still waits is in the table as waiting, and is told as lost.
      queue.length = 0;
      words.close();
      await parts.entailment?.close();
      await judges.close();
    },
  };
}

async function insertRows(
  database: Database,
  held: readonly Held[],
  nowMs: number,
): Promise<(Admitted & { sampling: string })[]> {
  if (held.length === 0) return [];
  const now = new Date(nowMs);
  return database.transaction(async (tx) => {
    const rows = await tx
      .insert(groundednessCheck)
      .values(
        held.map(({ rule, answer, reason, answerCharacters, contextCharacters }) => ({
          id: makeId('gck', nowMs, randomBytes(10)),
          sampling: rule.digest,
          eventId: answer.eventId,
          systemId: answer.systemId,
          modelVersion: answer.modelVersion,
          occurredAt: new Date(answer.occurredAtMs),
          admittedAt: now,
          state: reason === null ? ('waiting' as const) : ('not_judged' as const),
          reason,
          answerCharacters,
          contextCharacters,
          finishedAt: reason === null ? null : now,
        })),
      )
      .onConflictDoNothing()
      .returning({
        id: groundednessCheck.id,
        eventId: groundednessCheck.eventId,
        sampling: groundednessCheck.sampling,
        reason: groundednessCheck.reason,
      });
    const late = held.filter(({ reason }) => reason !== null).map(({ answer }) => answer);
    await markHoursLate(
      tx,
      late.map(({ systemId, occurredAtMs }) => ({ systemId, atMs: occurredAtMs })),
      nowMs,
    );
    return rows;
  });
}

async function finishRow(
  database: Database,
  job: Job,
  judged: Judged,
  { known, labelKey }: { known: { textsSha256: string; tookMs: number }; labelKey: Buffer | null },
  nowMs: number,
): Promise<void> {
  const { id, answer } = job;
  await database.transaction(async (tx) => {
    const finished = await tx
      .update(groundednessCheck)
      .set({ ...outcomeOf(judged), ...known, finishedAt: new Date(nowMs) })
      .where(and(eq(groundednessCheck.id, id), eq(groundednessCheck.state, 'waiting')))
      .returning({ id: groundednessCheck.id });
    if (finished.length === 0) return;
    await markHoursLate(tx, [{ systemId: answer.systemId, atMs: answer.occurredAtMs }], nowMs);
    const offered = labelKey && answerForLabels(job, judged);
    if (offered) await offerForLabels(tx, offered, labelKey, nowMs);
  });
}

/** People are asked about answers that were decided: what a judge left open it got neither right nor wrong. */
function answerForLabels({ rule, answer, context }: Job, judged: Judged): JudgedAnswer | null {
  if (judged.state !== 'judged' || answer.labels === null) return null;
  const { counts, claims } = judged.checked;
  if (claims.length === 0 || (counts.unsupported === 0 && counts.not_checked > 0)) return null;
  return {
    sampling: rule.digest,
    salt: rule.sampling.salt,
    labelRate: rule.labelRate,
    systemId: answer.systemId,
    eventId: answer.eventId,
    method: judged.method,
    flagged: counts.unsupported > 0,
    texts:
      answer.labels.by === 'payload'
        ? null
        : {
            input: answer.labels.question ?? 'The sender gave no question.',
            context,
            answer: answer.answer ?? '',
          },
  };
}

function outcomeOf(judged: Judged) {
  if (judged.state === 'not_judged')
    return { state: judged.state, reason: judged.reason, method: judged.method || null };
  const { claims, counts } = judged.checked;
  const by = (tier: 'lexical' | 'entailment' | 'judge') => claims.filter(({ decidedBy }) => decidedBy === tier).length;
  return {
    state: judged.state,
    method: judged.method,
    claims: claims.length,
    supported: counts.supported,
    unsupported: counts.unsupported,
    contradicted: claims.filter(({ contradicted }) => contradicted).length,
    notChecked: counts.not_checked,
    byWords: by('lexical'),
    byEntailment: by('entailment'),
    byJudge: by('judge'),
  };
}

/**
 * Says of checks that no process holds any more that they were lost: those that wait for longer than any queue lets them, or,
 * where this is the only process and it has just begun, all of them. Resolves to their number.
 */
export async function tellLostChecks(
  { database, clock }: { database: Database; clock: () => number },
  { all }: { all: boolean } = { all: false },
): Promise<number> {
  const nowMs = clock();
  return database.transaction(async (tx) => {
    const before = new Date(all ? nowMs : nowMs - LOST_AFTER_MS);
    const lost = await tx
      .update(groundednessCheck)
      .set({ state: 'not_judged', reason: 'restarted', finishedAt: new Date(nowMs) })
      .where(
        and(
          eq(groundednessCheck.state, 'waiting'),
          all ? sql`${groundednessCheck.admittedAt} <= ${toInstant(nowMs)}` : lt(groundednessCheck.admittedAt, before),
        ),
      )
      .returning({ systemId: groundednessCheck.systemId, occurredAt: groundednessCheck.occurredAt });
    await markHoursLate(
      tx,
      lost.map(({ systemId, occurredAt }) => ({ systemId, atMs: occurredAt.getTime() })),
      nowMs,
    );
    await tx
      .delete(groundednessJudgeUse)
      .where(lt(groundednessJudgeUse.hourAt, new Date(nowMs - USE_KEPT_DAYS * DAY_MS)));
    return lost.length;
  });
}

/** Erases the checks of answers whose events retention has erased; what windows were decided on stays. Resolves to their number. */
export async function eraseChecksOfErasedDays(executor: Executor): Promise<number> {
  const { rowCount } = await executor.execute(sql`
    delete from groundedness_check as held using event_erasure as erased
    where held.system_id = erased.system_id and held.occurred_at >= (erased.day::timestamp at time zone 'UTC')
      and held.occurred_at < ((erased.day + 1)::timestamp at time zone 'UTC')
      and not exists (select 1 from event where event.id = held.event_id)`);
  return rowCount ?? 0;
}

/** What came of the sampled answers of a system within [fromMs, toMs), by rule and event. */
export type CheckResult = Pick<
  typeof groundednessCheck.$inferSelect,
  'state' | 'reason' | 'method' | 'claims' | 'supported' | 'unsupported' | 'contradicted' | 'notChecked'
>;

export async function checkResults(
  executor: Executor,
  { sampling, systemId, fromMs, toMs }: { sampling: string; systemId: string; fromMs: number; toMs: number },
): Promise<Map<string, CheckResult>> {
  const rows = await executor
    .select({
      eventId: groundednessCheck.eventId,
      state: groundednessCheck.state,
      reason: groundednessCheck.reason,
      method: groundednessCheck.method,
      claims: groundednessCheck.claims,
      supported: groundednessCheck.supported,
      unsupported: groundednessCheck.unsupported,
      contradicted: groundednessCheck.contradicted,
      notChecked: groundednessCheck.notChecked,
    })
    .from(groundednessCheck)
    .where(
      and(
        eq(groundednessCheck.sampling, sampling),
        eq(groundednessCheck.systemId, systemId),
        sql`${groundednessCheck.occurredAt} >= ${toInstant(fromMs)} and ${groundednessCheck.occurredAt} < ${toInstant(toMs)}`,
      ),
    );
  return new Map(rows.map(({ eventId, ...result }) => [eventId, result]));
}
