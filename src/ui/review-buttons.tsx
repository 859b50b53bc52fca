import type { ButtonProps } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Confirm } from './confirm.tsx';
import { ReasonButton } from './reason-button.tsx';

export type ReviewDecision = 'approved' | 'refused';

/** What is asked before one decision. */
export type ReviewQuestion = {
  title: string;
  /** What follows from it, in plain words. */
  loses?: ReactNode;
  reason: { label: string; description?: string; required: boolean };
  /** Further fields. */
  children?: ReactNode;
};

/**
 * The second person's word: two buttons, and before either counts a dialog that says what follows and asks for a reason.
 * `onDecide` gets the reason, empty where none was needed; when its promise is kept the dialog closes.
 */
export function ReviewButtons({
  whyNot,
  approve,
  refuse,
  size,
  busy,
  error,
  onDecide,
}: {
  /** Why this person may not decide; the buttons stay and say so. */
  whyNot: string | null;
  approve: ReviewQuestion;
  refuse: ReviewQuestion;
  size?: ButtonProps['size'];
  busy: boolean;
  error: string | null;
  onDecide: (decision: ReviewDecision, reason: string) => Promise<unknown>;
}) {
  const [asked, setAsked] = useState<ReviewDecision | null>(null);
  // What was asked stays on the screen while the dialog fades.
  const [shown, setShown] = useState<ReviewDecision>('approved');
  const ask = (decision: ReviewDecision) => {
    setShown(decision);
    setAsked(decision);
  };
  const { title, loses, reason, children } = shown === 'approved' ? approve : refuse;
  return (
    <>
      <ReasonButton {...(size && { size })} variant="filled" reason={whyNot} onClick={() => ask('approved')}>
        Approve …
      </ReasonButton>
      <ReasonButton {...(size && { size })} variant="default" reason={whyNot} onClick={() => ask('refused')}>
        Refuse …
      </ReasonButton>
      <Confirm
        opened={asked !== null}
        title={title}
        loses={loses}
        action={shown === 'approved' ? 'Approve' : 'Refuse'}
        danger={shown === 'refused'}
        reason={reason}
        busy={busy}
        error={error}
        onClose={() => setAsked(null)}
        onConfirm={(text) =>
          onDecide(shown, text).then(
            () => setAsked(null),
            () => undefined,
          )
        }
      >
        {children}
      </Confirm>
    </>
  );
}
