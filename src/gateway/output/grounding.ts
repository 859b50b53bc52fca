import { checkGroundedness, GROUNDEDNESS_VERSION } from '#src/detectors/groundedness/check-groundedness.ts';
import type { GroundingCheck } from '../ports.ts';

// The check runs between two calls of others: what is longer is not checked, and said not to be.
export const GROUNDING_LIMITS = { contextUnits: 60_000, answerUnits: 8_000, claims: 60 };

/** Grounding by words alone: names, numbers, negations and what is left of a statement that no document says. */
export const lexicalGrounding: GroundingCheck = {
  version: GROUNDEDNESS_VERSION,
  check: ({ answer, documents }) => {
    const context = documents.join('\n\n');
    if (context.length > GROUNDING_LIMITS.contextUnits || answer.length > GROUNDING_LIMITS.answerUnits)
      return { supported: null, reason: 'the answer or its documents are too long' };
    const { rate, counts, complete } = checkGroundedness(answer, context, GROUNDING_LIMITS);
    if (!complete) return { supported: null, reason: 'the answer makes too many statements' };
    if (rate === null) return { supported: null, reason: 'words alone decide none of its statements' };
    return { supported: rate, decided: counts.supported + counts.unsupported };
  },
};
