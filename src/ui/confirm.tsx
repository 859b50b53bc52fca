import { Button, Modal, Textarea } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import classes from './confirm.module.css';

/**
 * Asks before something that cannot be undone or must be explained. `loses` says in plain words what will be lost;
 * `reason` asks for one, which is recorded.
 */
export function Confirm({
  opened,
  title,
  loses,
  action,
  danger = true,
  reason,
  busy = false,
  error,
  onConfirm,
  onClose,
  children,
}: {
  opened: boolean;
  title: string;
  loses?: ReactNode;
  action: string;
  danger?: boolean;
  reason?: { label: string; description?: string; required: boolean };
  busy?: boolean;
  error?: string | null;
  onConfirm: (reason: string) => void;
  onClose: () => void;
  children?: ReactNode;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="md" closeButtonProps={{ 'aria-label': 'Close' }}>
      <ConfirmForm {...{ loses, action, danger, reason, busy, error, onConfirm, onClose }}>{children}</ConfirmForm>
    </Modal>
  );
}

type FormProps = Omit<Parameters<typeof Confirm>[0], 'opened' | 'title'>;

function ConfirmForm({ loses, action, danger, reason, busy, error, onConfirm, onClose, children }: FormProps) {
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (reason?.required && text.trim() === '') return setMissing(true);
    onConfirm(text.trim());
  }
  return (
    <form onSubmit={submit} noValidate>
      {loses ? <div className={classes.loses}>{loses}</div> : null}
      {children}
      {reason ? (
        <Textarea
          mt="sm"
          label={reason.label}
          description={reason.description}
          withAsterisk={reason.required}
          rows={3}
          maxLength={2000}
          value={text}
          error={missing && text.trim() === '' ? 'Say why: it is recorded with the decision.' : undefined}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
      ) : null}
      {error ? (
        <p className={classes.error} role="alert">
          {error}
        </p>
      ) : null}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          type="submit"
          color={danger ? 'vermilion' : undefined}
          loading={busy}
          data-autofocus={reason ? undefined : true}
        >
          {action}
        </Button>
      </div>
    </form>
  );
}
