import { type AnyColumn, and, getTableName, is, isNotNull, ne, type SQL, sql } from 'drizzle-orm';
import { PgArray, type PgTable } from 'drizzle-orm/pg-core';
import { alert, alertMute, alertSettings, alertStep } from '#src/features/alerts/tables.ts';
import { evaluationSuiteVersion } from '#src/features/evaluations/tables.ts';
import { attestation } from '#src/features/evidence/tables.ts';
import { gatewayAbuseAction } from '#src/features/gateway-abuse/tables.ts';
import { gatewayApproval } from '#src/features/gateway-approvals/tables.ts';
import { gatewayPayloadCapture } from '#src/features/gateway-payloads/tables.ts';
import { gatewayPolicyMove, gatewayPolicyVersion } from '#src/features/gateway-policies/tables.ts';
import { gatewayKey, gatewayTenant } from '#src/features/gateway-tenants/tables.ts';
import { incident, incidentStep } from '#src/features/incidents/tables.ts';
import { inventoryChange, inventoryItem, inventorySystem } from '#src/features/inventory/tables.ts';
import { labelGiven } from '#src/features/labels/tables.ts';
import { monitorBaseline, monitorSpecification, monitorVersion } from '#src/features/monitors/tables.ts';
import { retentionHold } from '#src/features/retention/tables.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';

/** What stands in place of words that went with the person who wrote them. The migrations know it, too. */
export const ERASED_WORDS = 'Erased';

/** A column with words in which a person says why, and the one that says whose words they are: an actor, a user id, or several actors. */
type Written = { table: PgTable; words: AnyColumn; by: AnyColumn };

const written = (table: PgTable, words: AnyColumn, by: AnyColumn): Written => ({ table, words, by });

/**
 * Every column of the database in which people write remarks. What they name or define, such as a system, a suite or a
 * policy, is the organization's and stays. What was handed in as evidence is erased with its items.
 */
export const WRITTEN: readonly Written[] = [
  written(alert, alert.resolutionReason, alert.resolvedBy),
  written(alertMute, alertMute.reason, alertMute.requestedBy),
  written(alertMute, alertMute.comment, alertMute.reviewedBy),
  written(alertSettings, alertSettings.reason, alertSettings.createdBy),
  written(attestation, attestation.reviewComment, attestation.reviewer),
  written(attestation, attestation.withdrawnReason, attestation.withdrawnBy),
  written(evaluationSuiteVersion, evaluationSuiteVersion.reason, evaluationSuiteVersion.proposedBy),
  written(evaluationSuiteVersion, evaluationSuiteVersion.comment, evaluationSuiteVersion.reviewedBy),
  written(gatewayAbuseAction, gatewayAbuseAction.reason, gatewayAbuseAction.actedBy),
  written(gatewayApproval, gatewayApproval.reason, gatewayApproval.decidedBy),
  written(gatewayKey, gatewayKey.stateReason, gatewayKey.stateReasonBy),
  written(gatewayTenant, gatewayTenant.stateReason, gatewayTenant.stateReasonBy),
  written(gatewayPayloadCapture, gatewayPayloadCapture.reason, gatewayPayloadCapture.requestedBy),
  written(gatewayPolicyMove, gatewayPolicyMove.reason, gatewayPolicyMove.decidedBy),
  written(gatewayPolicyVersion, gatewayPolicyVersion.note, gatewayPolicyVersion.authors),
  written(gatewayPolicyVersion, gatewayPolicyVersion.decisionReason, gatewayPolicyVersion.decidedBy),
  written(gatewayPolicyVersion, gatewayPolicyVersion.emergencyReason, gatewayPolicyVersion.decidedBy),
  written(gatewayPolicyVersion, gatewayPolicyVersion.emergencyReviewNote, gatewayPolicyVersion.emergencyReviewedBy),
  written(incidentStep, incidentStep.words, incidentStep.by),
  written(inventoryChange, inventoryChange.reason, inventoryChange.by),
  written(inventoryItem, inventoryItem.reason, inventoryItem.decidedBy),
  written(inventorySystem, inventorySystem.scopeReason, inventorySystem.scopeDecidedBy),
  written(inventorySystem, inventorySystem.scopePendingReason, inventorySystem.scopePendingBy),
  written(labelGiven, labelGiven.comment, labelGiven.userId),
  written(monitorBaseline, monitorBaseline.reason, monitorBaseline.proposedBy),
  written(monitorBaseline, monitorBaseline.reviewComment, monitorBaseline.reviewedBy),
  written(monitorSpecification, monitorSpecification.reason, monitorSpecification.proposedBy),
  written(monitorSpecification, monitorSpecification.reviewComment, monitorSpecification.reviewedBy),
  written(monitorVersion, monitorVersion.reason, monitorVersion.proposedBy),
  written(monitorVersion, monitorVersion.reviewComment, monitorVersion.reviewedBy),
  written(retentionHold, retentionHold.reason, retentionHold.placedBy),
  written(retentionHold, retentionHold.releaseReason, retentionHold.releasedBy),
];

/** Columns whose author stands beside each of their members; they are erased below. */
export const WRITTEN_IN_PARTS = [
  alertStep.detail,
  incident.title,
  incident.rootCause,
  incident.lessons,
  incident.changeRef,
  incident.retestRef,
] as const;

/** Takes the words of a person out of every table; who decided what and when stays. Returns how many texts went. */
export async function eraseWrittenWords(tx: Transaction, person: string): Promise<number> {
  let texts = 0;
  for (const { table, words, by } of WRITTEN)
    texts += await changed(
      tx,
      sql`update ${table} set ${sql.identifier(words.name)} = ${ERASED_WORDS} where ${and(
        isNotNull(words),
        ne(words, ERASED_WORDS),
        is(by, PgArray)
          ? sql`exists (select from unnest(${by}) as one_of (author) where ${isBy(sql`author`, person)})`
          : isBy(by, person),
      )}`,
    );
  texts += await changed(
    tx,
    sql`update ${alertStep} set detail = alert_step_erased(detail)
      where ${isBy(alertStep.by, person)} and detail <> alert_step_erased(detail)`,
  );
  return texts + (await eraseInIncidents(tx, person));
}

/** A remark of which the database does not say who wrote it, as it was made before that was recorded. */
export type UnattributedWords = {
  /** Column and row, such as `gateway_key.state_reason/gky_1`: what `eraseUnattributed` takes. */
  ref: string;
  words: string;
};

const UNATTRIBUTED_MAX = 200;
// A row without an id of one column is named by what stands in it.
const rowId = sql`coalesce(to_jsonb(one) ->> 'id', md5(one::text))`;

/** Remarks that no erasure finds, as nobody is recorded as their author; a person decides whose they are. */
export async function unattributedWords(executor: Executor): Promise<UnattributedWords[]> {
  const found: UnattributedWords[] = [];
  for (const { table, words, noAuthor } of authorless()) {
    const column = sql`one.${sql.identifier(words.name)}`;
    const { rows } = await executor.execute<{ id: string; words: string }>(sql`
      select ${rowId} as id, ${column} as words from ${table} one
      where ${column} is not null and ${column} not in ('', ${ERASED_WORDS}) and ${noAuthor}
      order by 1 limit ${UNATTRIBUTED_MAX - found.length}`);
    for (const row of rows) found.push({ ref: `${columnName(words)}/${row.id}`, words: row.words });
    if (found.length >= UNATTRIBUTED_MAX) break;
  }
  return found;
}

/** Takes out remarks that a person decided are to go. Throws `not_found` for one that has an author or is not there. */
export async function eraseUnattributed(tx: Transaction, refs: readonly string[]): Promise<number> {
  for (const ref of new Set(refs)) {
    const [name, id] = [ref.slice(0, ref.indexOf('/')), ref.slice(ref.indexOf('/') + 1)];
    const one = authorless().find(({ words }) => columnName(words) === name);
    const taken = one
      ? await changed(
          tx,
          sql`update ${one.table} one set ${sql.identifier(one.words.name)} = ${ERASED_WORDS}
            where ${rowId} = ${id} and one.${sql.identifier(one.words.name)} is not null and ${one.noAuthor}`,
        )
      : 0;
    if (taken === 0)
      throw new AppError(
        'not_found',
        `words: there is no remark ${ref.slice(0, 200)} without an author. List them again.`,
      );
  }
  return refs.length;
}

function authorless(): { table: PgTable; words: AnyColumn; noAuthor: SQL }[] {
  return [
    ...WRITTEN.map(({ table, words, by }) => ({
      table,
      words,
      noAuthor: is(by, PgArray)
        ? sql`coalesce(cardinality(one.${sql.identifier(by.name)}), 0) = 0`
        : sql`one.${sql.identifier(by.name)} is null`,
    })),
    ...INCIDENT_PARTS.map(([member, words]) => ({
      table: incident,
      words,
      noAuthor: sql`one.written_by ->> ${member} is null`,
    })),
  ];
}

function columnName(column: AnyColumn): string {
  return `${getTableName(column.table)}.${column.name}`;
}

const INCIDENT_PARTS = [
  ['title', incident.title],
  ['rootCause', incident.rootCause],
  ['lessons', incident.lessons],
  ['changeRef', incident.changeRef],
  ['retestRef', incident.retestRef],
] as const;

async function eraseInIncidents(tx: Transaction, person: string): Promise<number> {
  let texts = 0;
  for (const [member, column] of INCIDENT_PARTS)
    texts += await changed(
      tx,
      sql`update ${incident} set ${sql.identifier(column.name)} = ${ERASED_WORDS}
        where ${column} is not null and ${column} <> ${ERASED_WORDS} and ${isBy(sql`written_by ->> ${member}`, person)}`,
    );
  return texts;
}

/** Whether an actor, as `actorText` stores it, or a user id is this person, also with one of their API keys. */
function isBy(actor: AnyColumn | SQL, person: string): SQL {
  return sql`(${actor} in (${person}, ${`user:${person}`}) or (${actor} like 'key:%' and split_part(${actor}, ':', 3) = ${person}))`;
}

async function changed(tx: Transaction, statement: SQL): Promise<number> {
  return (await tx.execute(statement)).rowCount ?? 0;
}
