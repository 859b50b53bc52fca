import type { Tone } from './palette.ts';
import type { MarkShape } from './state-mark.tsx';

/** How a state is shown. `loud` states ask for action and are filled; the rest are quiet. */
export type StateLook = { word: string; tone: Tone; shape: MarkShape; loud: boolean };

/** Every state word of the product. Missing data is as loud as failure, because nobody knows what it hides. */
export const STATE_LOOKS = {
  // Controls and criteria
  passing: { word: 'Passing', tone: 'pass', shape: 'check', loud: false },
  failing: { word: 'Failing', tone: 'fail', shape: 'cross', loud: true },
  no_data: { word: 'No data', tone: 'noData', shape: 'question', loud: true },
  stale: { word: 'Stale', tone: 'stale', shape: 'clock', loud: false },
  partial: { word: 'Partial', tone: 'partial', shape: 'half', loud: false },
  not_applicable: { word: 'Not applicable', tone: 'neutral', shape: 'dash', loud: false },
  error: { word: 'Error', tone: 'error', shape: 'warning', loud: true },
  // Single test results
  pass: { word: 'Pass', tone: 'pass', shape: 'check', loud: false },
  fail: { word: 'Fail', tone: 'fail', shape: 'cross', loud: true },
  // Inventory
  proposed: { word: 'To confirm', tone: 'stale', shape: 'dotted', loud: false },
  confirmed: { word: 'Confirmed', tone: 'pass', shape: 'check', loud: false },
  rejected: { word: 'Rejected', tone: 'neutral', shape: 'slash', loud: false },
  gone: { word: 'Gone', tone: 'neutral', shape: 'dash', loud: false },
  // Attestations
  waiting: { word: 'Waiting for review', tone: 'stale', shape: 'dotted', loud: false },
  accepted: { word: 'Accepted', tone: 'pass', shape: 'check', loud: false },
  expired: { word: 'Expired', tone: 'stale', shape: 'clock', loud: false },
  withdrawn: { word: 'Withdrawn', tone: 'neutral', shape: 'slash', loud: false },
  // Evidence
  current: { word: 'Current', tone: 'pass', shape: 'check', loud: false },
  superseded: { word: 'Superseded', tone: 'neutral', shape: 'clock', loud: false },
  due: { word: 'Due', tone: 'stale', shape: 'clock', loud: false },
  never: { word: 'Never', tone: 'noData', shape: 'question', loud: false },
  // People and keys
  active: { word: 'Active', tone: 'pass', shape: 'check', loud: false },
  invited: { word: 'Invited', tone: 'stale', shape: 'dotted', loud: false },
  disabled: { word: 'Disabled', tone: 'neutral', shape: 'slash', loud: false },
  owner_inactive: { word: 'Owner inactive', tone: 'neutral', shape: 'slash', loud: false },
  retired: { word: 'Retired', tone: 'neutral', shape: 'dash', loud: false },
  // Work in the background
  queued: { word: 'Queued', tone: 'neutral', shape: 'dotted', loud: false },
  running: { word: 'Running', tone: 'partial', shape: 'running', loud: false },
  recorded: { word: 'Recorded', tone: 'pass', shape: 'check', loud: false },
  ready: { word: 'Ready', tone: 'pass', shape: 'check', loud: false },
  failed: { word: 'Failed', tone: 'fail', shape: 'cross', loud: true },
  canceled: { word: 'Canceled', tone: 'neutral', shape: 'slash', loud: false },
  // Alerts
  open: { word: 'Open', tone: 'fail', shape: 'warning', loud: true },
  acknowledged: { word: 'Acknowledged', tone: 'partial', shape: 'half', loud: false },
  resolved: { word: 'Resolved', tone: 'pass', shape: 'check', loud: false },
  in_force: { word: 'In force', tone: 'stale', shape: 'clock', loud: false },
  scheduled: { word: 'Scheduled', tone: 'neutral', shape: 'dotted', loud: false },
  ended: { word: 'Ended', tone: 'neutral', shape: 'dash', loud: false },
  refused: { word: 'Refused', tone: 'neutral', shape: 'slash', loud: false },
  delivered: { word: 'Delivered', tone: 'pass', shape: 'check', loud: false },
  dead: { word: 'Not delivered', tone: 'fail', shape: 'cross', loud: true },
  // Gateway
  suspended: { word: 'Suspended', tone: 'stale', shape: 'slash', loud: false },
  revoked: { word: 'Revoked', tone: 'neutral', shape: 'slash', loud: false },
  draft: { word: 'Draft', tone: 'neutral', shape: 'dotted', loud: false },
  submitted: { word: 'Waiting for review', tone: 'stale', shape: 'dotted', loud: false },
  approved: { word: 'Approved', tone: 'pass', shape: 'check', loud: false },
  no_policy: { word: 'No policy', tone: 'fail', shape: 'cross', loud: true },
  loosened: { word: 'Loosened', tone: 'fail', shape: 'warning', loud: true },
  tightened: { word: 'Tightened', tone: 'pass', shape: 'check', loud: false },
  changed: { word: 'Changed', tone: 'neutral', shape: 'half', loud: false },
  // Scope
  in: { word: 'In scope', tone: 'pass', shape: 'check', loud: false },
  out: { word: 'Out of scope', tone: 'neutral', shape: 'slash', loud: false },
  undecided: { word: 'Scope undecided', tone: 'noData', shape: 'question', loud: false },
} as const satisfies Record<string, StateLook>;

export type StateWord = keyof typeof STATE_LOOKS;
