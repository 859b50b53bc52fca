import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Navigate, useRouter } from '@tanstack/react-router';
import { sessionQuery, useSession } from '#src/apps/web/session.ts';
import { Entrance } from './entrance.tsx';
import { SignInForm } from './sign-in-form.tsx';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { next } = route.useSearch();
  const queryClient = useQueryClient();
  const router = useRouter();
  const session = useSession();
  if (session.setupNeeded) return <Navigate to="/setup" />;

  async function enter() {
    queryClient.clear();
    await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 });
    router.history.push(next ?? '/');
  }
  return (
    <Entrance title="Sign in" lead={session.notice}>
      <SignInForm onSignedIn={enter} />
    </Entrance>
  );
}
