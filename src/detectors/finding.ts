/** Which family of checks found something. */
export type DetectorName = 'injection' | 'personal-data' | 'secrets' | 'prompt-leak' | 'terms';

/**
 * One thing found in a text. Never holds what was found: `start` and `end` say where it stands, so only a holder of the
 * text can read it.
 */
export type Finding = {
  detector: DetectorName;
  /** What it is, for example `email` or `instruction_override`. */
  kind: string;
  /** First UTF-16 unit in the original text. */
  start: number;
  /** First UTF-16 unit after it. */
  end: number;
  /** From 0 to 1; comparable inside one detector. */
  confidence: number;
  /** The rule that fired, with its version where it has one. */
  rule: string;
  /** One sentence for a person, without any part of the text. */
  because: string;
  /** For secrets: a salted, truncated hash, so that the same value can be recognized again. */
  fingerprint?: string;
};

/** Order in which findings are read: by place, longer first, then surer first. */
export function byPlace(a: Finding, b: Finding): number {
  return a.start - b.start || b.end - a.end || b.confidence - a.confidence;
}

/**
 * Of findings that overlap, keeps the surest; of equally sure ones the longest, then the first. The result is ordered by
 * place and free of overlaps.
 */
export function withoutOverlaps(findings: readonly Finding[]): Finding[] {
  if (findings.length < 2) return [...findings];
  const sorted = [...findings].sort(byPlace);
  const kept: Finding[] = [];
  let group: Finding[] = [];
  let groupEnd = -1;
  for (const finding of sorted) {
    if (finding.start >= groupEnd && group.length > 0) {
      kept.push(...resolveGroup(group));
      group = [];
    }
    group.push(finding);
    groupEnd = Math.max(groupEnd, finding.end);
  }
  kept.push(...resolveGroup(group));
  return kept;
}

/** A chain of overlapping findings is at most this long; the rest of a longer chain is decided with what was kept. */
const CHAIN = 256;

function resolveGroup(group: readonly Finding[]): Finding[] {
  if (group.length === 1) return [...group];
  const kept: Finding[] = [];
  for (let from = 0; from < group.length; from += CHAIN) {
    const best = group
      .slice(from, from + CHAIN)
      .sort((a, b) => b.confidence - a.confidence || b.end - b.start - (a.end - a.start) || a.start - b.start);
    for (const finding of best) {
      // Only the last CHAIN kept can still reach into this slice: findings are bounded in length by their rules.
      const near = kept.slice(-CHAIN);
      if (near.every((other) => other.end <= finding.start || finding.end <= other.start)) kept.push(finding);
    }
  }
  return kept.sort(byPlace);
}
