import type { TestView } from '#src/features/controls/index.ts';
import type { NextStep, Overview } from './model.ts';
import { amount } from './words.ts';

const STEPS_MAX = 8;
/** Worst first. */
export const SEVERITIES: readonly string[] = ['critical', 'high', 'medium', 'low'];

export type NextStepInput = {
  failing: readonly TestView[];
  /** Ids of tests that passed not long ago. */
  regressions: ReadonlySet<string>;
  inventory: Overview['inventory'];
  attestationsWaiting: number;
  collectors: Overview['collectors'];
  organization: string | null;
};

/** What to do next: the worst first, what broke before what never worked; at most eight steps, each one page away. */
export function nextSteps(input: NextStepInput): NextStep[] {
  const steps = [...testSteps(input), ...houseSteps(input)];
  const rank = (step: RankedStep) => SEVERITIES.indexOf(step.severity) * 2 - (step.broke ? 1 : 0);
  return steps
    .sort((a, b) => rank(a) - rank(b) || b.weight - a.weight)
    .slice(0, STEPS_MAX)
    .map(({ broke: _broke, weight: _weight, ...step }) => step);
}

type RankedStep = NextStep & { broke: boolean; weight: number };

function testSteps({ failing, regressions }: NextStepInput): RankedStep[] {
  return failing.map((view) => ({
    title: view.test.fix.summary,
    why: view.because,
    href: `/controls/tests/${view.test.id}?result=fail`,
    action: `See ${amount(view.counts.fail, 'finding')}`,
    severity: view.test.severity,
    broke: regressions.has(view.test.id),
    weight: view.counts.fail,
  }));
}

function houseSteps({ inventory, attestationsWaiting, collectors, organization }: NextStepInput): RankedStep[] {
  const steps: RankedStep[] = [];
  const add = (step: NextStep, weight: number) => steps.push({ ...step, broke: false, weight });
  if (inventory.proposed > 0)
    add(
      {
        title: `Decide about ${amount(inventory.proposed, 'item')} found by scans.`,
        why: 'Until somebody confirms or rejects them, the inventory proves nothing about them.',
        href: '/inventory/items?state=proposed',
        action: 'Review items',
        severity: 'high',
      },
      inventory.proposed,
    );
  const late = collectors.filter((collector) => collector.stale);
  if (late.length > 0)
    add(
      {
        title: `Read ${amount(late.length, 'source')} again.`,
        why: `What was read of ${late
          .map((collector) => collector.title)
          .slice(0, 3)
          .join(', ')} is too old to count.`,
        href: '/inventory/scans',
        action: 'Scan',
        severity: 'high',
      },
      late.length,
    );
  if (attestationsWaiting > 0)
    add(
      {
        title: `Review ${amount(attestationsWaiting, 'attestation')}.`,
        why: 'An attestation counts only after a second person accepted it.',
        href: '/evidence/attestations?state=waiting',
        action: 'Review',
        severity: 'medium',
      },
      attestationsWaiting,
    );
  if (organization === null)
    add(
      {
        title: 'Say who the company is and what the report covers.',
        why: 'Scope decides which controls count.',
        href: '/settings/company',
        action: 'Open profile',
        severity: 'medium',
      },
      0,
    );
  return steps;
}
