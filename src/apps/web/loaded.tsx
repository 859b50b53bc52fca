import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loading } from '#src/ui/feedback.tsx';
import { QueryFailure } from './page-failure.tsx';

/** What a query gives, or why it gives nothing yet. Data that was there stays while it is read again. */
export function Loaded<Data>({
  query,
  what,
  rows,
  children,
}: {
  query: UseQueryResult<Data>;
  /** What is being read, e.g. `the controls`. */
  what: string;
  rows?: number;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error)
    return <QueryFailure error={query.error} what={what} onRetry={() => query.refetch()} retrying={query.isFetching} />;
  return <Loading what={what} rows={rows} />;
}
