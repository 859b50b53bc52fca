import { Button, FileInput, Group, Select, TextInput } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty, Notice } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { type GatewayImport, type ImportedRoute, KIND_TITLES } from '../model.ts';

const importsQuery = queryOptions({
  queryKey: ['gateway-imports'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway-imports', { signal })),
});

const LOOKS = {
  yes: { state: 'pass', word: 'Yes' },
  no: { state: 'fail', word: 'No' },
  unknown: { state: 'no_data', word: 'Not known' },
} as const;

const said = (title: string, member: 'authenticated' | 'requestsLimited' | 'tokensLimited'): Column<ImportedRoute> => ({
  key: member,
  title,
  text: (route) => (route.isClosed ? 'Refuses every call' : `${LOOKS[route[member].state].word}: ${route[member].by}`),
  sort: (route) => route[member].state,
  render: (route) =>
    route.isClosed ? (
      'Refuses every call'
    ) : (
      <Group gap="xs" wrap="nowrap">
        <StateBadge {...LOOKS[route[member].state]} />
        <span>{route[member].by}</span>
      </Group>
    ),
});

const COLUMNS: Column<ImportedRoute>[] = [
  {
    key: 'route',
    title: 'Route',
    narrow: 'title',
    text: ({ route }) => route,
    sort: ({ route }) => route,
    render: ({ route }) => route,
  },
  said('Asks who calls', 'authenticated'),
  said('Limits requests', 'requestsLimited'),
  said('Limits tokens', 'tokensLimited'),
  {
    key: 'place',
    title: 'Where',
    text: ({ file, line }) => `${file} line ${line}`,
    render: ({ file, line }) => `${file} line ${line}`,
  },
];

/** Gateways beside this one, as their configuration says they are set up. */
export function ImportsPage() {
  const query = useQuery(importsQuery);
  return (
    <Page
      title="Other gateways"
      lead="What the configuration of Kong, Envoy, NGINX and LiteLLM says of authentication and limits, route by route. Evidence for API-01 and API-02, for 31 days from each import."
    >
      <Loaded query={query} what="the other gateways" rows={3}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty title="No other gateway was imported" command="bin/assay gateway import add edge kong.yaml">
              <p>Choose the files of one below. They are read and not kept: they may hold keys.</p>
            </Empty>
          ) : (
            page.items.map((one) => <Imported key={one.name} imported={one} />)
          )
        }
      </Loaded>
      <NewImport />
    </Page>
  );
}

function Imported({ imported }: { imported: GatewayImport }) {
  const { name, gateway, importedAt, cut, routes } = imported;
  const client = useQueryClient();
  const toast = useToast();
  const whyNot = useWhyNot('gateway.write', 'forget gateways');
  const remove = useMutation({
    mutationFn: () => answerOf(api.DELETE('/api/v1/gateway-imports/{name}', { params: { path: { name } } })),
    onSuccess: async () => {
      toast.done(`${name} is forgotten. Its evidence stays.`);
      await client.invalidateQueries({ queryKey: importsQuery.queryKey });
    },
  });
  return (
    <Section
      title={name}
      count={routes.length}
      lead={
        <>
          {KIND_TITLES[gateway]}, read <When at={importedAt} />
        </>
      }
      aside={
        <ReasonButton
          variant="default"
          size="xs"
          reason={whyNot}
          aria-label={`Forget ${name}`}
          onClick={() => remove.mutate()}
        >
          Forget
        </ReasonButton>
      }
      flush
    >
      <FormProblem failure={remove.error ? asFailure(remove.error) : null} />
      {cut === null ? null : <Notice tone="noData">Not read: {cut}</Notice>}
      <DataTable
        label={`Routes of ${name}`}
        rows={routes}
        columns={COLUMNS}
        rowKey={({ route }) => route}
        fileName={`gateway-${name}`}
        empty={null}
      />
    </Section>
  );
}

function NewImport() {
  const client = useQueryClient();
  const toast = useToast();
  const whyNot = useWhyNot('gateway.write', 'import gateways');
  const [name, setName] = useState('');
  const [gateway, setGateway] = useState<string | null>(null);
  const [files, setFiles] = useState<File[]>([]);
  const add = useMutation({
    mutationFn: async () =>
      answerOf(
        api.POST('/api/v1/gateway-imports', {
          body: {
            name,
            ...(gateway !== null && { gateway: gateway as GatewayImport['gateway'] }),
            files: await Promise.all(files.map(async (file) => ({ name: file.name, text: await file.text() }))),
          },
        }),
      ),
    onSuccess: async ({ name: added, routes }) => {
      toast.done(`${added}: ${routes.length} ${routes.length === 1 ? 'route' : 'routes'} read`);
      setFiles([]);
      await client.invalidateQueries({ queryKey: importsQuery.queryKey });
    },
  });
  const blocked = (name.trim() === '' && 'Give it a name first.') || (files.length === 0 && 'Choose its files first.');
  return (
    <Section title="Import a gateway" flush>
      <form
        aria-label="Import a gateway"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <FormStack>
          <FormRow>
            <TextInput
              label="Name"
              description="The same name takes the place of what was read before."
              placeholder="edge"
              maxLength={63}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label="Gateway"
              description="Left empty, the files say which."
              placeholder="By its files"
              clearable
              clearButtonProps={{ 'aria-label': 'By its files' }}
              data={Object.entries(KIND_TITLES).map(([value, label]) => ({ value, label }))}
              value={gateway}
              onChange={setGateway}
            />
            <FileInput
              label="Files"
              description="YAML, JSON or nginx.conf, with what they include."
              placeholder="kong.yaml"
              multiple
              value={files}
              onChange={setFiles}
            />
          </FormRow>
          <FormProblem failure={add.error ? asFailure(add.error) : null} />
          <FormButtons>
            {whyNot || blocked ? (
              <ReasonButton reason={whyNot || blocked}>Import</ReasonButton>
            ) : (
              <Button type="submit" loading={add.isPending}>
                Import
              </Button>
            )}
          </FormButtons>
        </FormStack>
      </form>
    </Section>
  );
}
