import { StateBadge } from '#src/ui/state-badge.tsx';
import type { AbuseFinding } from '../model.ts';

const SEVERITY_STATES = { critical: 'fail', high: 'fail', medium: 'stale' } as const;
const STATE_LOOKS = { open: 'failing', acted: 'pass', dismissed: 'rejected' } as const;
export const STATE_WORDS = { open: 'Open', acted: 'Acted on', dismissed: 'Dismissed' } as const;

export function SeverityBadge({ severity }: { severity: AbuseFinding['severity'] }) {
  return <StateBadge state={SEVERITY_STATES[severity]} word={severity[0]?.toUpperCase() + severity.slice(1)} />;
}

export function FindingState({ state }: { state: AbuseFinding['state'] }) {
  return <StateBadge state={STATE_LOOKS[state]} word={STATE_WORDS[state]} />;
}
