import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import type { ControlState } from '#src/features/controls/model.ts';
import type { ControlCounts } from '#src/features/overview/model.ts';

/** The verdict in one sentence. Every number opens to the controls it counts. */
export function Verdict({ counts }: { counts: ControlCounts }) {
  const linked = (state: ControlState, amount: number, words: ReactNode) =>
    amount > 0 ? (
      <>
        <Link to="/controls" search={{ state, scope: 'in' }}>
          {amount.toLocaleString('en-US')}
        </Link>{' '}
        {words}
      </>
    ) : null;
  const is = (amount: number) => (amount === 1 ? 'is' : 'are');
  const troubles = [
    linked('failing', counts.failing, `${is(counts.failing)} failing`),
    linked('error', counts.error, 'could not be tested'),
    linked('no_data', counts.noData, `${counts.noData === 1 ? 'has' : 'have'} no data`),
    linked('stale', counts.stale, `${is(counts.stale)} stale`),
    linked('partial', counts.partial, `${is(counts.partial)} partly covered`),
  ].filter((part) => part !== null);
  const judged = counts.total - counts.notApplicable;
  if (judged === 0) return <>No control is in scope.</>;
  if (troubles.length === 0) return <>All {linked('passing', counts.passing, 'controls in scope are passing.')}</>;
  return (
    <>
      Of {judged.toLocaleString('en-US')} controls in scope,{' '}
      {troubles.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the order of the parts is fixed
        <Fragment key={index}>
          {index === 0 ? '' : index === troubles.length - 1 ? ' and ' : ', '}
          {part}
        </Fragment>
      ))}
      .{' '}
      {counts.passing === 0
        ? 'None is passing.'
        : linked('passing', counts.passing, counts.passing === 1 ? 'is passing.' : 'are passing.')}
    </>
  );
}
