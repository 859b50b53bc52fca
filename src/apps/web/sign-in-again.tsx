import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Session } from '#src/features/users/model.ts';
import { onExpiredSession } from './client.ts';
import { sessionQuery } from './session.ts';

const SignInDialog = lazy(() =>
  import('#src/features/users/web/sign-in-dialog.tsx').then((file) => ({ default: file.SignInDialog })),
);

/**
 * When a session ends under a page, the page stays as it is, with everything typed into it: this asks for the password
 * over it, and the calls that met the expired session are then sent once more.
 */
export function SignInAgain() {
  const queryClient = useQueryClient();
  const [before, setBefore] = useState<Session | null>(null);
  const waiting = useRef<((again: boolean) => void)[]>([]);

  useEffect(() => {
    onExpiredSession(() => {
      const session = queryClient.getQueryData(sessionQuery.queryKey);
      // Nobody was signed in: the router leads to the sign-in page.
      if (!session?.user) return Promise.resolve(false);
      setBefore(session);
      return new Promise((resolve) => waiting.current.push(resolve));
    });
    return () => onExpiredSession(null);
  }, [queryClient]);

  function settle(again: boolean) {
    setBefore(null);
    for (const resolve of waiting.current.splice(0)) resolve(again);
  }
  async function enter() {
    const session = await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 });
    // What is on the page belongs to the person before: somebody else starts from an empty one.
    if (session.user?.id !== before?.user?.id) return window.location.assign('/');
    settle(true);
  }
  function leave() {
    settle(false);
    const next = `${window.location.pathname}${window.location.search}`;
    window.location.assign(`/sign-in?next=${encodeURIComponent(next)}`);
  }

  if (!before?.user) return null;
  return (
    <Suspense fallback={null}>
      <SignInDialog email={before.user.email} onSignedIn={enter} onLeave={leave} />
    </Suspense>
  );
}
