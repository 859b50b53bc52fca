import { Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { LinkButton } from '#src/apps/web/link-button.tsx';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay } from '#src/apps/web/session.ts';
import { ASSET_KINDS, type AssetKind, ITEM_STATES, type ItemPage, type ItemState } from '../model.ts';
import { BulkDecide } from './bulk-decide.tsx';
import { InventoryPage } from './inventory-page.tsx';
import { ItemDrawer } from './item-drawer.tsx';
import { ItemTable } from './item-table.tsx';
import { itemsQuery, systemsQuery } from './queries.ts';

const route = getRouteApi('/app/inventory/items');

export function ItemsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay('inventory.write');
  const mayScan = useMay('scans.run');
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const state = search.state === 'all' ? undefined : search.state;
  const query = useQuery({
    ...itemsQuery({ kind: search.kind, state, system: search.system }),
    placeholderData: keepPreviousData,
  });
  const put = (change: Partial<typeof search>) => {
    setSelected(new Set());
    navigate({ search: (held) => ({ ...held, ...change }), replace: true });
  };
  const filtered = search.kind || search.state || search.system;

  return (
    <InventoryPage tab="Items">
      {selected.size > 0 ? <BulkDecide ids={[...selected]} onDone={() => setSelected(new Set())} /> : null}
      <Loaded query={query} what="the items">
        {(page) => (
          <ItemTable
            page={page}
            fileName="inventory-items"
            search={search}
            filters={<Filters page={page} search={search} put={put} />}
            filterText={search.q ?? ''}
            onFilterText={(q) => navigate({ search: (held) => ({ ...held, q: q || undefined }), replace: true })}
            selection={mayWrite ? { selected, onChange: setSelected } : undefined}
            current={search.item}
            emptyText={
              filtered
                ? 'No item fits these filters.'
                : 'An item is one model, dataset, prompt, agent or AI service. Scan a source tree to find them, each with its file and line.'
            }
            emptyAction={
              !filtered && mayScan ? <LinkButton to="/inventory/scans">Scan a folder</LinkButton> : undefined
            }
          />
        )}
      </Loaded>
      <ItemDrawer
        itemId={search.item}
        onClose={() => navigate({ search: (held) => ({ ...held, item: undefined }), replace: true })}
      />
    </InventoryPage>
  );
}

type Search = ReturnType<typeof route.useSearch>;

function Filters({ page, search, put }: { page: ItemPage; search: Search; put: (change: Partial<Search>) => void }) {
  const systems = useQuery(systemsQuery).data?.items ?? [];
  const amount = (facets: Record<string, number>, key: string) => (facets[key] ?? 0).toLocaleString('en-US');
  return (
    <>
      <Select
        size="xs"
        w={190}
        aria-label="Kind"
        placeholder="Any kind"
        clearable
        value={search.kind ?? null}
        data={(Object.keys(ASSET_KINDS) as AssetKind[]).map((kind) => ({
          value: kind,
          label: `${ASSET_KINDS[kind]} (${amount(page.facets.kind, kind)})`,
        }))}
        onChange={(kind) => put({ kind: kind ?? undefined })}
      />
      <Select
        size="xs"
        w={150}
        aria-label="State"
        placeholder="Any state"
        clearable
        value={search.state === 'all' ? null : (search.state ?? null)}
        data={(Object.keys(ITEM_STATES) as ItemState[]).map((state) => ({
          value: state,
          label: `${ITEM_STATES[state]} (${amount(page.facets.state, state)})`,
        }))}
        onChange={(state) => put({ state: (state as ItemState | null) ?? undefined })}
      />
      <Select
        size="xs"
        w={180}
        aria-label="System"
        placeholder="Any system"
        clearable
        searchable
        value={search.system ?? null}
        data={[
          { value: 'none', label: 'No system' },
          ...systems.map((system) => ({ value: system.id, label: system.name })),
        ]}
        onChange={(system) => put({ system: system ?? undefined })}
      />
    </>
  );
}
