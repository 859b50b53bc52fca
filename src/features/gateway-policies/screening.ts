import type { PolicyDocument, PROTECTION_ACTIONS } from './model.ts';

export type ProtectionAction = (typeof PROTECTION_ACTIONS)[number];
export type Screening = { input: ProtectionAction; output: ProtectionAction };

const ORDER: readonly ProtectionAction[] = ['none', 'observe', 'flag', 'redact', 'block'];
// Planted values say nothing of what people write or models answer: alone they are no filter.
const NO_FILTER = new Set(['canary']);

/** The strictest thing a policy does in each direction; `none` where it looks at nothing, or where there is no policy. */
export function screeningOf(document: PolicyDocument | null): Screening {
  return { input: strictest(document, 'input'), output: strictest(document, 'output') };
}

function strictest(document: PolicyDocument | null, direction: 'input' | 'output'): ProtectionAction {
  let found = 0;
  for (const entry of document?.detectors ?? []) {
    if (NO_FILTER.has(entry.detector)) continue;
    if (entry.direction === direction || entry.direction === 'both')
      found = Math.max(found, ORDER.indexOf(entry.action));
  }
  return ORDER[found] ?? 'none';
}
