import { Button } from '@mantine/core';
import { IconLock, IconPlugConnectedX, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';
import classes from './feedback.module.css';

/** Gray bars where rows will stand. Said once to screen readers. */
export function Loading({ what, rows = 6 }: { what: string; rows?: number }) {
  return (
    <div className={classes.loading} role="status" aria-label={`Loading ${what}`}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars are all alike
        <div key={index} className={classes.bar} style={{ width: `${92 - ((index * 17) % 38)}%` }} />
      ))}
    </div>
  );
}

/** Nothing here yet: what this place is for, and the one thing that fills it. */
export function Empty({
  title,
  children,
  command,
  action,
}: {
  title: string;
  children?: ReactNode;
  /** A command that fills it, to copy. */
  command?: string;
  action?: ReactNode;
}) {
  return (
    <div className={classes.empty}>
      <h2>{title}</h2>
      {children ? <div className={classes.text}>{children}</div> : null}
      {command ? (
        <div className={classes.command}>
          <code>{command}</code>
          <CopyButton text={command} what="command" />
        </div>
      ) : null}
      {action ? <div className={classes.action}>{action}</div> : null}
    </div>
  );
}

/** Something failed: what, what to do, the request id for the log, and another try. */
export function Failure({
  title,
  message,
  requestId,
  onRetry,
  retrying = false,
}: {
  title: string;
  message: string;
  requestId?: string;
  onRetry?: () => void;
  retrying?: boolean;
}) {
  return (
    <div className={classes.failure} role="alert">
      <IconPlugConnectedX size={20} stroke={1.5} aria-hidden />
      <div>
        <h2>{title}</h2>
        <p className={classes.text}>{message}</p>
        {requestId ? (
          <p className={classes.request}>
            Request <code>{requestId}</code>
            <CopyButton text={requestId} what="request id" />
          </p>
        ) : null}
        {onRetry ? (
          <Button
            variant="default"
            mt="sm"
            onClick={onRetry}
            loading={retrying}
            leftSection={<IconRefresh size={14} aria-hidden />}
          >
            Try again
          </Button>
        ) : null}
      </div>
    </div>
  );
}

/** The reader's role does not reach here: which one does, and whom to ask. */
export function Forbidden({ what, role }: { what: string; role?: string }) {
  return (
    <div className={classes.failure} role="alert">
      <IconLock size={20} stroke={1.5} aria-hidden />
      <div>
        <h2>You may not see {what}</h2>
        <p className={classes.text}>
          {role ? `Your role, ${role}, does not include it. ` : ''}An owner or admin can change that under Settings,
          Users.
        </p>
      </div>
    </div>
  );
}

/** A sentence set apart. `tone` picks the color of its edge; the words must say the same. */
export function Notice({
  tone = 'neutral',
  children,
}: {
  tone?: 'neutral' | 'stale' | 'fail' | 'pass' | 'noData';
  children: ReactNode;
}) {
  return (
    <div className={classes.notice} data-tone={tone}>
      {children}
    </div>
  );
}
