import { sql } from 'drizzle-orm';
import type { Condition } from '#src/features/alerts/model.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { Executor } from '#src/platform/database/connect.ts';

const ID_CHARACTERS = 24;

/** Folders whose last scan that ended by itself failed. */
export async function failingScans(executor: Executor): Promise<Condition[]> {
  const { rows } = await executor.execute<{
    id: string;
    path: string;
    state: string;
    title: string | null;
    error: string | null;
    since: string;
  }>(sql`
    select last.id, last.path, last.state, last.source_title as title, last.error, (
      select min(failed.finished_at) from scan failed
      where failed.path = last.path and failed.state = 'failed' and failed.finished_at > coalesce((
        select max(recorded.finished_at) from scan recorded where recorded.path = last.path and recorded.state = 'recorded'), '-infinity')
      ) as since
    from (select distinct on (path) * from scan where state in ('recorded', 'failed')
      order by path, finished_at desc, id desc) last
    where last.state = 'failed' order by last.path`);
  return rows.map((row) => {
    const name = row.title ?? row.path.split('/').findLast((part) => part !== '') ?? row.path;
    return {
      // The id goes into the ledger, and a path may name somebody.
      subject: { kind: 'scan', id: sha256Hex(row.path).slice(0, ID_CHARACTERS), title: name.slice(0, 120) },
      severity: 'medium',
      title: `The scan of ${name} failed`.slice(0, 200),
      reasons: [(row.error ?? 'No cause is known.').slice(0, 500)],
      since: new Date(row.since),
      link: `/inventory/scans/${row.id}`,
    };
  });
}
