import { sql } from 'drizzle-orm';
import type { Decision } from '#src/gateway/decision.ts';
import { toHex, utf8Bytes } from '#src/ledger/log/bytes.ts';
import { hashLeaf } from '#src/ledger/log/tree.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { dayOfMs } from './decision-row.ts';
import { findDecision } from './find-decision.ts';
import { SUMMARY_COLUMNS, type SummaryRow, summaryOf } from './list-decisions.ts';
import { windowsWhere } from './list-windows.ts';
import type { DecisionDetail } from './model.ts';
import { slotOf } from './open-windows.ts';
import { controlOf } from './verdict-control.ts';

/** One decision with its reasons, its bytes and the window it is sealed in. Throws `not_found`. */
export async function decisionDetail(executor: Executor, id: string): Promise<DecisionDetail> {
  const stored = await findDecision(executor, id);
  const day = dayOfMs(stored.occurredAt.getTime());
  const { rows } = await executor.execute<SummaryRow>(
    sql`select ${SUMMARY_COLUMNS} from gateway_decision where day = ${day}::date and id = ${id}`,
  );
  const decision = JSON.parse(stored.body) as Decision;
  const slot = new Date(slotOf(stored.occurredAt.getTime())).toISOString();
  const [window] = await windowsWhere(
    executor,
    sql`w.slot_from = ${slot}::timestamptz and w.arrival_after < ${stored.arrival}
      and (w.arrival_to is null or w.arrival_to >= ${stored.arrival})`,
    1,
  );
  const { rows: policies } = await executor.execute<{ name: string }>(
    sql`select name from gateway_policy where id = ${decision.policyId}`,
  );
  return {
    summary: summaryOf(rows[0] as SummaryRow),
    verdicts: decision.verdicts.map((verdict) => ({ ...verdict, control: controlOf(verdict) })),
    refusal: decision.refusal,
    toolCalls: decision.toolCalls,
    timings: decision.timings,
    request: {
      requestId: decision.requestId,
      method: decision.method,
      pathPattern: decision.pathPattern,
      stream: decision.stream,
      bytes: decision.requestBytes,
      sha256: decision.requestSha256,
    },
    answer: {
      modelAnswered: decision.modelAnswered,
      upstreamStatus: decision.upstreamStatus,
      bytes: decision.responseBytes,
      sha256: decision.responseSha256,
      tries: decision.tries,
      // Decisions are kept as they were written, also by earlier versions.
      attempts: decision.attempts ?? [],
    },
    policy: {
      id: decision.policyId,
      name: policies[0]?.name ?? null,
      version: decision.policyVersion,
      snapshotDigest: decision.snapshotDigest,
    },
    node: { id: decision.nodeId, sequence: decision.sequence },
    traceId: decision.traceId,
    record: stored.body,
    leafHash: toHex(hashLeaf(utf8Bytes(stored.body))),
    window: window ?? null,
  };
}
