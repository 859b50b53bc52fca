/**
 * How little the operator of a log has to be believed, least first. Each is about the one before: a `mirrored` checkpoint
 * is witnessed too. What each leaves open is in `STILL_POSSIBLE`.
 */
export const ASSURANCE_LEVELS = ['signed', 'time-stamped', 'witnessed', 'mirrored'] as const;
export type AssuranceLevel = (typeof ASSURANCE_LEVELS)[number];

/** One of the four, reached or not, and why, in a sentence. */
export type AssuranceStep = { level: AssuranceLevel; reached: boolean; reason: string };

export type Assurance = {
  /** The highest that holds, or null when not even the signature does. */
  level: AssuranceLevel | null;
  /** All four, in order. */
  steps: readonly AssuranceStep[];
  /** What the operator could still do at this level. */
  stillPossible: string;
};

/** For people: what remains a matter of trust. */
export const STILL_POSSIBLE: Readonly<Record<AssuranceLevel, string>> = {
  signed: 'The operator could rewrite everything, give it other dates and sign it again.',
  'time-stamped':
    'The operator could show different histories to different readers, but not make one look older than it is.',
  witnessed:
    'The operator could leave something out before it is recorded, or hold the log back, but not show two histories.',
  mirrored: 'The operator could leave something out before it is recorded.',
};
