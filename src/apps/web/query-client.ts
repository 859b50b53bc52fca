import { MutationCache, QueryClient } from '@tanstack/react-query';
import { ApiFailure } from './failure.ts';

/** Failures that another try cannot mend. */
const FINAL = new Set([
  'invalid_input',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'too_large',
  'unsupported',
]);

export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        refetchOnWindowFocus: true,
        retry: (tries, error) => tries < 2 && !(error instanceof ApiFailure && FINAL.has(error.code)),
      },
    },
    mutationCache: new MutationCache({
      // Every verdict, count and list is computed from the records, so any change may show anywhere.
      onSuccess: () => {
        client.invalidateQueries();
      },
    }),
  });
  return client;
}
