import { Modal } from '@mantine/core';
import { SignInForm } from './sign-in-form.tsx';

/** Asks for the password again, over a page that stays as it is. */
export function SignInDialog({
  email,
  onSignedIn,
  onLeave,
}: {
  email: string;
  onSignedIn: () => void;
  onLeave: () => void;
}) {
  return (
    <Modal
      opened
      onClose={onLeave}
      title="Your session has ended"
      size="sm"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Leave this page' }}
    >
      <p>Sign in again to go on. What you typed on this page is still there.</p>
      <SignInForm email={email} onSignedIn={onSignedIn} />
    </Modal>
  );
}
