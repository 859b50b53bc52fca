import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { MouseEventHandler, ReactNode } from 'react';

/**
 * A button that says why it cannot be used. While `reason` is set it stays focusable, so that the reason can be read by
 * keyboard and by screen readers, and does nothing when pressed.
 */
export function ReasonButton({
  reason,
  onClick,
  children,
  ...rest
}: ButtonProps & {
  reason?: string | null | false;
  onClick?: MouseEventHandler<HTMLButtonElement>;
  children: ReactNode;
  type?: 'button' | 'submit';
  'aria-label'?: string;
}) {
  if (!reason)
    return (
      <Button {...rest} onClick={onClick}>
        {children}
      </Button>
    );
  return (
    <Tooltip label={reason}>
      <Button
        {...rest}
        type="button"
        aria-disabled
        data-disabled
        aria-description={reason}
        onClick={(event) => event.preventDefault()}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
