import { sql } from 'drizzle-orm';
import { type GatewayUrl, judgeEndpoint, OpenedModels } from '#src/features/evaluations/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { HOUR_MS, toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import type { CheckRule } from './model.ts';

const ANSWER_TIMEOUT_MS = 60_000;

/** Resolves to what the judge said; null where its budget for this hour is spent. Throws `unavailable` when it does not answer. */
export type AskJudge = (
  rule: Pick<CheckRule, 'digest' | 'judge'>,
  prompt: { system: string; user: string; maxTokens: number },
) => Promise<string | null>;

/** Asks language models through the gateway, or at its providers, within the budget each rule declares. */
export function openJudges(parts: {
  executor: Executor;
  secrets: Pick<Secrets, 'get'>;
  clock: () => number;
  gatewayUrl: GatewayUrl;
}): {
  ask: AskJudge;
  close(): Promise<void>;
} {
  const { executor, secrets, clock, gatewayUrl } = parts;
  const models = new OpenedModels(secrets);

  return {
    ask: async ({ digest, judge }, { system, user, maxTokens }) => {
      if (judge === null) throw new AppError('internal', 'The rule names no judge.');
      // As everywhere, four characters for a token; the answer counts as long as it may be.
      const tokens = Math.ceil((system.length + user.length) / 4) + maxTokens;
      if (!(await spend(executor, digest, judge, tokens, clock()))) return null;
      const model = await models.of(await judgeEndpoint(executor, judge, { gatewayUrl, nowMs: clock() }));
      const { text } = await model.ask(
        { model: judge.model, system, input: user, maxTokens, temperature: 0, seed: 0 },
        AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      );
      return text;
    },
    close: () => models.close(),
  };
}

/** Takes one question from the budget of the hour; false where it does not fit. Holds over all processes and restarts. */
async function spend(
  executor: Executor,
  sampling: string,
  { callsPerHour, tokensPerHour }: { callsPerHour: number; tokensPerHour: number },
  tokens: number,
  nowMs: number,
): Promise<boolean> {
  if (callsPerHour < 1 || tokens > tokensPerHour) return false;
  const hour = toInstant(Math.floor(nowMs / HOUR_MS) * HOUR_MS);
  const { rows } = await executor.execute(sql`
    insert into groundedness_judge_use as used (sampling, hour_at, calls, tokens)
    values (${sampling}, ${hour}::timestamptz, 1, ${tokens})
    on conflict (sampling, hour_at) do update set calls = used.calls + 1, tokens = used.tokens + excluded.tokens
      where used.calls < ${callsPerHour} and used.tokens + excluded.tokens <= ${tokensPerHour}
    returning calls`);
  return rows.length === 1;
}
