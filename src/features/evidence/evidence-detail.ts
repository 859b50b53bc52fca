import { desc, eq } from 'drizzle-orm';
import { type Ledger, positionOf } from '#src/features/ledger/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { personalValue } from '#src/ledger/store/personal.ts';
import { OPENING_FIELD, type Opening } from '#src/ledger/store/sealed-blob.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { type EvidenceReading, presentEvidence } from './list-evidence.ts';
import type { EvidenceDetail } from './model.ts';
import { attestation, type EvidenceRow, evidenceConfirmation, evidenceItem } from './tables.ts';

const CONFIRMATIONS_MAX = 100;

/** Everything about one item, with its place in the ledger and the proof of it. Throws `not_found`. */
export async function evidenceDetail(
  reading: EvidenceReading & { ledger: Ledger; dataKeys: DataKeys },
  id: string,
): Promise<EvidenceDetail> {
  const { executor } = reading;
  const row = await evidenceRow(reading, id);
  const [shown] = await presentEvidence(reading, [row]);
  if (!shown) throw unknownEvidence(id);
  const [later] = await executor
    .select({ id: evidenceItem.id })
    .from(evidenceItem)
    .where(eq(evidenceItem.supersedes, id));
  const [attested] = await executor
    .select({ id: attestation.id })
    .from(attestation)
    .where(eq(attestation.evidenceId, id));
  const confirmations = await executor
    .select()
    .from(evidenceConfirmation)
    .where(eq(evidenceConfirmation.evidenceId, id))
    .orderBy(desc(evidenceConfirmation.at))
    .limit(CONFIRMATIONS_MAX);
  const indexes = await reading.indexesOf(
    executor,
    confirmations.map((entry) => entry.ledgerPendingId),
  );
  const opening = await openingOf(executor, reading.dataKeys, row);
  return {
    ...shown,
    sealed: row.personId !== null,
    contentSha256: row.erasedAt !== null ? null : row.personId === null ? row.sha256 : (opening?.sha256 ?? null),
    erasedAt: row.erasedAt?.toISOString() ?? null,
    completeness: row.completeness,
    supersedes: row.supersedes,
    supersededBy: later?.id ?? null,
    attestationId: attested?.id ?? null,
    confirmations: confirmations.map((entry) => ({
      at: entry.at.toISOString(),
      ledgerIndex: indexes.get(entry.ledgerPendingId) ?? null,
    })),
    ledger: await positionOf(reading.ledger, row.ledgerPendingId),
  };
}

/** What opens the content of an item whose content is encrypted; null where it is not, or was erased. */
export async function openingOf(executor: Executor, dataKeys: DataKeys, row: EvidenceRow): Promise<Opening | null> {
  if (row.personId === null || row.erasedAt !== null) return null;
  // Written by addEvidence under the person's key, which also authenticates it.
  return ((await personalValue(executor, dataKeys, row.ledgerPendingId, OPENING_FIELD)) ?? null) as Opening | null;
}

export async function evidenceRow(reading: Pick<EvidenceReading, 'executor'>, id: string): Promise<EvidenceRow> {
  const [row] = await reading.executor.select().from(evidenceItem).where(eq(evidenceItem.id, id));
  if (!row) throw unknownEvidence(id);
  return row;
}

function unknownEvidence(id: string): AppError {
  return new AppError('not_found', `There is no evidence ${id.slice(0, 80)}. Reload the list of evidence.`);
}
