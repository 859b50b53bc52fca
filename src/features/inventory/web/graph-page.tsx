import { SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay } from '#src/apps/web/session.ts';
import { type Column, DataTable, rowLink } from '#src/ui/data-table.tsx';
import { Empty, Loading, Notice } from '#src/ui/feedback.tsx';
import { count } from '#src/ui/words.ts';
import { ASSET_KINDS, type InventoryGraph } from '../model.ts';
import { InventoryPage } from './inventory-page.tsx';
import { ItemDrawer } from './item-drawer.tsx';
import { graphQuery, systemsQuery } from './queries.ts';

const route = getRouteApi('/app/inventory/graph');

// The drawing and its layout weigh more than the rest of the app's first screen.
const Drawing = lazy(() => import('./graph-drawing.tsx').then((file) => ({ default: file.GraphDrawing })));

/** More boxes than this are no picture any more; the table holds them all. */
const DRAWN_MAX = 160;

export function GraphPage() {
  const { system } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(graphQuery(system));
  const systems = useQuery(systemsQuery).data?.items ?? [];
  const mayScan = useMay('scans.run');
  const [form, setForm] = useState<'drawing' | 'table'>('drawing');
  const [item, setItem] = useState<string>();

  function open(node: InventoryGraph['nodes'][number]) {
    if (node.type === 'item') setItem(node.id);
    else navigate({ to: '/inventory/systems/$systemId', params: { systemId: node.id } });
  }

  return (
    <InventoryPage tab="Graph">
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: '0.5rem' }}>
        <Select
          size="xs"
          w={240}
          aria-label="System"
          placeholder="All systems"
          clearable
          searchable
          value={system ?? null}
          data={systems.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(id) => navigate({ search: { system: id ?? undefined }, replace: true })}
        />
        <SegmentedControl
          aria-label="Show as"
          value={form}
          onChange={(value) => setForm(value as 'drawing' | 'table')}
          data={[
            { value: 'drawing', label: 'Drawing' },
            { value: 'table', label: 'Table' },
          ]}
        />
      </div>
      <Loaded query={query} what="the graph">
        {(graph) =>
          graph.nodes.length === 0 ? (
            <Empty
              title="Nothing to draw yet"
              action={mayScan ? <LinkButton to="/inventory/scans">Scan a folder</LinkButton> : undefined}
            >
              Here you see which system uses which model, prompt, dataset and service. A scan finds the items and their
              links.
            </Empty>
          ) : (
            <>
              {graph.cut ? (
                <Notice tone="stale">
                  Only {count(graph.nodes.length, 'node')} of {graph.total.toLocaleString('en-US')} are read. Choose a
                  system.
                </Notice>
              ) : null}
              {form === 'drawing' && graph.nodes.length <= DRAWN_MAX ? (
                <Suspense fallback={<Loading what="the drawing" rows={10} />}>
                  <Drawing graph={graph} onOpen={open} />
                </Suspense>
              ) : (
                <>
                  {form === 'drawing' ? (
                    <Notice>
                      {count(graph.nodes.length, 'node')} are too many for a picture. Choose a system above, or read the
                      table.
                    </Notice>
                  ) : null}
                  <EdgeTable graph={graph} onOpen={open} />
                </>
              )}
            </>
          )
        }
      </Loaded>
      <ItemDrawer itemId={item} onClose={() => setItem(undefined)} />
    </InventoryPage>
  );
}

type Node = InventoryGraph['nodes'][number];
type Row = { key: string; from: Node; relation: string; to: Node; origin: string };

const kindOf = (node: Node) =>
  node.type === 'system' ? 'AI system' : (ASSET_KINDS[node.kind as keyof typeof ASSET_KINDS] ?? node.kind);

function EdgeTable({ graph, onOpen }: { graph: InventoryGraph; onOpen: (node: Node) => void }) {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const rows = graph.edges.flatMap((edge): Row[] => {
    const from = nodes.get(edge.from);
    const to = nodes.get(edge.to);
    if (!from || !to) return [];
    return [
      {
        key: `${edge.from} ${edge.to}`,
        from,
        to,
        relation: edge.relation === 'uses' ? 'uses' : 'is part of',
        origin: edge.origin === 'scan' ? 'found by a scan' : 'drawn by hand',
      },
    ];
  });
  const name = (node: Node, isRow: boolean) =>
    node.type === 'system' ? (
      <Link to="/inventory/systems/$systemId" params={{ systemId: node.id }} {...(isRow ? rowLink : {})}>
        {node.title}
      </Link>
    ) : (
      <Link
        to="/inventory/items"
        search={{ item: node.id, state: 'all' }}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          onOpen(node);
        }}
        {...(isRow ? rowLink : {})}
      >
        {node.title}
      </Link>
    );
  const columns: Column<Row>[] = [
    {
      key: 'from',
      title: 'From',
      narrow: 'title',
      text: (row) => row.from.title,
      render: (row) => name(row.from, true),
    },
    { key: 'fromKind', title: 'Kind', text: (row) => kindOf(row.from), render: (row) => kindOf(row.from) },
    { key: 'relation', title: 'Relation', text: (row) => row.relation, render: (row) => row.relation },
    { key: 'to', title: 'To', text: (row) => row.to.title, render: (row) => name(row.to, false) },
    {
      key: 'toKind',
      title: 'Kind of that',
      narrow: 'hide',
      text: (row) => kindOf(row.to),
      render: (row) => kindOf(row.to),
    },
    { key: 'origin', title: 'Known from', narrow: 'hide', text: (row) => row.origin, render: (row) => row.origin },
  ];
  return (
    <DataTable
      label="Links"
      rows={rows}
      columns={columns}
      rowKey={(row) => row.key}
      fileName="inventory-links"
      empty={<Empty title="No links">None of these items is linked to another one yet.</Empty>}
    />
  );
}
