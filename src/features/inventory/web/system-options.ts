import { useQuery } from '@tanstack/react-query';
import { systemsQuery } from './queries.ts';

/** The AI systems of the inventory to choose from. */
export function useSystemOptions(): { value: string; label: string }[] {
  const systems = useQuery(systemsQuery).data;
  return (systems?.items ?? []).map((system) => ({ value: system.id, label: system.name }));
}
