import type { GatewayUrl } from '#src/features/evaluations/index.ts';
import { labelTextKey } from '#src/features/labels/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Log } from '#src/platform/log.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import type { Admitted, AnswerToCheck, Held, Job } from './answer-to-check.ts';
import { type AskJudge, openJudges } from './ask-judge.ts';
import { finishCheck, insertChecks, WAIT_MAX_MS } from './check-store.ts';
import type { Entailment } from './entailment.ts';
import { type Judged, judgeAnswer } from './judge-answer.ts';
import { LexicalThread } from './lexical-thread.ts';
import type { CheckRule } from './model.ts';

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
  gatewayUrl: GatewayUrl;
  queue?: Partial<typeof QUEUE_LIMITS>;
}): GroundednessChecks {
  const { database, clock, log } = parts;
  const most = { ...QUEUE_LIMITS, ...parts.queue };
  const words = new LexicalThread(WORDS_TIMEOUT_MS);
  const judges = openJudges({
    executor: database.drizzle,
    secrets: parts.secrets,
    clock,
    gatewayUrl: parts.gatewayUrl,
  });
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
    const admitted = await insertChecks(database, held, clock());
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
      await finishCheck(database, job, judged, { known: { textsSha256, tookMs }, labelKey: key }, clock());
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
