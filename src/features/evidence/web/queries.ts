import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import type { AttestationQuery, EvidenceQuery } from '../model.ts';

export type EvidenceFilter = Pick<EvidenceQuery, 'control' | 'source' | 'kind' | 'grade'>;
export type AttestationFilter = Pick<AttestationQuery, 'control' | 'state'>;

export const evidenceListQuery = (filter: EvidenceFilter) =>
  queryOptions({
    queryKey: ['evidence', filter],
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        answerOf(api.GET('/api/v1/evidence', { params: { query: { ...filter, limit: 200, cursor } }, signal })),
      ),
  });

const PENDING_POLL_MS = 1000;

export const evidenceQuery = (id: string) =>
  queryOptions({
    queryKey: ['evidence-item', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/evidence/{id}', { params: { path: { id } }, signal })),
    // An entry waits for the sequencer for a quarter of a second or so; the page then shows its proof by itself.
    refetchInterval: (query) => (query.state.data?.ledger.state === 'pending' ? PENDING_POLL_MS : false),
  });

export const attestationsQuery = (filter: AttestationFilter) =>
  queryOptions({
    queryKey: ['attestations', filter],
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        answerOf(api.GET('/api/v1/attestations', { params: { query: { ...filter, limit: 200, cursor } }, signal })),
      ),
  });

export const attestationQuery = (id: string) =>
  queryOptions({
    queryKey: ['attestation', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/attestations/{id}', { params: { path: { id } }, signal })),
  });
