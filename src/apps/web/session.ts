import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Permission, Session } from '#src/features/users/model.ts';
import { answerOf, openApi } from './client.ts';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => answerOf(openApi.GET('/api/v1/session', { signal })),
  staleTime: 60_000,
});

const SIGNED_OUT: Session = { user: null, permissions: [], setupNeeded: false, notice: null };

export function useSession(): Session {
  return useQuery(sessionQuery).data ?? SIGNED_OUT;
}

export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}

/** Why the reader cannot do something, for a disabled button; null when they can. */
export function useWhyNot(permission: Permission, todo: string): string | null {
  const session = useSession();
  if (session.permissions.includes(permission)) return null;
  return `Your role${session.user ? `, ${session.user.role},` : ''} does not allow you to ${todo}.`;
}
