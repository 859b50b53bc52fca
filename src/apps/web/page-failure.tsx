import { Link } from '@tanstack/react-router';
import { Failure, Forbidden } from '#src/ui/feedback.tsx';
import { Page } from '#src/ui/page.tsx';
import { asFailure } from './failure.ts';
import { useSession } from './session.ts';

/** What a page shows in place of its content when a call failed. */
export function QueryFailure({
  error,
  what,
  onRetry,
  retrying,
}: {
  error: unknown;
  /** What was to be shown, e.g. `the controls`. */
  what: string;
  onRetry?: () => void;
  retrying?: boolean;
}) {
  const failure = asFailure(error);
  const role = useSession().user?.role;
  if (failure.code === 'forbidden') return <Forbidden what={what} role={role} />;
  const title = failure.code === 'not_found' ? 'There is no such page' : `Could not load ${what}`;
  return (
    <Failure
      title={title}
      message={failure.message}
      requestId={failure.requestId}
      onRetry={failure.code === 'not_found' ? undefined : onRetry}
      retrying={retrying}
    />
  );
}

/** The last resort: a page whose code failed. */
export function PageFailure({ error, reset }: { error: unknown; reset?: () => void }) {
  const failure = asFailure(error);
  return (
    <Page title="This page failed" documentTitle="Error">
      <Failure
        title="Something went wrong here"
        message={failure.message}
        requestId={failure.requestId}
        onRetry={reset}
      />
    </Page>
  );
}

export function NotFoundPage() {
  return (
    <Page title="There is no such page" documentTitle="Not found">
      <p>
        The address leads nowhere. Go to the <Link to="/">overview</Link>.
      </p>
    </Page>
  );
}
