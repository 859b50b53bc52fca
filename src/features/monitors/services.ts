import { randomBytes } from 'node:crypto';
import type { Actor, NamesOf, Records } from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Transaction } from '#src/platform/database/connect.ts';

/** An alert as the alerts feature takes it; declared here so that the two do not know each other. */
export type MonitorAlert = {
  source: 'monitor' | 'calendar' | 'canary';
  sourceId: string;
  subject: { kind: string; id: string; title: string };
  severity: 'critical' | 'high' | 'medium' | 'low';
  title: string;
  reasons: string[];
  dedupeKey: string;
  occurredAt: string;
  ownerId?: string | null;
  link?: string;
  evidence?: Record<string, JsonValue>;
};

/** What monitors need from the rest of the product. */
export type MonitorServices = {
  records: Records;
  openAlert(tx: Transaction, alert: MonitorAlert): Promise<unknown>;
  /** Says that a measure which alarmed was taken again, and how it came out. */
  recordRetest(
    tx: Transaction,
    retest: { dedupeKey: string; passed: boolean; ref: string; at: string },
  ): Promise<unknown>;
};

/** What their pages need besides. */
export type MonitorRouteServices = MonitorServices & { namesOf: NamesOf };

/** Who changes something, and when. */
export type Deciding = { actor: Actor; at: Date };

export function newId(prefix: string, atMs: number): string {
  return makeId(prefix, atMs, randomBytes(10));
}

/** The one lock under which monitors, baselines and specifications change and windows are closed. */
export const MONITORS_LOCK = 'monitors';
