import { Select, VisuallyHidden } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay } from '#src/apps/web/session.ts';
import { eventRoutesQuery, useAssignRoute } from '#src/features/events/web/queries.ts';
import type { Policy } from '#src/features/gateway-policies/model.ts';
import type { Provider } from '#src/features/gateway-providers/model.ts';
import type { Tenant } from '#src/features/gateway-tenants/model.ts';
import { systemsQuery } from '#src/features/inventory/web/queries.ts';
import { CodeBlock } from '#src/ui/code-block.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty, Notice } from '#src/ui/feedback.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { StateBadge, StateIcon } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { count } from '#src/ui/words.ts';
import type { GatewayRoute } from '../model.ts';
import classes from './gateway.module.css';
import { policiesQuery, providersQuery, routesQuery, tenantsQuery } from './queries.ts';

const COMMANDS = `export OPENAI_API_KEY=sk-…
bin/assay gateway provider add openai --kind openai --key-env OPENAI_API_KEY --starter-policy
bin/assay gateway tenant add my-app --internal
bin/assay gateway key create my-app backend`;

const clients = (address: string) => `// OpenAI: one line changes
const openai = new OpenAI({ baseURL: '${address}/v1', apiKey: process.env.ASSAY_GATEWAY_KEY });

// Anthropic: one line changes
const anthropic = new Anthropic({ baseURL: '${address}', apiKey: process.env.ASSAY_GATEWAY_KEY });`;

/** How far the set-up is, how to connect, and what is checked on which path. */
export function GatewayOverview() {
  const providers = useQuery(providersQuery);
  const tenants = useQuery(tenantsQuery);
  const policies = useQuery(policiesQuery);
  const routes = useQuery(routesQuery);
  return (
    <Page
      title="Gateway"
      lead="Stands between callers and models: knows who calls, limits what they use, screens prompts and answers, and keeps a record that can be proven."
    >
      <Loaded query={providers} what="the providers">
        {({ items: known }) => (
          <Loaded query={tenants} what="the tenants">
            {({ items: callers }) => (
              <Loaded query={routes} what="the routes">
                {({ items: paths, address }) => (
                  <>
                    <Steps
                      providers={known}
                      tenants={callers.filter(({ purpose }) => purpose === 'callers')}
                      routes={paths}
                    />
                    <Coverage routes={paths} policies={policies.data?.items ?? []} />
                    <Connect empty={known.length === 0} address={address} />
                  </>
                )}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

function Steps({
  providers,
  tenants,
  routes,
}: {
  providers: readonly Provider[];
  tenants: readonly Tenant[];
  routes: readonly GatewayRoute[];
}) {
  const withKey = providers.filter(({ keySetAt, authStyle }) => keySetAt !== null || authStyle === 'none').length;
  const keys = tenants.reduce((sum, tenant) => sum + tenant.keys.active, 0);
  const bare = routes.filter(({ policyVersion }) => policyVersion === null).length;
  return (
    <Section title="What is set up">
      <ol className={classes.steps}>
        <Step
          done={withKey > 0}
          title="A provider answers"
          action={
            <LinkButton to="/gateway/providers" variant="default">
              Providers
            </LinkButton>
          }
        >
          {providers.length === 0
            ? 'None yet. Add one with its key; the key goes into the secret store and callers never see it.'
            : `${count(providers.length, 'provider')}, ${withKey} ready to be called.`}
        </Step>
        <Step
          done={routes.length > 0 && bare === 0}
          title="A policy is in force on every path"
          action={
            <LinkButton to="/gateway/policies" variant="default">
              Policies
            </LinkButton>
          }
        >
          {routes.length === 0
            ? 'A provider brings its paths. Without a policy in force, calls to a path are refused.'
            : bare === 0
              ? `Prompts and answers are checked on all ${count(routes.length, 'path')}.`
              : `${count(bare, 'path')} of ${routes.length} without one: nothing there is screened, and calls are refused.`}
        </Step>
        <Step
          done={keys > 0}
          title="A tenant has a key"
          action={
            <LinkButton to="/gateway/tenants" variant="default">
              Tenants and keys
            </LinkButton>
          }
        >
          {tenants.length === 0
            ? 'A tenant is a customer, or a service of your own. Each has limits and keys of its own.'
            : `${count(tenants.length, 'tenant')}, ${count(keys, 'key')} that work.`}
        </Step>
      </ol>
    </Section>
  );
}

function Step({
  done,
  title,
  action,
  children,
}: {
  done: boolean;
  title: string;
  action: ReactNode;
  children: ReactNode;
}) {
  return (
    <li className={classes.step}>
      <StateIcon state={done ? 'pass' : 'never'} sizePx={18} />
      <div>
        <strong>{title}</strong>
        <VisuallyHidden>{done ? ' (done)' : ' (not done)'}</VisuallyHidden>
        <p>{children}</p>
      </div>
      {action}
    </li>
  );
}

function Coverage({ routes, policies }: { routes: readonly GatewayRoute[]; policies: readonly Policy[] }) {
  const bare = routes.filter(({ policyVersion }) => policyVersion === null);
  const open = routes.filter(({ onFailure }) => onFailure === 'open');
  const systems = useSystems();
  return (
    <Section
      title="What is checked on which path"
      count={routes.length}
      flush
      lead="The strictest thing the policy in force does with prompts and with answers. A tenant with a policy of its own is screened by that one."
    >
      {bare.length > 0 ? (
        <Notice tone="fail">
          Nothing is screened on {bare.map(({ path }) => path).join(', ')}: no policy is in force there, and every call
          is refused.
        </Notice>
      ) : null}
      {open.length > 0 ? (
        <Notice tone="stale">
          {open.map(({ path }) => path).join(', ')} {open.length === 1 ? 'fails' : 'fail'} open: what could not be
          checked is let through.
        </Notice>
      ) : null}
      <DataTable
        label="Paths"
        rows={routes}
        columns={columnsWith(policies, systems)}
        rowKey={({ id }) => id}
        fileName="gateway-paths"
        empty={
          <Empty title="No path yet">
            Add a provider: it brings a path of its own, and the one that unchanged clients ask for.
          </Empty>
        }
      />
    </Section>
  );
}

function columnsWith(policies: readonly Policy[], systems: Systems): Column<GatewayRoute>[] {
  return [
    {
      key: 'path',
      title: 'Path',
      narrow: 'title',
      text: ({ path }) => path,
      render: ({ path }) => <code>{path}</code>,
    },
    {
      key: 'provider',
      title: 'Leads to',
      text: ({ providerName }) => providerName,
      render: ({ providerName }) => providerName,
    },
    {
      key: 'policy',
      title: 'Policy',
      text: (route) => (route.policyVersion === null ? 'none in force' : `${route.policyName} ${route.policyVersion}`),
      render: (route) => <ChoosePolicy route={route} policies={policies} />,
    },
    {
      key: 'system',
      title: 'AI system',
      text: ({ id }) => systems.nameOf(systems.byRoute.get(id)) ?? 'none',
      render: (route) => <ChooseSystem route={route} systems={systems} />,
    },
    {
      key: 'input',
      title: 'Prompts',
      text: ({ screening }) => screening.input,
      render: (route) => <Screened route={route} direction="input" />,
    },
    {
      key: 'output',
      title: 'Answers',
      text: ({ screening }) => screening.output,
      render: (route) => <Screened route={route} direction="output" />,
    },
    {
      key: 'failure',
      title: 'If a check fails',
      text: ({ onFailure }) => onFailure ?? '',
      render: ({ onFailure }) => (onFailure === null ? 'refused' : onFailure === 'closed' ? 'refused' : 'let through'),
    },
  ];
}

function Screened({ route, direction }: { route: GatewayRoute; direction: 'input' | 'output' }) {
  const action = route.screening[direction];
  if (action === 'none') return <StateBadge state="failing" word="Not checked" />;
  if (action === 'block' || action === 'redact')
    return <StateBadge state="passing" word={action === 'block' ? 'Blocks' : 'Redacts'} />;
  return <StateBadge state="partial" word={action === 'flag' ? 'Only flags' : 'Only observes'} />;
}

function ChoosePolicy({ route, policies }: { route: GatewayRoute; policies: readonly Policy[] }) {
  const mayWrite = useMay('gateway.write');
  const toast = useToast();
  const change = useMutation({
    mutationFn: (policyId: string | null) =>
      answerOf(api.PATCH('/api/v1/gateway/routes/{id}', { params: { path: { id: route.id } }, body: { policyId } })),
    onSuccess: ({ policyMoveId }) =>
      policyMoveId === null
        ? toast.done(`${route.path} changed`)
        : toast.done(
            `${route.path} waits for a second person`,
            'The policy is milder. Its differences are under Policies.',
          ),
    onError: (error) => toast.failed(`${route.path} was not changed`, asFailure(error).message),
  });
  if (!mayWrite || policies.length === 0)
    return route.policyId === null ? (
      <StateBadge state="no_policy" />
    ) : (
      <Link to="/gateway/policies/$policyId" params={{ policyId: route.policyId }}>
        {route.policyName} {route.policyVersion ?? '(none in force)'}
      </Link>
    );
  return (
    <Select
      size="xs"
      aria-label={`Policy of ${route.path}`}
      placeholder="No policy"
      data={policies.map(({ id, name, inForceVersion }) => ({
        value: id,
        label: inForceVersion === null ? `${name} (none in force)` : `${name}, version ${inForceVersion}`,
      }))}
      value={route.policyId}
      allowDeselect={false}
      disabled={change.isPending}
      onChange={(id) => id && change.mutate(id)}
    />
  );
}

type Systems = {
  byRoute: ReadonlyMap<string, string>;
  nameOf: (systemId: string | undefined) => string | undefined;
  choices: { value: string; label: string }[];
};

/** The AI systems and which path belongs to which. */
function useSystems(): Systems {
  const systems = useQuery(systemsQuery).data?.items ?? [];
  const assigned = useQuery(eventRoutesQuery).data?.items ?? [];
  const names = new Map(systems.map(({ id, name }) => [id, name]));
  return {
    byRoute: new Map(assigned.map(({ routeId, systemId }) => [routeId, systemId])),
    nameOf: (systemId) => (systemId === undefined ? undefined : (names.get(systemId) ?? systemId)),
    choices: systems
      .filter(({ state }) => state !== 'rejected' && state !== 'retired')
      .map(({ id, name }) => ({ value: id, label: name })),
  };
}

function ChooseSystem({ route, systems }: { route: GatewayRoute; systems: Systems }) {
  const mayAssign = useMay('monitors.write');
  const assign = useAssignRoute();
  const systemId = systems.byRoute.get(route.id);
  if (!mayAssign || systems.choices.length === 0)
    return systemId === undefined ? (
      'none'
    ) : (
      <Link to="/inventory/systems/$systemId" params={{ systemId }}>
        {systems.nameOf(systemId)}
      </Link>
    );
  return (
    <Select
      size="xs"
      aria-label={`AI system of ${route.path}`}
      placeholder="None"
      clearable
      data={systems.choices}
      value={systemId ?? null}
      disabled={assign.isPending}
      onChange={(id) => assign.mutate({ routeId: route.id, path: route.path, systemId: id })}
    />
  );
}

function Connect({ empty, address }: { empty: boolean; address: string }) {
  return (
    <Section
      title={empty ? 'From nothing to the first call' : 'Connect an application'}
      flush
      lead={
        empty
          ? 'Three commands, or the pages above; then one changed base URL. The last command prints a key, once.'
          : 'Change one base URL and use a key of the gateway.'
      }
    >
      <div className={classes.codes}>
        {empty ? <CodeBlock label="In a terminal" text={COMMANDS} numbered={false} /> : null}
        <CodeBlock label="In your application" text={clients(address)} numbered={false} />
      </div>
    </Section>
  );
}
