import { DAY_MS } from '#src/kernel/time.ts';

export const SPANS = { '92': '3 months', '182': '6 months', '365': '12 months' } as const;
export type EvidenceSpan = keyof typeof SPANS;

/** The last so many days up to the end of today, in UTC. */
export function spanEnds(days: EvidenceSpan): { from: string; to: string } {
  const toMs = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
  return { from: new Date(toMs - Number(days) * DAY_MS).toISOString(), to: new Date(toMs).toISOString() };
}
