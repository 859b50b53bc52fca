import { Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay } from '#src/apps/web/session.ts';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { Day, When } from '#src/ui/instant.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { STATE_LOOKS } from '#src/ui/state-look.ts';
import { sentenceCase } from '#src/ui/words.ts';
import type { Attestation } from '../model.ts';
import classes from './evidence.module.css';
import { EvidenceFrame } from './evidence-frame.tsx';
import { attestationsQuery } from './queries.ts';

const route = getRouteApi('/app/evidence/attestations');
const STATES = ['waiting', 'accepted', 'rejected', 'expired', 'withdrawn'] as const;

const COLUMNS: Column<Attestation>[] = [
  {
    key: 'title',
    title: 'Title',
    narrow: 'title',
    text: (attestation) => attestation.title,
    render: (attestation) => (
      <>
        <Link to="/evidence/attestations/$attestationId" params={{ attestationId: attestation.id }} {...rowLink}>
          {attestation.title}
        </Link>
        <span className={classes.sub}>{attestation.source}</span>
      </>
    ),
  },
  {
    key: 'state',
    title: 'State',
    text: (attestation) => attestation.state,
    render: (attestation) => <StateBadge state={attestation.state} />,
  },
  {
    key: 'control',
    title: 'Control',
    text: (attestation) => attestation.expectedEvidenceId ?? attestation.controlId,
    render: (attestation) => (
      <Link to="/controls/$controlId" params={{ controlId: attestation.controlId }}>
        {attestation.expectedEvidenceId ?? attestation.controlId}
      </Link>
    ),
  },
  {
    key: 'form',
    title: 'Form',
    narrow: 'hide',
    text: (attestation) => attestation.form,
    render: (attestation) => sentenceCase(attestation.form),
  },
  {
    key: 'owner',
    title: 'By',
    text: (attestation) => attestation.owner.name,
    render: (attestation) => attestation.owner.name,
  },
  {
    key: 'period',
    title: 'Period',
    text: (attestation) => `${attestation.periodFrom} to ${attestation.periodTo}`,
    sort: (attestation) => attestation.periodTo,
    render: (attestation) => (
      <span>
        <Day on={attestation.periodFrom} /> to <Day on={attestation.periodTo} />
      </span>
    ),
  },
  {
    key: 'expires',
    title: 'Expires',
    text: (attestation) => attestation.expiresOn,
    render: (attestation) => <Day on={attestation.expiresOn} />,
  },
  {
    key: 'created',
    title: 'Added',
    narrow: 'hide',
    text: (attestation) => attestation.createdAt,
    render: (attestation) => <When at={attestation.createdAt} age />,
  },
];

export function AttestationsPage() {
  const { state, control } = route.useSearch();
  const navigate = route.useNavigate();
  const mayAttest = useMay('evidence.write');
  const query = useQuery({ ...attestationsQuery({ state, control }), placeholderData: keepPreviousData });
  return (
    <EvidenceFrame
      tab="Statements and files"
      actions={
        mayAttest ? (
          <LinkButton to="/evidence/attestations/new" search={{ control }}>
            Add statement or file
          </LinkButton>
        ) : null
      }
    >
      <Loaded query={query} what="the statements and files">
        {(page) => (
          <DataTable
            label="Statements and files"
            rows={page.items}
            columns={COLUMNS}
            rowKey={(attestation) => attestation.id}
            fileName="statements-and-files"
            initialSort={{ key: 'created', descending: true }}
            filters={
              <>
                <Select
                  size="xs"
                  w={180}
                  aria-label="State"
                  placeholder="Any state"
                  clearable
                  value={state ?? null}
                  data={STATES.map((value) => ({ value, label: STATE_LOOKS[value].word }))}
                  onChange={(next) => navigate({ search: { control, state: next ?? undefined }, replace: true })}
                />
                {control ? (
                  <span className={classes.filterNote}>
                    for {control}{' '}
                    <Link to="/evidence/attestations" search={{ state }}>
                      all controls
                    </Link>
                  </span>
                ) : null}
              </>
            }
            empty={
              state || control ? (
                <Empty title="Nothing fits these filters">
                  <Link to="/evidence/attestations">Show all statements and files</Link>
                </Empty>
              ) : (
                <Empty
                  title="No statement or file yet"
                  action={
                    mayAttest ? (
                      <LinkButton to="/evidence/attestations/new">Add statement or file</LinkButton>
                    ) : undefined
                  }
                >
                  Where no test can tell whether a control operates, a person states it or files a document: for a
                  period, until a day, reviewed by a second person. Both are recorded in the ledger.
                </Empty>
              )
            }
          />
        )}
      </Loaded>
    </EvidenceFrame>
  );
}
