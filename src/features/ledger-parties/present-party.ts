import type { Who } from '#src/features/records/model.ts';
import type { LedgerParty } from './model.ts';
import type { PartyRow } from './tables.ts';

/** A party as the API and the command show it. */
export function presentParty(row: PartyRow, who: (stored: string) => Who): LedgerParty {
  const { settings } = row;
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    place: settings.kind === 'mirror' ? settings.path : settings.url,
    everySeconds: row.everySeconds,
    settings,
    addedAt: row.addedAt.toISOString(),
    addedBy: who(row.addedBy),
    lastSize: row.lastSize,
    lastAt: row.lastAt?.toISOString() ?? null,
    problem: row.problem,
    problemSince: row.problemSince?.toISOString() ?? null,
    failures: row.failures,
    nextTryAt: row.nextTryAt.toISOString(),
  };
}
