import { Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page } from '#src/ui/page.tsx';
import { APPROVAL_STATES, type Approval, type ApprovalState } from '../model.ts';
import { ApprovalDrawer } from './approval-drawer.tsx';
import { ApprovalStateBadge, STATE_WORDS } from './approval-state.tsx';
import classes from './approvals.module.css';
import { approvalsQuery } from './queries.ts';

const route = getRouteApi('/app/gateway/approvals');

const COLUMNS: Column<Approval>[] = [
  {
    key: 'tool',
    title: 'Tool',
    narrow: 'title',
    text: (item) => item.tool,
    render: (item) => (
      <>
        <Link to="/gateway/approvals" search={(held: object) => ({ ...held, approval: item.id })} {...rowLink}>
          {item.tool}
        </Link>
        <span className={classes.sub}>{item.route.path ?? item.route.id}</span>
      </>
    ),
  },
  {
    key: 'state',
    title: 'State',
    text: (item) => STATE_WORDS[item.state],
    sort: (item) => APPROVAL_STATES.indexOf(item.state),
    render: (item) => <ApprovalStateBadge state={item.state} />,
  },
  {
    key: 'caller',
    title: 'Asked by',
    text: (item) => `${item.tenant.name ?? item.tenant.id} ${item.key?.name ?? ''}`,
    render: (item) => (
      <>
        {item.tenant.name ?? item.tenant.id}
        <span className={classes.sub}>{item.key ? `key ${item.key.name ?? item.key.id}` : 'token'}</span>
      </>
    ),
  },
  { key: 'asked', title: 'Asked', text: (item) => item.askedAt, render: (item) => <When at={item.askedAt} /> },
  {
    key: 'decided',
    title: 'Decided',
    text: (item) => `${item.decidedBy?.name ?? ''} ${item.decidedAt ?? ''}`,
    sort: (item) => item.decidedAt ?? '',
    render: (item) =>
      item.decidedAt ? (
        <>
          {item.decidedBy?.name}
          <span className={classes.sub}>
            <When at={item.decidedAt} />
          </span>
        </>
      ) : item.state === 'waiting' ? (
        <span className={classes.sub}>
          until <When at={item.expiresAt} />
        </span>
      ) : (
        'nobody'
      ),
  },
];

/** Calls of tools with high impact: those that wait for a person, and what became of the others. */
export function ApprovalsPage() {
  const { approval, state } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery({ ...approvalsQuery(state ? { state } : {}), placeholderData: keepPreviousData });
  return (
    <Page
      title="Approvals"
      documentTitle="Approvals · Gateway"
      lead="Calls of tools for which a policy asks a person. An approval counts once, for one call of one caller; what nobody decides within an hour expires."
    >
      <Loaded query={query} what="the approvals" rows={6}>
        {(page) => (
          <DataTable
            label="Approvals"
            rows={page.items}
            columns={COLUMNS}
            rowKey={(item) => item.id}
            fileName="gateway-approvals"
            initialSort={{ key: 'asked', descending: true }}
            isCurrent={(item) => item.id === approval}
            note={page.waiting === 1 ? '1 call waits for a person' : `${page.waiting} calls wait for a person`}
            filters={
              <Select
                size="xs"
                w={200}
                aria-label="State"
                placeholder="Any state"
                clearable
                value={state ?? null}
                data={APPROVAL_STATES.map((value) => ({ value, label: STATE_WORDS[value] }))}
                onChange={(value) =>
                  navigate({
                    search: (held) => ({ ...held, state: (value as ApprovalState | null) ?? undefined }),
                    replace: true,
                  })
                }
              />
            }
            empty={
              state ? (
                <Empty title="No call is like that">
                  <p>Clear the filter above to see the rest.</p>
                </Empty>
              ) : (
                <Empty title="No tool call has asked for a person" command="bin/assay gateway approval list">
                  <p>
                    List the tools a model may call in a policy, and set those that pay, delete or write to outsiders to
                    “a person approves each call”. Their calls wait here.
                  </p>
                </Empty>
              )
            }
          />
        )}
      </Loaded>
      {approval ? (
        <ApprovalDrawer
          id={approval}
          onClose={() => navigate({ search: (held) => ({ ...held, approval: undefined }), replace: true })}
        />
      ) : null}
    </Page>
  );
}
