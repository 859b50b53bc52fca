import type { Verdict } from '#src/gateway/decision.ts';

/** Checks that show more than that prompts or answers are filtered; others are by their direction. */
const OF_CHECK: Readonly<Record<string, string>> = {
  'check:json_schema': 'GRD-07',
  'check:max_output_tokens': 'GRD-07',
  'check:tool_calls': 'AGT-02',
  'check:tool_approval': 'AGT-03',
  'check:grounding': 'GRD-08',
  'check:probabilities': 'API-05',
  canary: 'TEN-03',
};

/** The control of the catalog that a check on a call carries out. */
export function controlOf({ detector, direction }: Pick<Verdict, 'detector' | 'direction'>): string {
  return OF_CHECK[detector] ?? (direction === 'output' ? 'GRD-02' : 'GRD-01');
}
