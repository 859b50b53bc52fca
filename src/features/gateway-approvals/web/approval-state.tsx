import { StateBadge } from '#src/ui/state-badge.tsx';
import type { ApprovalState } from '../model.ts';

export const STATE_WORDS: Record<ApprovalState, string> = {
  waiting: 'Waits for a person',
  approved: 'Approved, not used yet',
  refused: 'Refused',
  used: 'Approved and used',
  expired: 'Expired',
};

export function ApprovalStateBadge({ state }: { state: ApprovalState }) {
  return <StateBadge state={state === 'used' ? 'approved' : state} word={STATE_WORDS[state]} />;
}
