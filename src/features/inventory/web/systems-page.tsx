import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay } from '#src/apps/web/session.ts';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { count, listOf } from '#src/ui/words.ts';
import { type AiSystem, DATA_CLASSES, ENVIRONMENTS } from '../model.ts';
import { InventoryPage } from './inventory-page.tsx';
import { NewSystem } from './new-system.tsx';
import { systemsQuery } from './queries.ts';

const route = getRouteApi('/app/inventory');

const COLUMNS: Column<AiSystem>[] = [
  {
    key: 'name',
    title: 'System',
    text: (system) => system.name,
    narrow: 'title',
    render: (system) => (
      <Link to="/inventory/systems/$systemId" params={{ systemId: system.id }} {...rowLink}>
        {system.name}
      </Link>
    ),
  },
  {
    key: 'state',
    title: 'State',
    text: (system) => system.state,
    render: (system) => <StateBadge state={system.state} />,
  },
  {
    key: 'scope',
    title: 'Scope',
    text: (system) => system.scope.decision,
    render: (system) => <StateBadge state={system.scope.decision} />,
  },
  {
    key: 'owner',
    title: 'Owner',
    text: (system) => system.owner?.name ?? '',
    render: (system) => system.owner?.name ?? <span>–</span>,
  },
  {
    key: 'tier',
    title: 'Risk tier',
    numeric: true,
    text: (system) => system.riskTier?.toString() ?? '',
    sort: (system) => system.riskTier,
    render: (system) => system.riskTier ?? '–',
  },
  {
    key: 'environment',
    title: 'Environment',
    text: (system) => (system.environment ? ENVIRONMENTS[system.environment] : ''),
    render: (system) => (system.environment ? ENVIRONMENTS[system.environment] : '–'),
  },
  {
    key: 'data',
    title: 'Data',
    narrow: 'hide',
    text: (system) => system.dataClasses.map((name) => DATA_CLASSES[name]).join(', '),
    render: (system) => system.dataClasses.map((name) => DATA_CLASSES[name]).join(', ') || '–',
  },
  {
    key: 'items',
    title: 'Items',
    numeric: true,
    text: (system) => String(system.counts.items),
    sort: (system) => system.counts.items,
    render: (system) => (
      <Link to="/inventory/items" search={{ system: system.id, state: 'all' }}>
        {system.counts.items.toLocaleString('en-US')}
      </Link>
    ),
  },
  {
    key: 'missing',
    title: 'Missing',
    text: (system) => listOf(system.missing),
    sort: (system) => system.missing.length,
    render: (system) => (system.missing.length === 0 ? 'Nothing' : listOf(system.missing)),
  },
];

export function SystemsPage() {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(systemsQuery);
  const mayWrite = useMay('inventory.write');
  const mayScan = useMay('scans.run');
  const [adding, setAdding] = useState(false);
  return (
    <InventoryPage tab="AI systems">
      <Loaded query={query} what="the AI systems">
        {(page) => (
          <DataTable
            label="AI systems"
            rows={page.items}
            columns={COLUMNS}
            rowKey={(system) => system.id}
            fileName="ai-systems"
            filterText={q ?? ''}
            onFilterText={(text) => navigate({ search: { q: text || undefined }, replace: true })}
            filters={
              mayWrite ? (
                <Button
                  variant="default"
                  leftSection={<IconPlus size={14} aria-hidden />}
                  onClick={() => setAdding(true)}
                >
                  Add a system
                </Button>
              ) : null
            }
            note={`${count(page.items.filter((system) => system.missing.length > 0).length, 'system')} with something missing`}
            empty={
              <Empty
                title="No AI system is known yet"
                command="bin/assay scan PATH --record"
                action={mayScan ? <LinkButton to="/inventory/scans">Scan a folder</LinkButton> : undefined}
              >
                A system is one or more models, prompts, datasets and services that together do something. Scan a source
                tree and each folder that holds AI is proposed as one, or add a system by hand.
              </Empty>
            }
          />
        )}
      </Loaded>
      <NewSystem opened={adding} onClose={() => setAdding(false)} />
    </InventoryPage>
  );
}
