import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { Endpoint, EndpointPage } from '../model.ts';

export const endpointsQuery = queryOptions({
  queryKey: ['endpoint-probes'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/endpoint-probes', { signal })),
});

/** The same reading as the control test: only 401 and 403 say that strangers are refused. */
function stateOf({ probe }: Endpoint): { state: 'pass' | 'fail' | 'no_data'; word: string } {
  if (probe === null) return { state: 'no_data', word: 'Never probed' };
  const statuses = [probe.withoutKey, probe.wrongKey];
  if (statuses.some((status) => status !== null && status >= 200 && status < 300))
    return { state: 'fail', word: 'Serves strangers' };
  return statuses.every((status) => status === 401 || status === 403)
    ? { state: 'pass', word: 'Refuses strangers' }
    : { state: 'no_data', word: 'Says nothing' };
}

const got = ({ probe }: Endpoint) =>
  probe === null ? '' : `${probe.withoutKey ?? 'no answer'}, ${probe.wrongKey ?? 'no answer'}`;

const COLUMNS: Column<Endpoint>[] = [
  {
    key: 'title',
    title: 'Endpoint',
    narrow: 'title',
    text: ({ title }) => title,
    sort: ({ title }) => title,
    render: ({ itemId, title }) => (
      <Link to="/inventory/items" search={{ item: itemId }} {...rowLink}>
        {title}
      </Link>
    ),
  },
  {
    key: 'state',
    title: 'State',
    text: (row) => stateOf(row).word,
    sort: (row) => stateOf(row).word,
    render: (row) => <StateBadge {...stateOf(row)} />,
  },
  { key: 'url', title: 'Address', text: ({ probe }) => probe?.url ?? '', render: ({ probe }) => probe?.url ?? '–' },
  {
    key: 'got',
    title: 'Without a key, wrong key',
    text: got,
    render: (row) => row.probe?.problem ?? (got(row) || '–'),
  },
  {
    key: 'at',
    title: 'When',
    text: ({ probe }) => probe?.probedAt ?? '',
    render: ({ probe }) => (probe ? <When at={probe.probedAt} /> : '–'),
  },
];

/** Inference endpoints of the inventory, with what a stranger gets there. */
export function EndpointsSection() {
  const query = useQuery(endpointsQuery);
  return (
    <Section
      title="Endpoints beside the gateway"
      lead="Inference endpoints of the inventory. Each is called without credentials and with wrong ones, at once and each day; one without an address has no data."
      flush
    >
      <Loaded query={query} what="the endpoints" rows={3}>
        {(page) => (
          <>
            <DataTable
              label="Endpoints"
              rows={page.items}
              columns={COLUMNS}
              rowKey={({ itemId }) => itemId}
              fileName="endpoint-probes"
              empty={
                <Empty title="The inventory holds no inference endpoint" command="bin/assay scan . --record">
                  <p>A recorded scan finds the endpoints in your code. Their addresses are entered here.</p>
                </Empty>
              }
            />
            {page.total > 0 ? <NewAddress page={page} /> : null}
          </>
        )}
      </Loaded>
    </Section>
  );
}

function NewAddress({ page }: { page: EndpointPage }) {
  const client = useQueryClient();
  const toast = useToast();
  const whyNot = useWhyNot('gateway.write', 'probe endpoints');
  const first = page.items.find(({ probe }) => probe === null) ?? page.items[0];
  const [itemId, setItemId] = useState(first?.itemId ?? '');
  const [url, setUrl] = useState('');
  const [method, setMethod] = useState<'GET' | 'POST'>('POST');
  const [allowPrivateAddress, setAllowPrivate] = useState(false);
  const probe = useMutation({
    mutationFn: () =>
      answerOf(
        api.PUT('/api/v1/endpoint-probes/{itemId}', {
          params: { path: { itemId } },
          body: { url, method, allowPrivateAddress },
        }),
      ),
    onSuccess: async (found) => {
      toast.done(`${found.title}: ${stateOf(found).word.toLowerCase()}`);
      await client.invalidateQueries({ queryKey: endpointsQuery.queryKey });
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    probe.mutate();
  }
  return (
    <form onSubmit={submit} aria-label="Address of an endpoint" style={{ padding: '1rem 0 0' }}>
      <FormStack>
        <FormRow>
          <Select
            label="Endpoint"
            searchable
            allowDeselect={false}
            data={page.items.map((one) => ({ value: one.itemId, label: one.title }))}
            value={itemId}
            onChange={(value) => value && setItemId(value)}
          />
          <TextInput
            label="Address"
            placeholder="https://api.example.com/v1/chat"
            maxLength={500}
            required
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
          />
          <Select
            label="Method"
            allowDeselect={false}
            data={['POST', 'GET']}
            value={method}
            onChange={(value) => value && setMethod(value as typeof method)}
          />
        </FormRow>
        <Checkbox
          label="It is on a private network or this machine"
          checked={allowPrivateAddress}
          onChange={(event) => setAllowPrivate(event.currentTarget.checked)}
        />
        <FormProblem failure={probe.error ? asFailure(probe.error) : null} />
        <div>
          {whyNot ? (
            <ReasonButton variant="default" reason={whyNot}>
              Probe it now
            </ReasonButton>
          ) : (
            <Button type="submit" variant="default" loading={probe.isPending}>
              Probe it now
            </Button>
          )}
        </div>
      </FormStack>
    </form>
  );
}
