import { StateBadge } from '#src/ui/state-badge.tsx';
import type { StateWord } from '#src/ui/state-look.ts';
import { type DecisionOutcome, OUTCOME_TITLES } from '../model.ts';

const LOOKS: Record<DecisionOutcome, StateWord> = {
  allowed: 'pass',
  changed: 'partial',
  refused: 'rejected',
  // As loud as missing data, because that is what it is.
  not_evaluated: 'no_data',
};

export function OutcomeBadge({ outcome }: { outcome: DecisionOutcome }) {
  return <StateBadge state={LOOKS[outcome]} word={OUTCOME_TITLES[outcome]} />;
}
