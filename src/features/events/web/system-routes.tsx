import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay, useWhyNot } from '#src/apps/web/session.ts';
import { routesQuery } from '#src/features/gateway-policies/web/queries.ts';
import { systemsQuery } from '#src/features/inventory/web/queries.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import type { EventRoute } from '../model.ts';
import { eventRoutesQuery, useAssignRoute } from './queries.ts';
import classes from './system-routes.module.css';

type Assigned = EventRoute & { path: string };

/** The routes of the gateway whose calls are operations of one AI system; nothing where the reader may not see the gateway. */
export function SystemRoutes({ systemId }: { systemId: string }) {
  const maySeeGateway = useMay('gateway.read');
  const maySeeEvents = useMay('events.read');
  return maySeeGateway && maySeeEvents ? <Routes systemId={systemId} /> : null;
}

function Routes({ systemId }: { systemId: string }) {
  const routes = useQuery(routesQuery);
  const assigned = useQuery(eventRoutesQuery);
  const systems = useQuery(systemsQuery);
  const whyNot = useWhyNot('monitors.write', 'assign routes');
  const assign = useAssignRoute();
  const [leaving, setLeaving] = useState<Assigned | null>(null);
  const pathOf = new Map((routes.data?.items ?? []).map(({ id, path }) => [id, path]));
  const own = (assigned.data?.items ?? [])
    .filter((one) => one.systemId === systemId)
    .map((one) => ({ ...one, path: pathOf.get(one.routeId) ?? `${one.routeId} (removed)` }));
  const nameOf = new Map((systems.data?.items ?? []).map(({ id, name }) => [id, name]));
  const systemOf = new Map((assigned.data?.items ?? []).map((one) => [one.routeId, one.systemId]));
  const others = (routes.data?.items ?? [])
    .filter(({ id }) => systemOf.get(id) !== systemId)
    .map(({ id, path }) => {
      const held = systemOf.get(id);
      return { value: id, label: held === undefined ? path : `${path}, now of ${nameOf.get(held) ?? held}` };
    });
  return (
    <Section
      title="Gateway routes"
      count={own.length}
      flush
      lead="Calls on these paths are operations of this system, for its monitors."
      aside={
        <Link to="/evidence/ledger" search={{ type: 'gateway.route-changed' }}>
          History in the ledger
        </Link>
      }
    >
      <Loaded query={routes} what="the routes">
        {() => (
          <Loaded query={assigned} what="the assigned routes">
            {() => (
              <>
                <DataTable
                  label="Gateway routes"
                  rows={own}
                  columns={columnsWith({ whyNot, onLeave: setLeaving })}
                  rowKey={({ routeId }) => routeId}
                  fileName="gateway-routes"
                  empty={
                    <Empty title="No route yet">
                      {pathOf.size === 0
                        ? 'The gateway has no route. A provider brings its paths, under Gateway.'
                        : 'Without one, calls through the gateway are operations of no system.'}
                    </Empty>
                  }
                />
                {others.length > 0 && whyNot === null ? (
                  <div className={classes.add}>
                    <Select
                      size="xs"
                      label="Assign a route"
                      placeholder="Choose a path"
                      data={others}
                      value={null}
                      disabled={assign.isPending}
                      onChange={(routeId) =>
                        routeId && assign.mutate({ routeId, path: pathOf.get(routeId) ?? routeId, systemId })
                      }
                    />
                  </div>
                ) : null}
              </>
            )}
          </Loaded>
        )}
      </Loaded>
      <Confirm
        opened={leaving !== null}
        title={`Take ${leaving?.path} from this system?`}
        loses="Its calls from now on belong to no system and no monitor counts them. Your name and the moment go into the ledger."
        action="Take away"
        busy={assign.isPending}
        error={null}
        onConfirm={() => {
          if (!leaving) return;
          assign.mutate(
            { routeId: leaving.routeId, path: leaving.path, systemId: null },
            { onSettled: () => setLeaving(null) },
          );
        }}
        onClose={() => setLeaving(null)}
      />
    </Section>
  );
}

function columnsWith(act: { whyNot: string | null; onLeave: (route: Assigned) => void }): Column<Assigned>[] {
  return [
    {
      key: 'path',
      title: 'Path',
      narrow: 'title',
      text: ({ path }) => path,
      render: ({ path }) => <code>{path}</code>,
    },
    {
      key: 'set',
      title: 'Assigned',
      text: ({ setAt }) => setAt,
      render: ({ setAt, setBy }) => (
        <>
          <When at={setAt} both /> by {setBy.name}
        </>
      ),
    },
    {
      key: 'leave',
      title: 'Action',
      text: () => '',
      sort: false,
      render: (route) => (
        <ReasonButton
          variant="default"
          size="compact-sm"
          reason={act.whyNot}
          aria-label={`Take ${route.path} away`}
          onClick={() => act.onLeave(route)}
        >
          Take away …
        </ReasonButton>
      ),
    },
  ];
}
