import type { Database } from '#src/platform/database/connect.ts';

/** A checked cosignature, as it is stored. */
export type StoredCosignature = {
  size: number;
  /** The name in the witness's key. */
  witness: string;
  /** The signature line, with its newline. */
  line: string;
  cosignedAt: Date;
};

/** Keeps what a witness said about the head of `size` entries. A second one for the same head is not kept. */
export async function storeCosignature(
  database: Database,
  origin: string,
  { size, witness, line, cosignedAt }: StoredCosignature,
): Promise<void> {
  await database.pool.query(
    `insert into ledger_cosignature (log_id, size, witness, line, cosigned_at)
      select id, $2, $3, $4, $5 from ledger_log where origin = $1
      on conflict (log_id, size, witness) do nothing`,
    [origin, size, witness, line, cosignedAt],
  );
}

/** The cosignatures of the head of `size` entries, by the name of the witness. */
export async function cosignaturesOf(database: Database, origin: string, size: number): Promise<StoredCosignature[]> {
  return select(database, 'c.size = $2 order by c.witness', [origin, size]);
}

/** The largest head a witness is known to have cosigned, or null. */
export async function lastCosignature(
  database: Database,
  origin: string,
  witness: string,
): Promise<StoredCosignature | null> {
  const [last] = await select(database, 'c.witness = $2 order by c.size desc limit 1', [origin, witness]);
  return last ?? null;
}

/**
 * The largest cosigned head of more than `index` entries, with its cosignatures; only of those that `witness` cosigned, where
 * one is named. Null when there is none.
 */
export async function newestCosigned(
  database: Database,
  origin: string,
  { index, witness }: { index: number; witness?: string | undefined },
): Promise<{ size: number; note: string } | null> {
  const { rows } = await database.pool.query<{ size: number; note: string }>(
    `select s.size, s.note from ledger_signed s join ledger_log l on l.id = s.log_id
      where l.origin = $1 and s.size > $2 and s.note is not null and exists (
        select from ledger_cosignature c
        where c.log_id = s.log_id and c.size = s.size and ($3::text is null or c.witness = $3))
      order by s.size desc limit 1`,
    [origin, index, witness ?? null],
  );
  const [head] = rows;
  if (!head) return null;
  const lines = await cosignaturesOf(database, origin, head.size);
  return { size: head.size, note: head.note + lines.map(({ line }) => line).join('') };
}

async function select(database: Database, condition: string, values: readonly unknown[]): Promise<StoredCosignature[]> {
  const { rows } = await database.pool.query<{ size: number; witness: string; line: string; cosigned_at: Date }>(
    `select c.size, c.witness, c.line, c.cosigned_at
      from ledger_cosignature c join ledger_log l on l.id = c.log_id where l.origin = $1 and ${condition}`,
    [...values],
  );
  return rows.map(({ size, witness, line, cosigned_at }) => ({ size, witness, line, cosignedAt: cosigned_at }));
}
