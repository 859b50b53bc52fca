import { queryOptions, useMutation } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useToast } from '#src/ui/toast.tsx';

/** Which AI system each assigned route of the gateway belongs to. */
export const eventRoutesQuery = queryOptions({
  queryKey: ['events', 'routes'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/events/routes', { signal })),
});

/** Gives a route to an AI system, or to none. */
export function useAssignRoute() {
  const toast = useToast();
  return useMutation({
    mutationFn: ({ routeId, systemId }: { routeId: string; path: string; systemId: string | null }) =>
      answerOf(api.PUT('/api/v1/events/routes/{routeId}', { params: { path: { routeId } }, body: { systemId } })),
    onSuccess: (_, { path, systemId }) =>
      toast.done(
        systemId === null ? `${path} belongs to no AI system` : `${path} assigned`,
        'It counts for calls that are read from now on. The entry is recorded in the ledger.',
      ),
    onError: (error, { path }) => toast.failed(`${path} was not assigned`, asFailure(error).message),
  });
}
