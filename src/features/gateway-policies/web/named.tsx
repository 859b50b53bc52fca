import { useQuery } from '@tanstack/react-query';
import { gatewayKeysQuery, providersQuery, routesQuery, tenantsQuery } from './queries.ts';

export type NamedKind = 'tenant' | 'key' | 'route' | 'provider';

/** What tenants, keys, routes and providers are called; an id that nothing has any more stands for itself. */
export function useGatewayNames(): (kind: NamedKind, id: string) => string {
  const tenants = useQuery(tenantsQuery).data?.items;
  const keys = useQuery(gatewayKeysQuery).data?.items;
  const routes = useQuery(routesQuery).data?.items;
  const providers = useQuery(providersQuery).data?.items;
  return (kind, id) => {
    if (kind === 'route') return routes?.find((one) => one.id === id)?.path ?? id;
    const lists = { tenant: tenants, key: keys, provider: providers };
    return lists[kind]?.find((one) => one.id === id)?.name ?? id;
  };
}

/** The name, with the id to be seen by pointing at it. */
export function Named({ kind, id }: { kind: NamedKind; id: string }) {
  const name = useGatewayNames()(kind, id);
  return <span title={id}>{name}</span>;
}
