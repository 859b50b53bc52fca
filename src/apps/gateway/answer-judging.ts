import { eventOfDecision, type SystemOfCall, systemsOfCalls } from '#src/features/events/index.ts';
import { choosingRules, type GroundednessChecks } from '#src/features/groundedness-checks/index.ts';
import type { CheckRule } from '#src/features/groundedness-checks/model.ts';
import { checkRules } from '#src/features/monitors/index.ts';
import type { AnswerJudging } from '#src/gateway/ports.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Log } from '#src/platform/log.ts';
import { largestRate, sampleNumber } from '#src/statistics/declared-sample.ts';

const REFRESH_MS = 5_000;

/**
 * Fills the judging of answers: which calls are sampled follows from the approved monitors of the AI system that a route belongs
 * to. The rules are read now and then; an answer that went out before a new rule was known here shows as one that nobody told of.
 */
export async function openAnswerJudging(parts: {
  database: Database;
  checks: GroundednessChecks;
  log: Log;
}): Promise<AnswerJudging & { refresh(): Promise<void>; close(): void }> {
  const { database, checks, log } = parts;
  let systemOf: SystemOfCall = () => undefined;
  let bySystem: ReadonlyMap<string, CheckRule[]> = new Map();
  const refresh = async () => {
    const rules = await checkRules(database.drizzle);
    systemOf = rules.length === 0 ? () => undefined : await systemsOfCalls(database.drizzle);
    const grouped = new Map<string, CheckRule[]>();
    for (const rule of rules) grouped.set(rule.systemId, [...(grouped.get(rule.systemId) ?? []), rule]);
    bySystem = grouped;
  };
  const rulesOf = (systemId: string | undefined) => bySystem.get(systemId ?? '') ?? [];
  await refresh();
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => log.warn({ err: error }, 'the rules of sampled answers could not be read'));
  }, REFRESH_MS);
  timer.unref();
  return {
    mayWant: (routeId, decisionId) =>
      rulesOf(systemOf({ routeId, tenantId: null })).some(
        ({ sampling }) => sampleNumber(decisionId, sampling.salt) < largestRate(sampling),
      ),
    take: ({ decision, answer, context }) => {
      // As monitors will see it: the same labels put it into the same stratum.
      const { id, systemId, modelVersion, segment, occurredAtMs } = eventOfDecision(decision, systemOf);
      const { payload } = decision;
      const given = {
        eventId: id,
        systemId,
        modelVersion,
        segment,
        occurredAtMs,
        answer,
        context,
        labels:
          payload?.state === 'captured' && payload.answer === 'whole' && payload.cutCharacters === 0
            ? ({ by: 'payload' } as const)
            : null,
      };
      checks.take(choosingRules(rulesOf(systemId), given), given);
    },
    refresh,
    close: () => clearInterval(timer),
  };
}
