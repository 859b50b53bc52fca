import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { ASSET_KINDS, type AssetKind } from '#src/features/inventory/model.ts';
import { oneOf, optional, type Search, text } from '../search-params.ts';
import { app } from './frame.ts';

const ASSET_KIND_IDS = Object.keys(ASSET_KINDS) as AssetKind[];

const systems = createRoute({
  getParentRoute: () => app,
  path: '/inventory',
  validateSearch: (search: Search) => optional({ q: text(search.q) }),
  component: lazyRouteComponent(() => import('#src/features/inventory/web/systems-page.tsx'), 'SystemsPage'),
});

const system = createRoute({
  getParentRoute: () => app,
  path: '/inventory/systems/$systemId',
  component: lazyRouteComponent(() => import('#src/features/inventory/web/system-page.tsx'), 'SystemPage'),
});

const items = createRoute({
  getParentRoute: () => app,
  path: '/inventory/items',
  validateSearch: (search: Search) =>
    optional({
      q: text(search.q),
      kind: oneOf(search.kind, ASSET_KIND_IDS),
      state: oneOf(search.state, ['proposed', 'confirmed', 'rejected', 'gone', 'all']),
      system: text(search.system),
      item: text(search.item),
    }),
  component: lazyRouteComponent(() => import('#src/features/inventory/web/items-page.tsx'), 'ItemsPage'),
});

const item = createRoute({
  getParentRoute: () => app,
  path: '/inventory/items/$itemId',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/inventory/items', search: { item: params.itemId }, replace: true });
  },
});

const graph = createRoute({
  getParentRoute: () => app,
  path: '/inventory/graph',
  validateSearch: (search: Search) => optional({ system: text(search.system) }),
  component: lazyRouteComponent(() => import('#src/features/inventory/web/graph-page.tsx'), 'GraphPage'),
});

const scans = createRoute({
  getParentRoute: () => app,
  path: '/inventory/scans',
  component: lazyRouteComponent(() => import('#src/features/scans/web/scans-page.tsx'), 'ScansPage'),
});

const scan = createRoute({
  getParentRoute: () => app,
  path: '/inventory/scans/$scanId',
  component: lazyRouteComponent(() => import('#src/features/scans/web/scan-page.tsx'), 'ScanPage'),
});

export const inventoryRoutes = [systems, system, items, item, graph, scans, scan] as const;
