import { Button, Menu } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { CaptureDialog } from '#src/features/gateway-payloads/web/capture-dialog.tsx';
import { captureQuery } from '#src/features/gateway-payloads/web/queries.ts';
import { policiesQuery, tenantsQuery } from '#src/features/gateway-policies/web/queries.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { AUDIENCES, isLimited, type Tenant } from '../model.ts';
import { KeysSection } from './keys-section.tsx';
import { limitsInWords } from './limit-fields.tsx';
import { TenantDialog } from './tenant-dialog.tsx';

const route = getRouteApi('/app/gateway/tenants');

/** Who may call, how much, and with which keys. */
export function TenantsPage() {
  const { tenant: chosen } = route.useSearch();
  const query = useQuery(tenantsQuery);
  const policies = useQuery(policiesQuery).data?.items ?? [];
  const whyNot = useWhyNot('gateway.write', 'change tenants');
  const [editing, setEditing] = useState<Tenant | 'new' | null>(null);
  const [stopping, setStopping] = useState<Tenant | null>(null);
  const [capturing, setCapturing] = useState<Tenant | null>(null);
  const captures = useQuery(captureQuery).data?.subjects;
  const payloads = ({ id, captureDays }: Tenant) =>
    captures?.some((one) => one.id === id && one.waiting)
      ? 'waits for a second person'
      : captureDays > 0
        ? `kept ${captureDays} days`
        : 'not kept';
  const policyName = (id: string | null) => policies.find((policy) => policy.id === id)?.name ?? '';
  const columns = columnsWith({
    whyNot,
    policyName,
    onEdit: setEditing,
    onStop: setStopping,
    onCapture: setCapturing,
    payloads,
  });
  return (
    <Page title="Tenants and keys" documentTitle="Tenants and keys · Gateway">
      <Loaded query={query} what="the tenants">
        {({ items }) => (
          <>
            <Section
              title="Tenants"
              flush
              lead="A customer of yours, or a service of your own. What one does never reaches another."
              aside={
                <ReasonButton
                  reason={whyNot}
                  leftSection={<IconPlus size={14} aria-hidden />}
                  onClick={() => setEditing('new')}
                >
                  Add a tenant
                </ReasonButton>
              }
            >
              <DataTable
                label="Tenants"
                rows={items}
                columns={columns}
                rowKey={({ id }) => id}
                fileName="gateway-tenants"
                isCurrent={({ id }) => id === chosen}
                empty={
                  <Empty title="No tenant yet" command="bin/assay gateway tenant add my-app --internal">
                    Every call belongs to a tenant: limits, policies, records and isolation go by it.
                  </Empty>
                }
              />
            </Section>
            <KeysSection tenants={items.filter(({ purpose }) => purpose === 'callers')} tenantId={chosen} />
            <TenantDialog tenant={editing} onClose={() => setEditing(null)} />
            <CaptureDialog
              subject={capturing && { kind: 'tenant', id: capturing.id, name: capturing.name }}
              onClose={() => setCapturing(null)}
            />
            <Stop tenant={stopping} onClose={() => setStopping(null)} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

type Acting = {
  whyNot: string | null;
  policyName: (id: string | null) => string;
  onEdit: (tenant: Tenant) => void;
  onStop: (tenant: Tenant) => void;
  onCapture: (tenant: Tenant) => void;
  payloads: (tenant: Tenant) => string;
};

const PURPOSES = { judging: 'Assay, for judges', probing: 'Assay, for probes' } as const;
const kindOf = ({ purpose, audience }: Tenant) =>
  purpose === 'callers' ? AUDIENCES[audience].title : PURPOSES[purpose];

function columnsWith(act: Acting): Column<Tenant>[] {
  return [
    {
      key: 'name',
      title: 'Name',
      narrow: 'title',
      text: ({ name }) => name,
      render: ({ name }) => <strong style={{ fontWeight: 500 }}>{name}</strong>,
    },
    {
      key: 'audience',
      title: 'Kind',
      text: kindOf,
      render: kindOf,
    },
    { key: 'state', title: 'State', text: ({ state }) => state, render: ({ state }) => <StateBadge state={state} /> },
    {
      key: 'limits',
      title: 'Limits',
      text: ({ limits }) => limitsInWords(limits),
      render: ({ limits }) =>
        isLimited(limits) ? (
          limitsInWords(limits)
        ) : (
          <>
            <StateBadge state="failing" word="Not limited" /> {limitsInWords(limits)}
          </>
        ),
    },
    {
      key: 'policy',
      title: 'Own policy',
      text: ({ policyId }) => act.policyName(policyId),
      render: ({ policyId }) => act.policyName(policyId) || 'that of the path',
    },
    {
      key: 'payloads',
      title: 'Payloads',
      text: (tenant) => act.payloads(tenant),
      render: (tenant) => act.payloads(tenant),
    },
    {
      key: 'keys',
      title: 'Keys',
      numeric: true,
      text: ({ keys }) => String(keys.active),
      sort: ({ keys }) => keys.active,
      render: ({ id, keys }) => (
        <Link to="/gateway/tenants" search={{ tenant: id }}>
          {keys.active} of {keys.all}
        </Link>
      ),
    },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: (tenant) => <Actions tenant={tenant} {...act} />,
    },
  ];
}

function Actions({ tenant, whyNot, onEdit, onStop, onCapture }: Acting & { tenant: Tenant }) {
  const toast = useToast();
  const resume = useMutation({
    mutationFn: () =>
      answerOf(
        api.PATCH('/api/v1/gateway/tenants/{id}', { params: { path: { id: tenant.id } }, body: { state: 'active' } }),
      ),
    onSuccess: () => toast.done(`${tenant.name} is taken again`),
    onError: (error) => toast.failed('Nothing was changed', asFailure(error).message),
  });
  if (whyNot) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-sm" aria-label={`Actions for ${tenant.name}`}>
          Change …
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onEdit(tenant)}>Limits and policy …</Menu.Item>
        <Menu.Item onClick={() => onCapture(tenant)}>Payloads …</Menu.Item>
        {tenant.state === 'active' ? (
          <Menu.Item onClick={() => onStop(tenant)}>Suspend …</Menu.Item>
        ) : (
          <Menu.Item onClick={() => resume.mutate()}>Resume</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Stop({ tenant, onClose }: { tenant: Tenant | null; onClose: () => void }) {
  const toast = useToast();
  const stop = useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) =>
      answerOf(
        api.PATCH('/api/v1/gateway/tenants/{id}', { params: { path: { id } }, body: { state: 'suspended', reason } }),
      ),
    onSuccess: () => {
      toast.done('Suspended');
      onClose();
    },
  });
  return (
    <Confirm
      opened={tenant !== null}
      title={`Suspend ${tenant?.name ?? ''}?`}
      loses="Every call of the tenant is refused within a second, on every node. Its keys stay and work again when it is resumed."
      action="Suspend"
      danger
      reason={{ label: 'Why', required: true }}
      busy={stop.isPending}
      error={stop.error ? asFailure(stop.error).message : null}
      onConfirm={(reason) => tenant && stop.mutate({ id: tenant.id, reason })}
      onClose={onClose}
    />
  );
}
