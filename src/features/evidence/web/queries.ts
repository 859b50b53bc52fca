import { queryOptions } from '@tanstack/react-query';
import type * as z from 'zod';
import { call } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import type { Attestation, AttestationPage, EvidenceDetail, EvidenceItem, EvidencePage } from '../model.ts';

export type EvidenceFilter = { control?: string; source?: string; kind?: string; grade?: string };
type Evidences = z.infer<typeof EvidencePage>;
type Attestations = z.infer<typeof AttestationPage>;

export const evidenceListQuery = (filter: EvidenceFilter) =>
  queryOptions({
    queryKey: ['evidence', filter],
    queryFn: ({ signal }) => everyPage<EvidenceItem, Evidences>('/evidence', filter, 200, signal),
  });

const PENDING_POLL_MS = 1000;

export const evidenceQuery = (id: string) =>
  queryOptions({
    queryKey: ['evidence-item', id],
    queryFn: ({ signal }) => call<EvidenceDetail>('GET', `/evidence/${encodeURIComponent(id)}`, { signal }),
    // An entry waits for the sequencer for a quarter of a second or so; the page then shows its proof by itself.
    refetchInterval: (query) => (query.state.data?.ledger.state === 'pending' ? PENDING_POLL_MS : false),
  });

export const attestationsQuery = (filter: { control?: string; state?: string }) =>
  queryOptions({
    queryKey: ['attestations', filter],
    queryFn: ({ signal }) => everyPage<Attestation, Attestations>('/attestations', filter, 200, signal),
  });

export const attestationQuery = (id: string) =>
  queryOptions({
    queryKey: ['attestation', id],
    queryFn: ({ signal }) => call<Attestation>('GET', `/attestations/${encodeURIComponent(id)}`, { signal }),
  });
